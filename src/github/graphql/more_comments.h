// Query MoreComments: older comments of one pull request or issue.
#pragma once

#include <string>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// The 100 before `cursor`, which is Newest::older of what was read before. Errors: those of GraphqlApi::ask; kNotFound.
async::Task<Result<Newest<Comment>>> more_comments(GraphqlApi& api, NodeId id, std::string cursor);

}  // namespace ghstats::github
