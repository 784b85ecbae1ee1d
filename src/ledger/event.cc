#include "ledger/event.h"

#include <utility>

namespace ghstats::ledger {

std::string_view to_string(EventKind kind) {
  switch (kind) {
    case EventKind::kCommit:
      return "commit";
    case EventKind::kPullRequestOpened:
      return "pr_opened";
    case EventKind::kPullRequestMerged:
      return "pr_merged";
    case EventKind::kReview:
      return "review";
    case EventKind::kIssueComment:
      return "issue_comment";
  }
  std::unreachable();
}

}  // namespace ghstats::ledger
