#include "sim/copilot/report.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace ghstats::sim::copilot {
namespace {

struct Named {
  Report report;
  std::string_view name;
};

constexpr std::array<Named, 8> kReports{{
    {{OwnerKind::kOrganization, false, false}, "organization-28-day"},
    {{OwnerKind::kOrganization, false, true}, "organization-1-day"},
    {{OwnerKind::kOrganization, true, false}, "users-28-day"},
    {{OwnerKind::kOrganization, true, true}, "users-1-day"},
    {{OwnerKind::kEnterprise, false, false}, "enterprise-28-day"},
    {{OwnerKind::kEnterprise, false, true}, "enterprise-1-day"},
    {{OwnerKind::kEnterprise, true, false}, "users-28-day"},
    {{OwnerKind::kEnterprise, true, true}, "users-1-day"},
}};

template <class Number>
bool parse_digits(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string_view name_of(OwnerKind kind) {
  return kind == OwnerKind::kOrganization ? "org" : "enterprise";
}

std::optional<OwnerKind> find_owner_kind(std::string_view name) {
  for (const auto kind : {OwnerKind::kOrganization, OwnerKind::kEnterprise}) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string_view name_of(const Report& report) {
  for (const auto& named : kReports) {
    if (named.report == report) return named.name;
  }
  return {};
}

std::optional<Report> find_report(OwnerKind owner_kind, std::string_view name) {
  for (const auto& named : kReports) {
    if (named.report.owner_kind == owner_kind && named.name == name) return named.report;
  }
  return std::nullopt;
}

std::string format_day(Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::optional<Day> parse_day(std::string_view text) {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !parse_digits(text.substr(0, 4), year) ||
      !parse_digits(text.substr(5, 2), month) || !parse_digits(text.substr(8, 2), day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return Day{date};
}

}  // namespace ghstats::sim::copilot
