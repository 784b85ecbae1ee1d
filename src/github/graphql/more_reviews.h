// Query MoreReviews: older reviews of one pull request.
#pragma once

#include <string>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// The 100 before `cursor`, which is Newest::older of what was read before. Errors: those of GraphqlApi::ask; kNotFound.
async::Task<Result<Newest<ReviewActivity>>> more_reviews(GraphqlApi& api, NodeId id, std::string cursor,
                                                         bool review_comments);

}  // namespace ghstats::github
