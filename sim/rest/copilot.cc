#include <boost/json.hpp>

#include "sim/control/fault_response.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

using copilot::Day;
using copilot::OwnerKind;
using copilot::Report;

// Who is asked about.
struct Asked {
  bool exists = false;
  const Account* org = nullptr;
  const Enterprise* enterprise = nullptr;
};

Asked find_owner(const Call& call, OwnerKind kind) {
  const auto& name = call.parameters[0];
  if (kind == OwnerKind::kEnterprise) {
    const auto* const enterprise = call.world.find_enterprise(name);
    return {enterprise != nullptr, nullptr, enterprise};
  }
  const auto* const org = call.world.find_account(name);
  return {org != nullptr && org->kind == AccountKind::kOrganization, org, nullptr};
}

bool may_read(const Identity& identity, const Asked& asked) {
  if (identity.kind != Identity::Kind::kInstallation) return true;
  const auto& installation = *identity.installation;
  return asked.enterprise != nullptr ? installation.enterprise == asked.enterprise : installation.org == asked.org;
}

Reply policy_is_off() {
  constexpr auto* kMessage = "The 'Copilot usage metrics' policy must be enabled to use this API";
  return json_reply(403, boost::json::object{{"message", kMessage}});
}

// GitHub documents 204 for the reports of organisations about a day, and for no others.
Reply no_report(const Report& report, int status) {
  const bool may_be_empty = report.one_day && report.owner_kind == OwnerKind::kOrganization;
  if (status == 404 || (status == 0 && !may_be_empty)) return not_found();
  Reply reply;
  reply.status = 204;
  return reply;
}

Reply links_to(const Call& call, const copilot::ReportFile& file) {
  boost::json::object body;
  boost::json::array links;
  for (auto& link : call.reports.links(file, call.api_base, call.now)) links.emplace_back(std::move(link));
  body["download_links"] = std::move(links);
  if (file.report.one_day) {
    body["report_day"] = copilot::format_day(file.end);
  } else {
    body["report_start_day"] = copilot::format_day(file.end - std::chrono::days{copilot::kPeriodDays - 1});
    body["report_end_day"] = copilot::format_day(file.end);
  }
  auto reply = json_reply(200, body);
  reply.has_etag = false;  // links are signed anew each time
  return reply;
}

Reply answer(const Call& call, const Report& report, copilot::Subscription& subscription) {
  const auto& setup = subscription.setup();
  if (!setup.policy) return policy_is_off();
  std::optional<Day> day = setup.last(call.now);
  if (report.one_day) {
    day = copilot::parse_day(call.query.get_or("day", ""));
    if (!day) return invalid_field("CopilotUsageReport", "day");
  }
  if (setup.no_report != 0) return no_report(report, setup.no_report);
  if (*day < setup.first(call.now) || *day > setup.last(call.now)) return no_report(report, 0);
  return links_to(call, {&subscription, report, *day, 0});
}

}  // namespace

Reply get_copilot_report(const Call& call, const Report& report) {
  const auto asked = find_owner(call, report.owner_kind);
  if (!asked.exists) return not_found();
  if (!may_read(call.identity, asked)) return permission_reply(call.identity.kind);
  auto* const subscription = call.reports.find(report.owner_kind, call.parameters[0]);
  if (subscription == nullptr) return not_found();
  auto reply = answer(call, report, *subscription);
  ++subscription->links[std::string(name_of(report))][reply.status];
  return reply;
}

}  // namespace ghstats::sim
