// Query IssuesOfRepos: issues of known repositories, last updated first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// Those that were updated last of each repository, as issues_updated() tells them. `largest`: how many of each, in
// queries about how many repositories, as long as GitHub can answer so much (GraphqlCall::largest); absent: 10 in
// queries about 50 repositories.
// Error: kCancelled; everything else is refused, repository by repository: one of whose issues something cannot
// be told is refused as a whole.
async::Task<Result<Batch<RepositoryList<IssueActivity>>>> issues_of_repos(GraphqlApi& api, std::vector<NodeId> ids,
                                                                          bool closed_by,
                                                                          std::optional<PageShape> largest = {});

// What one repository's list goes on with.
async::Task<Result<Batch<RepositoryList<IssueActivity>>>> more_issues_of_repo(GraphqlApi& api, NodeId id,
                                                                              std::string cursor, bool closed_by,
                                                                              std::optional<PageShape> largest = {});

}  // namespace ghstats::github
