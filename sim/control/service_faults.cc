#include <fmt/format.h>

#include "sim/control/fault_response.h"
#include "sim/service.h"

namespace ghstats::sim {

http::ServerResponse Service::struck(const Asked& asked, const FaultAction& action, Answer real) {
  if (needs_real_answer(action)) {
    accounting_.add(asked.endpoint, real.reply.status, real.paid, real.points);
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
  const auto resource = asked.resource();
  const auto who = identity ? payer(*identity) : "nobody";
  const bool graphql_limit = action.graphql_error && action.graphql_error->starts_with("RATE_LIMIT");
  if (action.primary_limit || graphql_limit) {
    std::optional<TimePoint> until;
    if (action.reset_in) until = from_unix_seconds(to_unix_seconds(now) + *action.reset_in);
    if (budget != nullptr) budget->of(resource).exhaust(now, until);
    auto reply = graphql_limit ? graphql::rate_limit_reply(*action.graphql_error, who)
                               : primary_limit_reply(*action.primary_limit, who, request_number_, now);
    return {std::move(reply), budget, false, resource};
  }
  if (action.graphql_error) {
    constexpr int kBadGateway = 502;
    const auto status = action.status.value_or(kBadGateway);
    const auto id = fmt::format("{:08X}", request_number_);
    return {*action.graphql_error == "TIMEOUT" ? graphql::timeout_reply(status)
                                               : graphql::something_went_wrong_reply(status, id)};
  }
  if (action.permission) {
    auto reply = permission_reply(identity ? identity->kind : Identity::Kind::kInstallation);
    if (asked.match.endpoint != nullptr) add_accepted_permissions(*asked.match.endpoint, reply);
    return {std::move(reply), budget, false, resource};
  }
  if (action.blocked) return {blocked_reply({*action.blocked, *action.blocked == 451 ? "dmca" : "tos"}, now), budget};
  if (action.moved) {
    return {moved_reply(asked.request, asked.api_base, *repository_named(asked.match), asked.match.rest), budget};
  }
  return {fault_reply(action), action.secondary_limit ? budget : nullptr, false, resource};
}

}  // namespace ghstats::sim
