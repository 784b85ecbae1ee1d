// What is wrong with a query before it is looked at what it is asked of.
#pragma once

#include <vector>

#include "sim/graphql/query_error.h"
#include "sim/graphql/schema.h"

namespace ghstats::sim::graphql {

// Empty: the document may be executed. Errors come in the order of the document, in the words of GitHub's server.
std::vector<QueryError> validate(const Schema& schema, const Document& document);

}  // namespace ghstats::sim::graphql
