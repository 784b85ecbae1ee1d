// What the store knows of leaderships, for people who ask for it without a page.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "store/store.h"

namespace ghstats::app {

struct LeadershipNotice {
  std::uint64_t epoch = 0;
  std::string replica;
  TimePoint began;                      // by the leader's clock, in whole seconds
  std::optional<TimePoint> ended = {};  // absent: it lasts
  std::string why = {};                 // it ended; one line
  friend bool operator==(const LeadershipNotice&, const LeadershipNotice&) = default;
};

struct KnownLeaderships {
  std::optional<LeadershipNotice> current;  // told within kLeadershipLasts
  std::optional<LeadershipNotice> last;     // the one that ended last, within kEndIsKnown
};

inline constexpr std::chrono::seconds kLeadershipLasts{30};  // without being told again
inline constexpr std::chrono::hours kEndIsKnown{24 * 30};

// Tells it every few seconds until cancelled. A store that does not take it is told again.
async::Task<> tell_leadership(store::MetricStore& store, LeadershipNotice notice,
                              async::Sleeper sleep = async::sleep_for);

// Tells that it ended, and that its replica leads no longer. Waits for the store, for a second at most.
async::Task<> tell_end(store::MetricStore& store, LeadershipNotice notice);

// MetricStore::announced(), or the like of it.
using Announced = std::function<async::Task<Result<std::vector<store::Notice>>>(std::vector<std::string> names)>;

// What is of a later format or damaged is left out.
async::Task<Result<KnownLeaderships>> known_leaderships(Announced announced);

}  // namespace ghstats::app
