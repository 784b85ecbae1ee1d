#include "github/graphql/errors.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "github/attempt.h"
#include "github/rest/json_reader.h"

namespace ghstats::github {
namespace {

namespace json = boost::json;
using Kind = GraphqlError::Kind;

struct Sign {
  std::string_view text;
  Kind kind;
};

// Of "type", or of "code" as newer answers have it.
constexpr std::array kTypes = {
    Sign{"RATE_LIMITED", Kind::kPrimaryLimit},
    Sign{"RATE_LIMIT", Kind::kPrimaryLimit},
    Sign{"graphql_rate_limit", Kind::kPrimaryLimit},
    Sign{"NOT_FOUND", Kind::kNotFound},
    Sign{"FORBIDDEN", Kind::kForbidden},
    Sign{"INSUFFICIENT_SCOPES", Kind::kForbidden},
    Sign{"RESOURCE_LIMITS_EXCEEDED", Kind::kTooLarge},
    Sign{"MAX_NODE_LIMIT_EXCEEDED", Kind::kTooLarge},
    Sign{"INTERNAL", Kind::kOverloaded},
    Sign{"SERVICE_UNAVAILABLE", Kind::kOverloaded},
};

// Of "message", where the type is missing or says nothing. In lower case.
constexpr std::array kMessages = {
    Sign{"secondary rate limit", Kind::kSecondaryLimit},
    Sign{"rate limit exceeded", Kind::kPrimaryLimit},
    Sign{"rate limit already exceeded", Kind::kPrimaryLimit},
    Sign{"resource limits for this query exceeded", Kind::kTooLarge},
    Sign{"something went wrong while executing your query", Kind::kOverloaded},
    Sign{"respond to your request in time", Kind::kOverloaded},
    Sign{"resource not accessible by", Kind::kForbidden},
    Sign{"saml enforcement", Kind::kForbidden},
};

std::string_view string_in(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

Kind kind_of(std::string_view type, std::string_view code, const std::string& message) {
  std::string lower = message;
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const auto said = std::ranges::find_if(kMessages, [&](const Sign& sign) { return lower.contains(sign.text); });
  // A secondary limit comes under the type of the primary one.
  if (said != kMessages.end() && said->kind == Kind::kSecondaryLimit) return said->kind;
  for (const Sign& sign : kTypes) {
    if (type == sign.text || code == sign.text) return sign.kind;
  }
  return said != kMessages.end() ? said->kind : Kind::kOther;
}

std::vector<std::string> path_in(const json::object& object) {
  std::vector<std::string> path;
  const json::value* value = object.if_contains("path");
  if (value == nullptr || !value->is_array()) return path;
  for (const json::value& step : value->get_array()) {
    path.push_back(step.is_string() ? std::string(std::string_view(step.get_string())) : json::serialize(step));
  }
  return path;
}

GraphqlError read_error(const json::object& object) {
  const std::string_view type = string_in(object, "type");
  std::string_view code = string_in(object, "code");
  const json::value* extensions = object.if_contains("extensions");
  if (code.empty() && extensions != nullptr && extensions->is_object()) {
    code = string_in(extensions->get_object(), "code");
  }
  std::string message = one_line(std::string(string_in(object, "message")));
  if (message.empty()) message = "GitHub gives no reason";
  const std::string_view name = type.empty() ? code : type;
  return {kind_of(type, code, message),
          name.empty() ? message : fmt::format("{}: {}", one_line(std::string(name)), message), path_in(object)};
}

// The array as GitHub wrote it; empty when there is none.
std::string_view errors_in(std::string& body, simdjson::ondemand::parser& parser,
                           simdjson::ondemand::document& document) {
  // Whatever somebody calls his repository, a quotation mark inside a string has a backslash before it.
  if (!body.contains("\"errors\"")) return {};
  if (body.capacity() - body.size() < simdjson::SIMDJSON_PADDING) {
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  }
  simdjson::ondemand::object object;
  simdjson::ondemand::value errors;
  std::string_view raw;
  if (parser.iterate(body.data(), body.size(), body.capacity()).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object.find_field_unordered("errors").get(errors) != simdjson::SUCCESS ||
      simdjson::to_json_string(errors).get(raw) != simdjson::SUCCESS) {
    return {};
  }
  return raw;
}

void add_rate_limit(http::Response& response) {
  const RateLimitHeaders told = read_rate_limit(response.headers);
  if (!told.resource) response.headers.add("X-RateLimit-Resource", "graphql");
  if (told.remaining || response.status != 200) return;
  JsonBody body(response.body);
  auto answer = body.object();
  auto data = answer ? answer->nullable_object("data") : std::nullopt;
  auto limit = data ? data->nullable_object("rateLimit") : std::nullopt;
  if (!limit) return;
  const std::uint64_t most = limit->number("limit");
  const std::uint64_t remaining = limit->number("remaining");
  const std::uint64_t used = limit->number("used");
  const TimePoint reset = limit->time("resetAt");
  if (!body.status()) return;
  response.headers.add("X-RateLimit-Limit", std::to_string(most));
  response.headers.add("X-RateLimit-Remaining", std::to_string(remaining));
  response.headers.add("X-RateLimit-Used", std::to_string(used));
  response.headers.add("X-RateLimit-Reset", std::to_string(to_unix_seconds(reset)));
}

}  // namespace

std::vector<GraphqlError> read_graphql_errors(std::string& body) {
  std::vector<GraphqlError> out;
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  const std::string_view raw = errors_in(body, parser, document);
  if (raw.empty()) return out;
  boost::system::error_code error;
  const json::value parsed = json::parse(raw, error);
  if (error || !parsed.is_array()) return out;
  for (const json::value& item : parsed.get_array()) {
    if (item.is_object()) out.push_back(read_error(item.get_object()));
  }
  return out;
}

Error error_of(const GraphqlError& error) {
  switch (error.kind) {
    case Kind::kPrimaryLimit:
    case Kind::kSecondaryLimit:
      return {ErrorCode::kRateLimited, error.text};
    case Kind::kNotFound:
      return {ErrorCode::kNotFound, error.text};
    case Kind::kForbidden:
      return {ErrorCode::kPermissionDenied, error.text};
    case Kind::kTooLarge:
      return {ErrorCode::kTooLarge, error.text};
    case Kind::kOverloaded:
      return {ErrorCode::kUnavailable, error.text};
    case Kind::kOther:
      return {ErrorCode::kInvalidData, error.text};
  }
  std::unreachable();
}

AnswerKind interpret_graphql(http::Response& response) {
  add_rate_limit(response);
  const AnswerKind kind = classify(response);
  if (kind != AnswerKind::kOk) return kind;
  for (const GraphqlError& error : read_graphql_errors(response.body)) {
    if (error.kind == Kind::kPrimaryLimit) return AnswerKind::kPrimaryLimit;
    if (error.kind == Kind::kSecondaryLimit) return AnswerKind::kSecondaryLimit;
  }
  return AnswerKind::kOk;
}

}  // namespace ghstats::github
