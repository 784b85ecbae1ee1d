// What a client posts.
#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <string>

#include "sim/graphql/query_error.h"
#include "sim/rest/reply.h"

namespace ghstats::sim::graphql {

struct Request {
  std::expected<Document, QueryError> document;
  std::string operation_name;
  boost::json::object variables;

  // The operation to execute, or why there is none.
  [[nodiscard]] std::expected<const Operation*, QueryError> operation() const;
  // For people: of the operation, "(anonymous)", or "(invalid)".
  [[nodiscard]] std::string label() const;
};

// The refusal is a 400: no JSON, or no query in it.
std::expected<Request, Reply> parse_request(const std::string& body);

}  // namespace ghstats::sim::graphql
