#include "sim/control/arrivals.h"

#include <boost/json.hpp>
#include <chrono>
#include <utility>

namespace ghstats::sim {

void Arrivals::add(std::string host, std::string endpoint, SteadyPoint at) {
  if (arrivals_.size() == kKept) arrivals_.pop_front();
  arrivals_.push_back({std::move(host), std::move(endpoint), at});
}

boost::json::value Arrivals::to_json() const {
  boost::json::array out;
  for (const Arrival& arrival : arrivals_) {
    const auto at = std::chrono::floor<std::chrono::microseconds>(arrival.at.time_since_epoch());
    out.push_back(boost::json::object{{"host", arrival.host}, {"endpoint", arrival.endpoint}, {"at_us", at.count()}});
  }
  return out;
}

}  // namespace ghstats::sim
