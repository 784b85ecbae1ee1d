// Query Probe: may GraphQL be used here?
#pragma once

#include <cstdint>
#include <string>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::github {

struct GraphqlProbe {
  std::string viewer;              // the login that the credential stands for
  std::uint64_t repositories = 0;  // of the organisation, as far as the credential sees them
};

// Errors: those of GraphqlApi::ask. kNotFound, kPermissionDenied, kInvalidData: not with this host, credential or
// organisation; the others say nothing about it.
async::Task<Result<GraphqlProbe>> probe_graphql(GraphqlApi& api);

}  // namespace ghstats::github
