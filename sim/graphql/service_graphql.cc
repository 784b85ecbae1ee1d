#include "sim/graphql/endpoint.h"
#include "sim/service.h"

namespace ghstats::sim {
namespace {

constexpr std::string_view kDocs = "https://docs.github.com/graphql";

}  // namespace

Service::Answer Service::answer_graphql(const Asked& asked, const Identity& identity, Budget& budget,
                                        const FaultAction* fault) {
  using Kind = Identity::Kind;
  if (identity.kind == Kind::kAnonymous) {
    return {error_reply(401, "This endpoint requires you to be authenticated.", kDocs), &budget};
  }
  if (identity.kind == Kind::kApp) return {error_reply(401, "Bad credentials", kDocs), &budget};
  const auto& request = *asked.graphql;
  if (!request) return {request.error(), &budget, false, Resource::kGraphql};
  auto settings = graphql_;
  if (fault != nullptr && fault->resource_limit) settings.most_objects = fault->resource_limit;
  graphql::Moment moment(world_, identity, clock_.now(), settings.search, credentials_.app().slug + "[bot]");
  auto* const limit = options_.rate_limit_headers ? &budget.graphql : nullptr;
  auto answer = graphql::answer(*request, moment, limit, settings, payer(identity));
  return {std::move(answer.reply), &budget, answer.points > 0, Resource::kGraphql, answer.points};
}

}  // namespace ghstats::sim
