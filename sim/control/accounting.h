// Who asked for what, for tests that count requests.
#pragma once

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace ghstats::sim {

// Not thread-safe.
class Accounting {
 public:
  // `status` 0: the connection was reset. `points` of GraphQL.
  void add(const std::string& endpoint, int status, bool paid, std::int64_t points = 0);
  void enter() { peak_ = std::max(peak_, ++in_flight_); }
  void leave() { --in_flight_; }
  [[nodiscard]] std::int64_t in_flight() const { return in_flight_; }

  // Forgets counts; what is in flight stays.
  void reset();

  // {"total", "paid", "free", "points", "in_flight", "peak_in_flight",
  //  "endpoints": [{"endpoint": "GET /repos/{owner}/{repo}/commits", "status": 200, "count", "paid", "points"}]}
  [[nodiscard]] boost::json::value to_json() const;

 private:
  struct Count {
    std::int64_t all = 0;
    std::int64_t paid = 0;
    std::int64_t points = 0;
  };
  std::map<std::pair<std::string, int>, Count> counts_;
  std::int64_t in_flight_ = 0;
  std::int64_t peak_ = 0;
};

}  // namespace ghstats::sim
