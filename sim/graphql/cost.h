// What a query costs before it is executed
// (docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
#pragma once

#include <boost/json/object.hpp>
#include <expected>

#include "sim/graphql/query_error.h"
#include "sim/graphql/schema.h"

namespace ghstats::sim::graphql {

struct Cost {
  std::int64_t points = 1;  // a hundredth of the requests that all connections would need if all pages were full
  std::int64_t nodes = 0;   // on all pages if all were full
};

// Of a valid operation. nodes(ids:) counts as a page of that many; a connection without `first` and `last` does not
// count. The error is that it asks for more than `most_nodes`.
std::expected<Cost, QueryError> cost_of(const Schema& schema, const Document& document, const Operation& operation,
                                        const boost::json::object& variables, std::int64_t most_nodes);

}  // namespace ghstats::sim::graphql
