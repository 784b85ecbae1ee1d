// Who asked when, for tests about several clients at a time.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <deque>
#include <string>

#include "base/clock.h"

namespace ghstats::sim {

// The last requests, oldest first. Clients are told apart by the host that they asked for, so each needs an address of
// its own, of a proxy for example. Not thread-safe.
class Arrivals {
 public:
  static constexpr std::size_t kKept = 50'000;

  void add(std::string host, std::string endpoint, SteadyPoint at);

  // [{"host": "127.0.0.1:8081", "endpoint": "GET /repos/{owner}/{repo}/commits", "at_us": 1234}]: microseconds of the
  // machine's steady clock, which all its processes share.
  [[nodiscard]] boost::json::value to_json() const;

 private:
  struct Arrival {
    std::string host;
    std::string endpoint;
    SteadyPoint at;
  };
  std::deque<Arrival> arrivals_;
};

}  // namespace ghstats::sim
