#include "github/attempt.h"

#include <charconv>

namespace ghstats::github {
namespace {

std::optional<std::int64_t> number(const http::Headers& headers, std::string_view name) {
  const auto text = headers.get(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

RateLimitHeaders read_rate_limit(const http::Headers& headers) {
  // The year 2262: the clock's nanoseconds end there.
  constexpr std::int64_t kLastSecond = 9'223'372'036;
  RateLimitHeaders out;
  out.limit = number(headers, "x-ratelimit-limit");
  out.remaining = number(headers, "x-ratelimit-remaining");
  out.used = number(headers, "x-ratelimit-used");
  const auto reset = number(headers, "x-ratelimit-reset");
  if (reset && *reset < kLastSecond) out.reset = from_unix_seconds(*reset);
  const auto resource = headers.get("x-ratelimit-resource");
  if (resource) out.resource = std::string(*resource);
  const auto retry_after = number(headers, "retry-after");
  if (retry_after && *retry_after < kLastSecond) out.retry_after = std::chrono::seconds{*retry_after};
  return out;
}

}  // namespace ghstats::github
