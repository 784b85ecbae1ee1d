// What an answer of an API server means (apimachinery, pkg/api/errors/errors.go; Kubernetes API conventions, "HTTP
// status codes").
#pragma once

#include <string>

#include "base/error.h"
#include "http/client.h"

namespace ghstats::kube {

// 200 to 299.
bool is_success(const http::Response& response);

// Of any other answer. By status: 401 kUnauthenticated; 403 kPermissionDenied; 404 with a Status of reason NotFound
// kNotFound; 409 kConflict (AlreadyExists, too); 413 kTooLarge; 429 kRateLimited; 5xx kUnavailable; 3xx, and a 404 that
// no API server gives, kInvalidData; any other 4xx kInvalidArgument. The message, one line of bounded length, has the
// status, the server's reason and words, and how long it wants to be left alone: "HTTP 429 TooManyRequests: too many
// requests, please try again later (retry after 1 s)". Of a body that is no Status: how it begins.
Error error_of(const http::Response& response);

}  // namespace ghstats::kube
