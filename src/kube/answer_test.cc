#include "kube/answer.h"

#include <gtest/gtest.h>

namespace ghstats::kube {
namespace {

http::Response response(int status, std::string body, http::Headers headers = {}) {
  return {status, std::move(headers), std::move(body), {}};
}

std::string status_body(int code, const std::string& reason, const std::string& message,
                        const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","details":)" + details + R"(,"code":)" + std::to_string(code) + "}";
}

void expect(const http::Response& answer, ErrorCode code, const std::string& message) {
  const Error error = error_of(answer);
  EXPECT_EQ(to_string(error.code), to_string(code)) << message;
  EXPECT_EQ(error.message, message);
}

TEST(KubeAnswer, AConflictIsOneInTheServersWords) {
  expect(
      response(409,
               R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be )"
               R"(fulfilled on leases.coordination.k8s.io \"github-stats-exporter\": the object has been modified; )"
               R"(please apply your changes to the latest version and try again","reason":"Conflict","details":)"
               R"({"name":"github-stats-exporter","group":"coordination.k8s.io","kind":"leases"},"code":409})"),
      ErrorCode::kConflict,
      "HTTP 409 Conflict: Operation cannot be fulfilled on leases.coordination.k8s.io \"github-stats-exporter\": the "
      "object has been modified; please apply your changes to the latest version and try again");
  expect(response(409, status_body(409, "AlreadyExists", "there is one")), ErrorCode::kConflict,
         "HTTP 409 AlreadyExists: there is one");
}

TEST(KubeAnswer, EveryStatusHasItsCode) {
  expect(response(401, status_body(401, "Unauthorized", "Unauthorized")), ErrorCode::kUnauthenticated,
         "HTTP 401 Unauthorized: Unauthorized");
  expect(response(403, status_body(403, "Forbidden", "no")), ErrorCode::kPermissionDenied, "HTTP 403 Forbidden: no");
  expect(response(404, status_body(404, "NotFound", "gone")), ErrorCode::kNotFound, "HTTP 404 NotFound: gone");
  expect(response(400, status_body(400, "BadRequest", "what")), ErrorCode::kInvalidArgument,
         "HTTP 400 BadRequest: what");
  expect(response(413, status_body(413, "RequestEntityTooLarge", "large")), ErrorCode::kTooLarge,
         "HTTP 413 RequestEntityTooLarge: large");
  expect(response(422, status_body(422, "Invalid", "bad")), ErrorCode::kInvalidArgument, "HTTP 422 Invalid: bad");
  expect(response(500, status_body(500, "InternalError", "etcd")), ErrorCode::kUnavailable,
         "HTTP 500 InternalError: etcd");
  expect(response(504, status_body(504, "Timeout", "late")), ErrorCode::kUnavailable, "HTTP 504 Timeout: late");
  expect(response(500, status_body(500, "", "no reason")), ErrorCode::kUnavailable, "HTTP 500: no reason");
}

TEST(KubeAnswer, TellsHowLongToWait) {
  expect(response(429, status_body(429, "TooManyRequests", "later"), {{"Retry-After", "1"}}), ErrorCode::kRateLimited,
         "HTTP 429 TooManyRequests: later (retry after 1 s)");
  expect(response(429, status_body(429, "TooManyRequests", "later", R"({"retryAfterSeconds":7})")),
         ErrorCode::kRateLimited, "HTTP 429 TooManyRequests: later (retry after 7 s)");
  expect(response(503, "busy", {{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}}), ErrorCode::kUnavailable,
         "HTTP 503, not a Kubernetes Status: 'busy'");
}

// A Lease is created after a kNotFound only, so somebody else's 404 must not be one.
TEST(KubeAnswer, OnlyAStatusSaysThatSomethingDoesNotExist) {
  expect(response(404, "404 page not found\n"), ErrorCode::kInvalidData,
         "HTTP 404, not a Kubernetes Status: '404 page not found '");
  expect(response(404, R"({"kind":"Other","reason":"NotFound"})"), ErrorCode::kInvalidData,
         R"(HTTP 404, not a Kubernetes Status: '{"kind":"Other","reason":"NotFound"}')");
}

TEST(KubeAnswer, WhatIsNoStatusIsShownShortAndInOneLine) {
  expect(response(502, "<html>\r\n\x01<b>" + std::string(200, 'x')), ErrorCode::kUnavailable,
         "HTTP 502, not a Kubernetes Status: '<html>   <b>" + std::string(68, 'x') + "...'");
  expect(response(302, ""), ErrorCode::kInvalidData, "HTTP 302, without a body");
  expect(response(500, "[1]"), ErrorCode::kUnavailable, "HTTP 500, not a Kubernetes Status: '[1]'");
  expect(response(500, R"({"kind":5,"message":[]})"), ErrorCode::kUnavailable,
         R"(HTTP 500, not a Kubernetes Status: '{"kind":5,"message":[]}')");
}

TEST(KubeAnswer, ALongMessageIsCutBetweenCharacters) {
  const std::string message =
      error_of(response(500, status_body(500, "X", std::string(399, 'a') + "\u00e9\u00e9"))).message;
  EXPECT_EQ(message, "HTTP 500 X: " + std::string(399, 'a') + "...");
}

}  // namespace
}  // namespace ghstats::kube
