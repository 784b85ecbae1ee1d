// Whether an operation declares the variables it uses, uses those it declares, and puts them where they fit.
#pragma once

#include <vector>

#include "sim/graphql/query_error.h"
#include "sim/graphql/schema.h"

namespace ghstats::sim::graphql {

// The errors have no path.
std::vector<QueryError> check_variables(const Schema& schema, const Document& document, const Operation& operation);

}  // namespace ghstats::sim::graphql
