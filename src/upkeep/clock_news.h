// Says when our clock and another differ, and when they agree again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/remote_clock.h"
#include "log/log.h"

namespace ghstats::upkeep {

struct NamedClock {
  std::string name;  // label value of gh_exporter_clock_skew_seconds: "github", "redis"
  const RemoteClock* clock = nullptr;
};

// All calls on one thread. Everything referred to must outlive it.
class ClockNews {
 public:
  // A difference is one when it has lasted so long: an answer that was slow, or came in the middle of a correction, is
  // none.
  static constexpr std::chrono::seconds kPatience{5};

  ClockNews(std::vector<NamedClock> others, log::Logger logger) : logger_(std::move(logger)) {
    for (NamedClock& other : others) episodes_.push_back({.other = std::move(other)});
  }

  // To be called every second. One warning when a difference of more than kSkewTolerance begins, one line when it ends.
  // Returns why our clock is in doubt, for health; success: it is not.
  Status look(const Clock& own);

 private:
  struct Episode {
    NamedClock other;
    std::optional<SteadyPoint> since = std::nullopt;
    std::optional<Error> told = std::nullopt;
  };
  void look_at(Episode& episode, std::chrono::nanoseconds lead, SteadyPoint now);

  log::Logger logger_;
  std::vector<Episode> episodes_;
};

}  // namespace ghstats::upkeep
