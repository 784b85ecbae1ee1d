// What an answer of GitHub means: the one place where statuses, headers and bodies are told apart (github-api.md 2.2,
// 3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "http/client.h"

namespace ghstats::github {

enum class AnswerKind {
  kOk,               // 2xx
  kRedirect,         // 301, 302, 307, 308 with a Location
  kUnauthenticated,  // 401, or a suspended installation
  kForbidden,        // 403 that is no rate limit
  kBlocked,          // 451, or a 403 that says so
  kNotFound,         // 404, 410
  kConflict,         // 409
  kPrimaryLimit,
  kSecondaryLimit,
  kServerError,  // 5xx
  kUnexpected,   // anything else
};

// An exchange that was answered. The transport decides on the kind; everybody else reads it. How long a limit is waited
// for is not part of it: RateLimitFsm decides that, and RateGate tells it.
struct Answer {
  http::Response response;
  AnswerKind kind = AnswerKind::kUnexpected;
};

AnswerKind classify(const http::Response& response);

// 301, 302, 307 or 308 with a Location.
bool is_redirect(const http::Response& response);

// For every kind but kOk: the code of Api::get's table and "HTTP 403: <GitHub's message> ...". A redirect that is not
// followed names its target, without the query. What GitHub wrote is cut to a line of bounded length.
Error error_of(const Answer& answer);

// Of a kForbidden: whether it says that this identity lacks a permission or an authorisation, or that a policy is off,
// which repeating does not change. A 403 that says none of these may be a limit the classifier does not know.
bool is_permission_refusal(const http::Response& response);

// Of a kForbidden: "needs pull_requests=read", the lack of single sign-on, or GitHub's own words.
std::string refusal_reason(const http::Response& response);

// The Date header; absent when missing or not readable.
std::optional<TimePoint> date_of(const http::Response& response);

// "message" of GitHub's error body (1.8), in one line of at most 200 bytes; empty when there is none.
std::string message_of(const http::Response& response);

// What the other side wrote, cut to 200 bytes, without line ends and the full stop.
std::string one_line(std::string text);

// `text` with every occurrence of `secret` replaced.
std::string redact(std::string text, std::string_view secret);

}  // namespace ghstats::github
