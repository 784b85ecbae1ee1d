#include "github/graphql/heads_sweep.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Page<RepositoryHead>>> heads_sweep(GraphqlApi& api, std::optional<std::string> cursor) {
  PagePlan<RepositoryHead> plan{.call = {.query = &queries::kHeadsSweep,
                                         .what = "repository heads of " + api.org(),
                                         .largest = {.nodes = 1, .page = 100},
                                         .variables =
                                             [&](PageShape asked) {
                                               return boost::json::object{{"org", api.org()},
                                                                          {"first", asked.page},
                                                                          {"cursor", cursor_variable(cursor)}};
                                             },
                                         .nodes_at = {"organization", "repositories", "nodes"}},
                                .read = read_repository_head,
                                .total = "totalCount"};
  co_return co_await ask_page(api, std::move(plan));
}

}  // namespace ghstats::github
