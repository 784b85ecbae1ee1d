// Query MoreCommits: the next page of one history.
#pragma once

#include "async/task.h"
#include "github/graphql/commits_since.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// The page after `history`, of the same head and with the same range; history.next must be there.
// `next` and `commits` are the new ones. Errors: those of GraphqlApi::ask; kNotFound: the repository is gone, or
// the head was taken from it.
async::Task<Result<CommitHistory>> more_commits(GraphqlApi& api, CommitHistory history, CommitRange range);

}  // namespace ghstats::github
