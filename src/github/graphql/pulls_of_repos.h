// Query PullsOfRepos: pull requests of known repositories, last updated first.
#pragma once

#include <string>
#include <vector>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// The 10 that were updated last of each (fewer when GitHub cannot answer so many), as pulls_updated() tells them.
// Error: kCancelled; everything else is refused, repository by repository: one of whose pull requests something cannot
// be told is refused as a whole.
async::Task<Result<Batch<RepositoryList<PullActivity>>>> pulls_of_repos(GraphqlApi& api, std::vector<NodeId> ids,
                                                                        bool review_comments);

// What one repository's list goes on with.
async::Task<Result<Batch<RepositoryList<PullActivity>>>> more_pulls_of_repo(GraphqlApi& api, NodeId id,
                                                                            std::string cursor, bool review_comments);

}  // namespace ghstats::github
