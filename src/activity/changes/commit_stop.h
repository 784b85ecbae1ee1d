// When a branch's history has been listed far enough, decided without I/O.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "github/graphql/model.h"

namespace ghstats::activity {

// History is told newest first and is asked for since the window's begin, so it ends there by itself. It is complete
// earlier where `known` is met, of whose history everything was collected, and no merge was told before: then each
// commit has one parent, and behind the known one comes only what is behind it. After a merge the other line's commits
// may follow the known one, being older; and who forced a push may have taken it away. Both end at the window's begin.
class CommitStop {
 public:
  explicit CommitStop(std::optional<std::string> known) : known_(std::move(known)) {}

  // The next page, whole: the known commit's page has others behind it, which count once like all. False: what follows
  // is known.
  bool wants_more_after(std::span<const github::HistoryCommit> page);

 private:
  std::optional<std::string> known_;  // absent: it cannot end the listing any more
  bool complete_ = false;
};

}  // namespace ghstats::activity
