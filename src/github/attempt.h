// What is told about every HTTP exchange with GitHub, for metrics and for decisions about limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"

namespace ghstats::github {

// github-api.md 2.1 and 2.2. Each field is absent when GitHub did not send it (GHES: rate limits off) or sent something
// that is no number; absent never means 0.
struct RateLimitHeaders {
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> remaining;
  std::optional<std::int64_t> used;
  std::optional<TimePoint> reset;  // GitHub's clock
  std::optional<std::string> resource;
  std::optional<std::chrono::seconds> retry_after;
};

RateLimitHeaders read_rate_limit(const http::Headers& headers);

struct Attempt {
  std::string org;                 // as configured
  std::string endpoint;            // "list_commits": a fixed name, never a URL
  int status = 0;                  // 0 when there was no answer; then `error` says why
  std::optional<ErrorCode> error;  // kCancelled too: the request was given up by this side
  std::chrono::nanoseconds duration{0};
  RateLimitHeaders rate_limit;
  bool secondary_limit = false;  // refused by it (github-api.md 2.2)
  std::string installation_id;   // empty: not an App, or not known yet
  bool as_app = false;           // sent with the App's own JWT: its limits are not those of the installation
};

// Called on the thread of the request, once per attempt: token mints, pages, redirects and retries included.
using Observer = std::function<void(const Attempt&)>;

}  // namespace ghstats::github
