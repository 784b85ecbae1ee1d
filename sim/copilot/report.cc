#include "sim/copilot/report.h"

#include <array>

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

}  // namespace ghstats::sim::copilot
