#include <boost/json.hpp>

#include "sim/control/control_reply.h"
#include "sim/control/json_fields.h"
#include "sim/copilot/truth.h"
#include "sim/service.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using copilot::OwnerKind;

// kNotFound names who is none.
Result<copilot::Owner> find_owner(const World& world, OwnerKind kind, const std::string& name) {
  if (kind == OwnerKind::kEnterprise) {
    const auto* const enterprise = world.find_enterprise(name);
    if (enterprise == nullptr) return fail(ErrorCode::kNotFound, "no enterprise '" + name + "'");
    return copilot::owner_of(*enterprise);
  }
  const auto* const org = world.find_account(name);
  if (org == nullptr || org->kind != AccountKind::kOrganization) {
    return fail(ErrorCode::kNotFound, "no organisation '" + name + "'");
  }
  return copilot::owner_of(*org);
}

Result<OwnerKind> parse_owner_kind(const std::string& text) {
  const auto kind = copilot::find_owner_kind(text);
  if (!kind) return fail(ErrorCode::kInvalidData, "owner_kind: org or enterprise");
  return *kind;
}

}  // namespace

Status Service::set_up_copilot(const json::value& wish) {
  if (!wish.is_object()) return fail(ErrorCode::kInvalidData, "an object is needed");
  const Fields fields(wish.as_object());
  const auto kind = parse_owner_kind(fields.text("owner_kind").value_or("org"));
  if (!kind) return std::unexpected(kind.error());
  auto owner = find_owner(world_, *kind, fields.text("owner").value_or(""));
  if (!owner) return std::unexpected(owner.error());

  const auto* const known = reports_.find(*kind, owner->name);
  auto setup = known == nullptr ? copilot::ReportSetup{} : known->setup();
  const auto applied = copilot::apply(wish.as_object(), setup);
  if (!applied) return applied;
  const auto* const wanted_faults = wish.as_object().if_contains("faults");
  auto faults = copilot::parse_faults(wanted_faults == nullptr ? json::array{} : *wanted_faults);
  if (!faults) return std::unexpected(faults.error());

  auto& subscription = reports_.set_up(std::move(*owner), std::move(setup));
  if (wanted_faults != nullptr) subscription.faults = std::move(*faults);
  return {};
}

Reply Service::control_copilot(const http::ServerRequest& request) {
  if (request.method == "DELETE") {
    reports_.clear();
  } else if (request.method == "POST") {
    const auto body = parse_body(request);
    if (!body) return refused(body.error());
    for (const auto& wish : body->is_array() ? body->as_array() : json::array{*body}) {
      const auto done = set_up_copilot(wish);
      if (!done) return refused(done.error());
    }
  } else if (request.method != "GET") {
    return wrong_method();
  }
  return json_reply(200, reports_.to_json());
}

Reply Service::tell_copilot_truth(const http::ServerRequest& request) {
  if (request.method != "GET") return wrong_method();
  const Query query(request.query);
  const auto kind = parse_owner_kind(query.get_or("owner_kind", "org"));
  if (!kind) return refused(kind.error());
  const auto* const subscription = reports_.find(*kind, query.get_or("owner", ""));
  if (subscription == nullptr) return refused({ErrorCode::kNotFound, "owner: no Copilot there"});
  const auto report = copilot::find_report(*kind, query.get_or("report", ""));
  if (!report) return refused({ErrorCode::kInvalidData, "report: users-28-day, organization-1-day or the like"});

  const auto last = subscription->setup().last(clock_.now());
  const auto end = copilot::parse_day(query.get_or("day", copilot::format_day(last)));
  if (!end) return refused({ErrorCode::kInvalidData, "day: YYYY-MM-DD"});
  auto truth = copilot::tell_truth(*subscription->activity, subscription->owner,
                                   {.report = *report,
                                    .end = *end,
                                    .by_user = query.get_or("by_user", "false") == "true",
                                    .by_day = query.get_or("by_day", "false") == "true"});
  truth["report_end_day"] = copilot::format_day(*end);
  return json_reply(200, truth);
}

}  // namespace ghstats::sim
