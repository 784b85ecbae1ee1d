#include "sim/control/fault_response.h"
#include "sim/service.h"

namespace ghstats::sim {

http::ServerResponse Service::struck(const Asked& asked, const FaultAction& action, Answer real) {
  if (needs_real_answer(action)) {
    accounting_.add(asked.endpoint, real.reply.status, real.paid);
    auto response = to_response(asked.request, std::move(real));
    misshape(response, action, clock_.now());
    return response;
  }
  if (action.reset) {
    accounting_.add(asked.endpoint, 0, false);
    http::ServerResponse response;
    response.disruption = http::Disruption{.after_bytes = 0, .reset = true};
    return response;
  }
  auto made = made_up(asked, action);
  accounting_.add(asked.endpoint, made.reply.status, false);
  auto response = to_response(asked.request, std::move(made));
  if (action.huge_body_bytes > 0) response.body = huge_body(action.huge_body_bytes);
  return response;
}

// GitHub's own refusals tell the limits of who asks, as its answers do; what stands for a broken machine tells nothing.
Service::Answer Service::made_up(const Asked& asked, const FaultAction& action) {
  const auto now = clock_.now();
  if (action.unauthenticated) return {error_reply(401, "Bad credentials"), &budget_of(Identity{})};
  const auto identity = credentials_.authenticate(asked.request.headers.get("Authorization"), now);
  auto* const budget = identity ? &budget_of(*identity) : nullptr;
  if (action.primary_limit) {
    std::optional<TimePoint> until;
    if (action.reset_in) until = from_unix_seconds(to_unix_seconds(now) + *action.reset_in);
    if (budget != nullptr) budget->primary.exhaust(now, until);
    const auto who = identity ? payer(*identity) : "nobody";
    return {primary_limit_reply(*action.primary_limit, who, request_number_, now), budget};
  }
  if (action.permission) {
    auto reply = permission_reply(identity ? identity->kind : Identity::Kind::kInstallation);
    if (asked.match.endpoint != nullptr) add_accepted_permissions(*asked.match.endpoint, reply);
    return {std::move(reply), budget};
  }
  if (action.blocked) return {blocked_reply({*action.blocked, *action.blocked == 451 ? "dmca" : "tos"}, now), budget};
  if (action.moved) {
    return {moved_reply(asked.request, asked.api_base, *repository_named(asked.match), asked.match.rest), budget};
  }
  return {fault_reply(action), action.secondary_limit ? budget : nullptr};
}

}  // namespace ghstats::sim
