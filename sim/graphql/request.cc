#include "sim/graphql/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "sim/graphql/parser.h"

namespace ghstats::sim::graphql {

std::expected<const Operation*, QueryError> Request::operation() const {
  if (!document) return std::unexpected(document.error());
  const auto& operations = document->operations;
  if (operation_name.empty()) {
    if (operations.size() == 1) return &operations.front();
    return std::unexpected(QueryError{operations.empty() ? "No operation" : "An operation name is required"});
  }
  const auto it = std::ranges::find(operations, operation_name, &Operation::name);
  if (it == operations.end())
    return std::unexpected(QueryError{fmt::format("No operation named \"{}\"", operation_name)});
  return &*it;
}

std::string Request::label() const {
  const auto chosen = operation();
  if (!chosen) return "(invalid)";
  return (*chosen)->name.empty() ? "(anonymous)" : (*chosen)->name;
}

std::expected<Request, Reply> parse_request(const std::string& body) {
  constexpr std::string_view kDocs = "https://docs.github.com/graphql";
  boost::system::error_code error;
  const auto json = boost::json::parse(body, error);
  if (error || !json.is_object()) return std::unexpected(error_reply(400, "Problems parsing JSON", kDocs));
  const auto& object = json.as_object();
  const auto* const query = object.if_contains("query");
  if (query == nullptr || !query->is_string()) {
    return std::unexpected(error_reply(400, "A query attribute must be specified and must be a string.", kDocs));
  }
  const auto* const variables = object.if_contains("variables");
  if (variables != nullptr && !variables->is_object() && !variables->is_null()) {
    return std::unexpected(error_reply(400, "Variables must be a JSON object.", kDocs));
  }
  const auto* const name = object.if_contains("operationName");
  return Request{parse_document(query->as_string()),
                 name != nullptr && name->is_string() ? std::string(name->as_string()) : std::string(),
                 variables != nullptr && variables->is_object() ? variables->as_object() : boost::json::object()};
}

}  // namespace ghstats::sim::graphql
