// Query IssuesOfRepos: issues of known repositories, last updated first.
#pragma once

#include <string>
#include <vector>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// The 10 that were updated last of each (fewer when GitHub cannot answer so many), as issues_updated() tells them.
// Error: kCancelled; everything else is refused, repository by repository: one of whose issues something cannot be told
// is refused as a whole.
async::Task<Result<Batch<RepositoryList<IssueActivity>>>> issues_of_repos(GraphqlApi& api, std::vector<NodeId> ids,
                                                                          bool closed_by);

// What one repository's list goes on with.
async::Task<Result<Batch<RepositoryList<IssueActivity>>>> more_issues_of_repo(GraphqlApi& api, NodeId id,
                                                                              std::string cursor, bool closed_by);

}  // namespace ghstats::github
