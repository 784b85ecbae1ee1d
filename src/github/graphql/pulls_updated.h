// Query PullsUpdated: pull requests of an organisation by search.
#pragma once

#include <optional>
#include <string>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// One page of what `search` finds, "org:acme is:pr updated:>=2026-11-23T03:40:00Z sort:updated-asc" for example, each
// with the newest 20 of what belongs to it; `review_comments`: with the comments on their diffs, too. `total` is
// GitHub's count: of more than 1,000 only 1,000 can be read, and search lags behind. Errors: those of GraphqlApi::ask.
async::Task<Result<Page<PullActivity>>> pulls_updated(GraphqlApi& api, std::string search,
                                                      std::optional<std::string> cursor, bool review_comments);

}  // namespace ghstats::github
