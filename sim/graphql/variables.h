// Values as types want them.
#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "sim/graphql/query_error.h"
#include "sim/graphql/schema.h"

namespace ghstats::sim::graphql {

// What the operation's variables stand for, defaults filled in; variables that were not given and have no default are
// missing. Otherwise GitHub's errors, one for each variable.
std::expected<boost::json::object, std::vector<QueryError>> coerce_variables(const Schema& schema,
                                                                             const Operation& operation,
                                                                             const boost::json::object& given);

// Why a literal is no `type`; absent: it is one. Variables are taken for what is wanted.
std::optional<std::string> why_not(const Schema& schema, const Value& value, const TypeRef& type);

// Of what passed why_not; absent: a variable that was not given.
std::optional<boost::json::value> to_json(const Value& value, const boost::json::object& variables);

// The value in GraphQL's own words, for messages.
std::string to_text(const Value& value);

}  // namespace ghstats::sim::graphql
