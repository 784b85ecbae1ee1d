#include "activity/changes/commit_stop.h"

namespace ghstats::activity {

bool CommitStop::wants_more_after(std::span<const github::HistoryCommit> page) {
  for (const github::HistoryCommit& told : page) {
    if (!known_ || complete_) break;
    complete_ = told.commit.sha == *known_;
    if (!complete_ && told.commit.merge) known_.reset();
  }
  return !complete_;
}

}  // namespace ghstats::activity
