// Spares asking for commits where nothing was pushed since they were last collected.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// pushed_at moves with every update of any ref (github-api.md 3.1), so while neither it nor the default branch changes,
// no commit has been added. In memory only: after a restart every repository is asked once. All calls on one thread.
class KnownPushes {
 public:
  // `settled`: a push younger than this when its commits were listed may have been followed by another within the same
  // second, or not have reached all of GitHub's servers.
  explicit KnownPushes(std::chrono::seconds settled) : settled_(settled) {}

  // The commits of `listed` (as the listing before showed it) were collected completely; `collected_until` is GitHub's
  // clock when it answered.
  void collected(const github::Repository& listed, TimePoint collected_until);

  // True: asking would bring no commit that is not known. `checkpoint`: how far the store says they were collected; an
  // older one than ours means that the store has forgotten.
  [[nodiscard]] bool nothing_new(const github::Repository& listed, std::optional<TimePoint> checkpoint) const;

 private:
  struct Push {
    std::optional<TimePoint> pushed_at;
    std::string default_branch;
    TimePoint collected_until;
  };
  std::chrono::seconds settled_;
  std::unordered_map<RepoId, Push> pushes_;  // as many as repositories were ever listed
};

}  // namespace ghstats::activity
