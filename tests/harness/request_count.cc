#include "harness/request_count.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <stdexcept>

#include "harness/http.h"

namespace ghstats::harness {

RequestCount RequestCount::of(const Simulator& simulator) {
  RequestCount out;
  const auto document = boost::json::parse(get(simulator.url() + "/_sim/requests").body);
  for (const auto& entry : document.at("endpoints").as_array()) {
    out.entries_.push_back({std::string(entry.at("endpoint").as_string()), entry.at("status").to_number<int>(),
                            entry.at("count").to_number<std::int64_t>(), entry.at("paid").to_number<std::int64_t>()});
  }
  return out;
}

std::int64_t RequestCount::all(const std::string& endpoint, int status) const {
  std::int64_t sum = 0;
  for (const Entry& entry : entries_) {
    const bool asked_for = (endpoint.empty() || entry.endpoint == endpoint) && (status == 0 || entry.status == status);
    if (asked_for) sum += entry.all;
  }
  return sum;
}

std::int64_t RequestCount::paid(const std::string& endpoint) const {
  std::int64_t sum = 0;
  for (const Entry& entry : entries_) {
    if (endpoint.empty() || entry.endpoint == endpoint) sum += entry.paid;
  }
  return sum;
}

std::string RequestCount::text() const {
  std::string out;
  for (const Entry& entry : entries_) {
    out += fmt::format("{} {}: {}, paid {}\n", entry.endpoint, entry.status, entry.all, entry.paid);
  }
  return out;
}

void reset_requests(const Simulator& simulator) {
  const auto response = raw("DELETE", simulator.url() + "/_sim/requests");
  if (response.status / 100 != 2) throw std::runtime_error("reset requests: " + response.body);
}

}  // namespace ghstats::harness
