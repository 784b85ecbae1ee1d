#include "github/graphql/probe.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<GraphqlProbe>> probe_graphql(GraphqlApi& api) {
  GraphqlCall call{.query = &queries::kProbe, .what = "probe GraphQL for " + api.org(), .variables = [&](PageShape) {
                     return boost::json::object{{"org", api.org()}};
                   }};
  auto reply = co_await api.ask(call);
  if (!reply) co_return fail(std::move(reply).error());
  GraphqlProbe out;
  const Status status = read_data(*reply, call.what, [&](JsonObject& data) {
    out.viewer = data.object("viewer").string("login");
    out.repositories = data.object("organization").object("repositories").number("totalCount");
  });
  if (!status) co_return fail(status.error());
  co_return out;
}

}  // namespace ghstats::github
