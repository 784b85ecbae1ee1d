// What GitHub's GraphQL says inside a 200 (github-api.md 2.3): the one place where its errors are told apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "github/answer.h"
#include "http/client.h"

namespace ghstats::github {

struct GraphqlError {
  enum class Kind : std::uint8_t {
    kPrimaryLimit,
    kSecondaryLimit,
    kNotFound,
    kForbidden,
    kTooLarge,    // the query asks for too much: less of it may be answered
    kOverloaded,  // GitHub gave up on the query: too much, or an outage
    kOther,
  };
  Kind kind = Kind::kOther;
  std::string text;               // "NOT_FOUND: Could not resolve to a node ...": one line of bounded length
  std::vector<std::string> path;  // where in the answer: "nodes", "3", "issues"; empty: of the whole query
};

// In their order; none when there are none, or the body does not parse. The body stays as it is, but its capacity may
// grow.
std::vector<GraphqlError> read_graphql_errors(std::string& body);

// kRateLimited, kNotFound, kPermissionDenied, kTooLarge, kUnavailable, kInvalidData.
Error error_of(const GraphqlError& error);

// Exchange::interpret of a query. Limits are told by errors, too. Where the headers do not name the rate limit, those
// that rateLimit{} of the answer stands for are added; a resource that is not named is `graphql`.
AnswerKind interpret_graphql(http::Response& response);

}  // namespace ghstats::github
