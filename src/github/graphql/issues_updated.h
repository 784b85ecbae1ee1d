// Query IssuesUpdated: issues of an organisation by search.
#pragma once

#include <optional>
#include <string>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// One page of what `search` finds, "org:acme is:issue updated:>=2026-11-23T03:40:00Z sort:updated-asc" for example,
// each with the newest 20 of what belongs to it; `closed_by`: with who closed them, too. `total` is GitHub's count: of
// more than 1,000 only 1,000 can be read, and search lags behind. Errors: those of GraphqlApi::ask.
async::Task<Result<Page<IssueActivity>>> issues_updated(GraphqlApi& api, std::string search,
                                                        std::optional<std::string> cursor, bool closed_by);

}  // namespace ghstats::github
