#include "harness/copilot_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <stdexcept>

#include "harness/http.h"

namespace ghstats::harness {
namespace {

namespace json = boost::json;

// The documents' names (contract.md section 9), not the product's table.
constexpr std::array kCounters = {"user_initiated_interaction_count",
                                  "code_generation_activity_count",
                                  "code_acceptance_activity_count",
                                  "loc_suggested_to_add_sum",
                                  "loc_suggested_to_delete_sum",
                                  "loc_added_sum",
                                  "loc_deleted_sum"};
constexpr std::array kPullRequests = {"total_created", "total_reviewed", "total_created_by_copilot",
                                      "total_reviewed_by_copilot"};

std::string difference(const Samples& page, const std::string& family, const Labels& labels, double right) {
  const double shown = sum_of(page, family, labels);
  if (shown == right) return {};
  std::string with;
  for (const auto& [name, value] : labels) with += " " + name + "=" + value;
  return fmt::format("{}{}: {} instead of {}\n", family, with, shown, right);
}

}  // namespace

void CopilotReports::set_up(const std::string& json) {
  const auto answer = post(url_ + "/_sim/copilot", json);
  if (answer.status != 200) throw std::runtime_error("set up Copilot: " + answer.body);
}

json::object CopilotReports::truth(const ReportName& name, const std::string& day, const std::string& more) const {
  std::string url = fmt::format("{}/_sim/copilot/truth?owner_kind={}&owner={}&report={}{}", url_, name.owner_kind,
                                name.owner, name.report, more);
  if (!day.empty()) url += "&day=" + day;
  const auto answer = get(url);
  if (answer.status != 200) throw std::runtime_error("truth about Copilot: " + answer.body);
  return json::parse(answer.body).as_object();
}

std::int64_t CopilotReports::count(const ReportName& name, const char* what) const {
  const auto state = json::parse(get(url_ + "/_sim/copilot").body);
  for (const auto& owner : state.at("owners").as_array()) {
    if (owner.at("owner_kind").as_string() != name.owner_kind || owner.at("owner").as_string() != name.owner) continue;
    const auto* counts = owner.at(what).as_object().if_contains(name.report);
    if (counts == nullptr) return 0;
    std::int64_t sum = 0;
    for (const auto& status : counts->as_object()) sum += status.value().to_number<std::int64_t>();
    return sum;
  }
  throw std::runtime_error("no Copilot of " + name.owner);
}

std::int64_t CopilotReports::links_asked(const ReportName& name) const {
  return count(name, "links");
}

std::int64_t CopilotReports::downloads(const ReportName& name) const {
  return count(name, "downloads");
}

std::int64_t CopilotReports::with_authorization() const {
  return json::parse(get(url_ + "/_sim/copilot").body).at("host").at("with_authorization").to_number<std::int64_t>();
}

std::string wrong_counters(const Samples& page, const json::object& counters, const Labels& labels) {
  std::string out;
  for (const char* field : kCounters) {
    out += difference(page, std::string("gh_copilot_usage_") + field, labels, counters.at(field).to_number<double>());
  }
  return out;
}

std::string wrong_sums(const Samples& page, const json::object& truth, const Labels& labels, bool pull_requests) {
  std::string out = wrong_counters(page, truth.at("totals").as_object(), labels);
  const auto* told = truth.if_contains("pull_requests");
  for (const char* field : kPullRequests) {
    const bool shown = pull_requests && told != nullptr && told->is_object() && told->as_object().contains(field);
    const double right = shown ? told->at(field).to_number<double>() : 0;
    out += difference(page, std::string("gh_copilot_usage_pull_requests_") + field, labels, right);
  }
  return out;
}

std::size_t copilot_series(const Samples& page, const Labels& labels) {
  std::size_t count = 0;
  for (const auto& [series, value] : page) {
    const bool fits = series.starts_with("gh_copilot_usage_") && std::ranges::all_of(labels, [&](const auto& label) {
                        return series.find(label.first + "=\"" + label.second + "\"") != std::string::npos;
                      });
    if (fits) ++count;
  }
  return count;
}

}  // namespace ghstats::harness
