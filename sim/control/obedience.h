// Whether those who ask keep to the limits they were told of.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/duration.h"
#include "http/server.h"
#include "sim/access/rate_limit.h"

namespace ghstats::sim {

// What an answer says about limits, in the order docs.github.com wants it read.
struct Told {
  std::optional<bool> exhausted;  // the primary limit; none: not a word of it
  TimePoint reset;                // with exhausted: until then
  // A secondary limit's refusal. Without Retry-After: a minute.
  std::optional<std::chrono::seconds> wait;
};
Told told_by(const http::ServerResponse& response);

// Counts requests that came although a limit forbade them. The primary limit is over when the simulator's clock says
// so, a secondary one by real time. What comes within `grace` (real time) of the first answer that told of a limit may
// have been on its way already and does not count. Not thread-safe.
class Obedience {
 public:
  explicit Obedience(Duration grace) : grace_(grace) {}

  struct Request {
    std::string who;  // with one bucket of each primary limit
    Resource resource = Resource::kCore;
    std::string endpoint;
    bool free = false;  // the primary limit does not forbid it
    TimePoint now;
    SteadyPoint steady_now;
  };
  void arrived(const Request& request);
  // `resource`: whose primary limit it speaks of.
  void told(const std::string& who, Resource resource, const Told& told, SteadyPoint steady_now);

  // Forgets what was counted, not what was told.
  void reset();
  // {"forbidden", "forbidden_requests": [{"endpoint", "why": "primary"|"secondary", "who", "at", "after_ms"}]}, the
  // last 20, oldest first.
  [[nodiscard]] boost::json::object to_json() const;

 private:
  struct Exhausted {
    std::optional<TimePoint> until;
    SteadyPoint since;
  };
  struct Limits {
    std::map<Resource, Exhausted> exhausted;
    std::optional<SteadyPoint> wait_until;
    SteadyPoint waiting_since;
  };
  struct Offence {
    std::string endpoint;
    std::string why;
    std::string who;
    TimePoint at;
    Duration after{};  // since it was told
  };
  Duration grace_;
  std::map<std::string, Limits> limits_;
  std::int64_t count_ = 0;
  std::deque<Offence> last_;
};

}  // namespace ghstats::sim
