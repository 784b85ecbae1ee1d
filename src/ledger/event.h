// What people did on GitHub, one event each, identified as GitHub identifies it.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace ghstats::ledger {

// The order is that of the gauges in the metric catalogue.
enum class EventKind : std::uint8_t { kCommit, kPullRequestOpened, kPullRequestMerged, kReview, kIssueComment };
inline constexpr std::size_t kEventKinds = 5;
inline constexpr std::array<EventKind, kEventKinds> kAllEventKinds = {EventKind::kCommit, EventKind::kPullRequestOpened,
                                                                      EventKind::kPullRequestMerged, EventKind::kReview,
                                                                      EventKind::kIssueComment};

std::string_view to_string(EventKind kind);

// (kind, repo, id) is the identity: a second event with the same one is the same event, told again.
struct Event {
  EventKind kind{};
  RepoId repo{};
  std::string id;     // commit: 40 (or 64) hex digits of the sha; otherwise the decimal number GitHub gives it
  std::string user;   // label value, attributed as contract.md section 3
  TimePoint at;       // when it happened, whole seconds
  TimePoint version;  // GitHub's clock when this was told; of two tellings the later version wins
};

}  // namespace ghstats::ledger
