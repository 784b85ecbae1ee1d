// Query PullsOfRepos: pull requests of known repositories, last updated first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// Those that were updated last of each repository, as pulls_updated() tells them. `largest`: how many of each, in
// queries about how many repositories, as long as GitHub can answer so much (GraphqlCall::largest); absent: 10 in
// queries about 50 repositories, with comments on diffs about 10.
// Error: kCancelled; everything else is refused, repository by repository: one of whose pull requests something cannot
// be told is refused as a whole.
async::Task<Result<Batch<RepositoryList<PullActivity>>>> pulls_of_repos(GraphqlApi& api, std::vector<NodeId> ids,
                                                                        bool review_comments,
                                                                        std::optional<PageShape> largest = {});

// What one repository's list goes on with.
async::Task<Result<Batch<RepositoryList<PullActivity>>>> more_pulls_of_repo(GraphqlApi& api, NodeId id,
                                                                            std::string cursor, bool review_comments,
                                                                            std::optional<PageShape> largest = {});

}  // namespace ghstats::github
