// Query HeadsSweep: every repository of an organisation, last pushed first.
#pragma once

#include <optional>
#include <string>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

// One page of api.org()'s repositories, archived and disabled ones too; those that the credential may not see are left
// out. `total` counts them all. Pages shift when something is pushed in between: what moved to the front is met in the
// next sweep. Errors: those of GraphqlApi::ask; kNotFound: no such organisation.
async::Task<Result<Page<RepositoryHead>>> heads_sweep(GraphqlApi& api, std::optional<std::string> cursor);

}  // namespace ghstats::github
