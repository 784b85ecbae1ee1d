#include "sim/control/obedience.h"

#include <boost/json/array.hpp>
#include <charconv>

#include "base/time_format.h"

namespace ghstats::sim {
namespace {

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kTooManyRequests = 429;
constexpr std::chrono::seconds kUnsaidWait{60};
constexpr std::size_t kRemembered = 20;

std::optional<std::int64_t> number(const http::Headers& headers, std::string_view name) {
  const auto text = headers.get(name);
  std::int64_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) return std::nullopt;
  return value;
}

bool speaks_of_secondary_limit(const http::ServerResponse& response) {
  return !response.body.empty() && response.body.front()->contains("secondary rate limit");
}

// GraphQL refuses inside a 200, too; where there are data, such words are somebody's title.
bool may_refuse(const http::ServerResponse& response) {
  if (response.status == kForbidden || response.status == kTooManyRequests) return true;
  return response.status == kOk && !response.body.empty() && response.body.front()->starts_with(R"({"errors":)");
}

}  // namespace

Told told_by(const http::ServerResponse& response) {
  Told told;
  const auto remaining = number(response.headers, "x-ratelimit-remaining");
  const auto reset = number(response.headers, "x-ratelimit-reset");
  if (remaining && reset) {
    told.exhausted = *remaining == 0;
    told.reset = from_unix_seconds(*reset);
  }
  if (!may_refuse(response)) return told;
  const auto retry_after = number(response.headers, "Retry-After");
  if (speaks_of_secondary_limit(response) || (retry_after && !told.exhausted.value_or(false))) {
    told.wait = retry_after ? std::chrono::seconds{*retry_after} : kUnsaidWait;
  }
  return told;
}

void Obedience::arrived(const Request& request) {
  const auto known = limits_.find(request.who);
  if (known == limits_.end()) return;
  auto& limits = known->second;
  const auto note = [&](std::string why, SteadyPoint since) {
    const auto after = request.steady_now - since;
    if (after <= grace_) return false;
    ++count_;
    last_.push_back(
        {request.endpoint, std::move(why), request.who, request.now, std::chrono::duration_cast<Duration>(after)});
    if (last_.size() > kRemembered) last_.pop_front();
    return true;
  };
  if (limits.wait_until && request.steady_now < *limits.wait_until && note("secondary", limits.waiting_since)) return;
  const auto& primary = limits.exhausted[request.resource];
  if (!request.free && primary.until && request.now < *primary.until) note("primary", primary.since);
}

void Obedience::told(const std::string& who, Resource resource, const Told& told, SteadyPoint steady_now) {
  auto& limits = limits_[who];
  auto& primary = limits.exhausted[resource];
  if (told.exhausted && !*told.exhausted) primary.until.reset();
  if (told.exhausted && *told.exhausted) {
    if (primary.until != told.reset) primary.since = steady_now;
    primary.until = told.reset;
  }
  if (told.wait) {
    const bool waiting = limits.wait_until && steady_now < *limits.wait_until;
    if (!waiting) limits.waiting_since = steady_now;
    const auto until = steady_now + *told.wait;
    limits.wait_until = waiting ? std::max(*limits.wait_until, until) : until;
  }
}

void Obedience::reset() {
  count_ = 0;
  last_.clear();
}

boost::json::object Obedience::to_json() const {
  boost::json::array requests;
  for (const auto& offence : last_) {
    requests.push_back(boost::json::object{{"endpoint", offence.endpoint},
                                           {"why", offence.why},
                                           {"who", offence.who},
                                           {"at", format_rfc3339(offence.at)},
                                           {"after_ms", offence.after.count()}});
  }
  return {{"forbidden", count_}, {"forbidden_requests", std::move(requests)}};
}

}  // namespace ghstats::sim
