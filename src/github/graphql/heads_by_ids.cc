#include "github/graphql/heads_by_ids.h"

#include <utility>

#include "github/graphql/asking.h"

namespace ghstats::github {

async::Task<Result<Batch<RepositoryHead>>> heads_by_ids(GraphqlApi& api, std::vector<NodeId> ids) {
  BatchPlan<RepositoryHead> plan{.query = &queries::kHeadsByIds,
                                 .what = "repository heads by id of " + api.org(),
                                 .largest = {.nodes = 100, .page = 1},
                                 .ids = std::move(ids),
                                 .read = read_repository_head};
  co_return co_await ask_in_batches(api, std::move(plan));
}

}  // namespace ghstats::github
