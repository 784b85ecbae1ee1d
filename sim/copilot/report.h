// The reports of Copilot usage, and the days they are about.
#pragma once

#include <optional>
#include <string_view>

#include "base/day.h"

namespace ghstats::sim::copilot {

using ghstats::Day;
using ghstats::day_of;
using ghstats::format_day;
using ghstats::parse_day;

constexpr int kPeriodDays = 28;

enum class OwnerKind { kOrganization, kEnterprise };

struct Report {
  OwnerKind owner_kind = OwnerKind::kOrganization;
  bool of_users = false;  // one line per user and day; false: one line about all of them
  bool one_day = false;   // false: the 28 days that end with the one it is named by

  bool operator==(const Report&) const = default;
};

// "org", "enterprise": how controls and paths of the report host call them.
std::string_view name_of(OwnerKind kind);
std::optional<OwnerKind> find_owner_kind(std::string_view name);

// As in GitHub's paths: "organization-28-day", "users-1-day".
std::string_view name_of(const Report& report);
std::optional<Report> find_report(OwnerKind owner_kind, std::string_view name);

}  // namespace ghstats::sim::copilot
