#include "sim/control/accounting.h"

#include <boost/json.hpp>

namespace ghstats::sim {

void Accounting::add(const std::string& endpoint, int status, bool paid, std::int64_t points) {
  auto& count = counts_[{endpoint, status}];
  ++count.all;
  if (paid) ++count.paid;
  count.points += points;
}

void Accounting::reset() {
  counts_.clear();
  peak_ = in_flight_;
}

boost::json::value Accounting::to_json() const {
  Count sum;
  boost::json::array endpoints;
  for (const auto& [key, count] : counts_) {
    sum.all += count.all;
    sum.paid += count.paid;
    sum.points += count.points;
    endpoints.push_back(boost::json::object{{"endpoint", key.first},
                                            {"status", key.second},
                                            {"count", count.all},
                                            {"paid", count.paid},
                                            {"points", count.points}});
  }
  return boost::json::object{
      {"total", sum.all},        {"paid", sum.paid},        {"free", sum.all - sum.paid},       {"points", sum.points},
      {"in_flight", in_flight_}, {"peak_in_flight", peak_}, {"endpoints", std::move(endpoints)}};
}

}  // namespace ghstats::sim
