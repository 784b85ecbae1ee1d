#include "sim/copilot/setup.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <limits>

namespace ghstats::sim::copilot {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kGzipNames{"none", "encoding", "file"};
constexpr std::int64_t kMost = std::int64_t{1} << 40U;

std::unexpected<Error> wrong(std::string_view field, std::string_view wanted) {
  return fail(ErrorCode::kInvalidData, std::string(field) + ": " + std::string(wanted));
}

template <class Number>
Status take_number(std::string_view name, const json::value& value, std::int64_t least, std::int64_t most,
                   Number& out) {
  if (!value.is_int64() || value.as_int64() < least || value.as_int64() > most) {
    return wrong(name, "a number from " + std::to_string(least) + " to " + std::to_string(most) + " is needed");
  }
  out = static_cast<Number>(value.as_int64());
  return {};
}

Status take_flag(std::string_view name, const json::value& value, bool& out) {
  if (!value.is_bool()) return wrong(name, "true or false is needed");
  out = value.as_bool();
  return {};
}

Status take_day(std::string_view name, const json::value& value, std::optional<Day>& out) {
  out = value.is_string() ? parse_day(value.as_string()) : std::nullopt;
  if (!out) return wrong(name, "a day is needed, YYYY-MM-DD");
  return {};
}

Status take_logins(const json::value& value, std::set<std::string>& out) {
  out.clear();
  if (!value.is_array()) return wrong("without_users", "a list of logins is needed");
  for (const auto& login : value.as_array()) {
    if (!login.is_string()) return wrong("without_users", "a list of logins is needed");
    out.emplace(login.as_string());
  }
  return {};
}

Status take_gzip(const json::value& value, Gzip& out) {
  for (std::size_t i = 0; i < kGzipNames.size(); ++i) {
    if (value.is_string() && value.as_string() == kGzipNames[i]) {
      out = static_cast<Gzip>(i);
      return {};
    }
  }
  return wrong("gzip", "none, encoding or file");
}

Status take_no_report(const json::value& value, int& out) {
  const auto taken = take_number("no_report", value, 0, 404, out);
  if (taken && out != 0 && out != 204 && out != 404) return wrong("no_report", "204, 404, or 0 for none");
  return taken;
}

Status take(std::string_view name, const json::value& value, ReportSetup& setup) {
  if (name == "users") return take_number(name, value, 0, 10'000'000, setup.users);
  if (name == "seed") return take_number(name, value, 0, std::numeric_limits<std::int64_t>::max(), setup.seed);
  if (name == "days") return take_number(name, value, 1, kPeriodDays, setup.days);
  if (name == "lines_per_user") return take_number(name, value, 1, kPeriodDays, setup.lines_per_user);
  if (name == "one_line_per_user") return take_flag(name, value, setup.one_line_per_user);
  if (name == "shards") return take_number(name, value, 1, 10'000, setup.shards);
  if (name == "padding_bytes") return take_number(name, value, 0, kMost, setup.padding_bytes);
  if (name == "total_bytes") return take_number(name, value, 0, kMost, setup.total_bytes);
  if (name == "first_day") return take_day(name, value, setup.first_day);
  if (name == "last_day") return take_day(name, value, setup.last_day);
  if (name == "policy") return take_flag(name, value, setup.policy);
  if (name == "no_report") return take_no_report(value, setup.no_report);
  if (name == "without_users") return take_logins(value, setup.without_users);
  if (name == "gzip") return take_gzip(value, setup.gzip);
  if (name == "link_lifetime_seconds") {
    std::int64_t seconds = 0;
    const auto taken = take_number(name, value, 0, 366LL * 86'400, seconds);
    setup.link_lifetime = std::chrono::seconds{seconds};
    return taken;
  }
  if (name == "redirect") {
    if (!value.is_string()) return wrong(name, "a URL is needed");
    setup.redirect = value.as_string();
    return {};
  }
  return wrong(name, "no such field");
}

void set_default(std::string_view name, ReportSetup& setup) {
  static const json::object defaults = to_json({});
  if (name == "first_day") setup.first_day.reset();
  if (name == "last_day") setup.last_day.reset();
  if (const auto* const value = defaults.if_contains(name); value != nullptr && !value->is_null()) {
    (void)take(name, *value, setup);
  }
}

}  // namespace

Status apply(const json::object& wish, ReportSetup& setup) {
  auto changed = setup;
  for (const auto& [key, value] : wish) {
    const std::string_view name = key;
    if (name == "owner_kind" || name == "owner" || name == "faults") continue;
    if (value.is_null()) {
      set_default(name, changed);
      continue;
    }
    const auto taken = take(name, value, changed);
    if (!taken) return taken;
  }
  setup = std::move(changed);
  return {};
}

json::object to_json(const ReportSetup& setup) {
  const auto day = [](const std::optional<Day>& d) { return d ? json::value(format_day(*d)) : json::value(); };
  return {{"users", setup.users},
          {"seed", static_cast<std::int64_t>(setup.seed)},
          {"days", setup.days},
          {"lines_per_user", setup.lines_per_user},
          {"one_line_per_user", setup.one_line_per_user},
          {"shards", setup.shards},
          {"padding_bytes", setup.padding_bytes},
          {"total_bytes", setup.total_bytes},
          {"first_day", day(setup.first_day)},
          {"last_day", day(setup.last_day)},
          {"policy", setup.policy},
          {"no_report", setup.no_report},
          {"link_lifetime_seconds", setup.link_lifetime.count()},
          {"without_users", json::array(setup.without_users.begin(), setup.without_users.end())},
          {"gzip", kGzipNames[static_cast<std::size_t>(setup.gzip)]},
          {"redirect", setup.redirect}};
}

}  // namespace ghstats::sim::copilot
