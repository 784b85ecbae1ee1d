// A GraphQL document's tokens.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "sim/graphql/query_error.h"

namespace ghstats::sim::graphql {

struct Token {
  enum class Kind { kEnd, kName, kInt, kFloat, kString, kPunctuator };
  Kind kind = Kind::kEnd;
  std::string text;  // a string's content; "..." and single characters are punctuators
  Location at;
};

// Ends with kEnd. Commas, blanks and comments are left out.
std::expected<std::vector<Token>, QueryError> tokenize(std::string_view text);

}  // namespace ghstats::sim::graphql
