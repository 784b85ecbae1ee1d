// A valid query's answer.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/graphql/object.h"
#include "sim/graphql/query_error.h"
#include "sim/graphql/schema.h"

namespace ghstats::sim::graphql {

struct Execution {
  const Schema& schema;
  const Document& document;
  const boost::json::object& variables;
  std::optional<std::int64_t> most_objects;  // every further object is null and RESOURCE_LIMITS_EXCEEDED
};

struct Executed {
  boost::json::value data;  // null when something that must not be null is
  std::vector<QueryError> errors;
};

// Fields come in the order asked for. What must not be null makes null what it belongs to (spec, 6.4.4).
Executed execute(const Execution& execution, const Operation& operation, const ObjectPtr& root);

}  // namespace ghstats::sim::graphql
