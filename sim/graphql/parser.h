// Documents that clients send.
#pragma once

#include <expected>
#include <string_view>

#include "sim/graphql/query_error.h"
#include "sim/graphql/syntax.h"

namespace ghstats::sim::graphql {

// Operations and fragments. The error tells the first thing that is wrong and where.
std::expected<Document, QueryError> parse_document(std::string_view text);

}  // namespace ghstats::sim::graphql
