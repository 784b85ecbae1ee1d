// Query HeadsByIds: the heads of known repositories.
#pragma once

#include <vector>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// 100 a query. Error: kCancelled; everything else is refused, repository by repository.
async::Task<Result<Batch<RepositoryHead>>> heads_by_ids(GraphqlApi& api, std::vector<NodeId> ids);

}  // namespace ghstats::github
