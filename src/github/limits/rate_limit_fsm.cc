#include "github/limits/rate_limit_fsm.h"

#include <algorithm>
#include <utility>

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// GitHub's servers disagree by a second or two about the reset of one window.
constexpr auto kSameWindow = 5s;
// Nothing wakes a request that waits for others to end, unless its driver does.
constexpr nanoseconds kConcurrencyRecheck = 100ms;
constexpr nanoseconds kShortestWait = 1ms;

std::optional<RateLimitResource> resource_named(const RateLimitHeaders& headers, RateLimitResource otherwise) {
  if (!headers.resource) return otherwise;
  for (const auto resource : {RateLimitResource::kCore, RateLimitResource::kSearch, RateLimitResource::kGraphql}) {
    if (*headers.resource == to_string(resource)) return resource;
  }
  return std::nullopt;
}

// A 403 that is no limit as far as the classifier can tell may still be one; 401 and 5xx say nothing about limits.
bool shows_that_github_serves(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kOk:
    case AnswerKind::kRedirect:
    case AnswerKind::kNotFound:
    case AnswerKind::kConflict:
    case AnswerKind::kUnexpected:  // 304 among them
      return true;
    case AnswerKind::kUnauthenticated:
    case AnswerKind::kForbidden:
    case AnswerKind::kBlocked:
    case AnswerKind::kPrimaryLimit:
    case AnswerKind::kSecondaryLimit:
    case AnswerKind::kServerError:
      return false;
  }
  std::unreachable();
}

// Retry-After, when it asks for a wait at all.
std::optional<Duration> asked_wait(const RateLimitHeaders& headers) {
  if (!headers.retry_after || *headers.retry_after <= 0s) return std::nullopt;
  return std::min<std::chrono::seconds>(*headers.retry_after, RateLimitFsm::kLongestRetryAfter);
}

RateLimitFsm::Wait wait_for(RateLimitFsm::Reason reason, nanoseconds wait, Moment now) {
  wait = std::max(wait, kShortestWait);
  return {reason, wait, now.wall + std::chrono::ceil<TimePoint::duration>(wait)};
}

}  // namespace

std::string_view to_string(RateLimitResource resource) {
  switch (resource) {
    case RateLimitResource::kCore:
      return "core";
    case RateLimitResource::kSearch:
      return "search";
    case RateLimitResource::kGraphql:
      return "graphql";
  }
  std::unreachable();
}

RateLimitFsm::RateLimitFsm(RateLimitOptions options)
    : options_(options),
      rest_points_(options.rest_points_per_minute),
      graphql_points_(options.graphql_points_per_minute),
      graphql_time_(std::chrono::milliseconds{options.graphql_time_per_minute}.count()) {}

std::expected<RateLimitFsm::Permit, RateLimitFsm::Wait> RateLimitFsm::before_request(RateLimitResource resource,
                                                                                     std::int64_t points, Moment now) {
  if (const auto wait = obstacle(resource, points, now)) return std::unexpected(*wait);
  auto& bucket = resource == RateLimitResource::kGraphql ? graphql_points_ : rest_points_;
  // Not on a host without limits: hours of debt would be due when they are switched on.
  if (paced()) bucket.spend(points, now.steady);
  ++in_flight_;
  return Permit{resource, episode_, now.steady};
}

std::optional<RateLimitFsm::Wait> RateLimitFsm::obstacle(RateLimitResource resource, std::int64_t points,
                                                         Moment now) const {
  if (now.steady < secondary_until_) return wait_for(Reason::kSecondary, secondary_until_ - now.steady, now);
  if (auto wait = primary_obstacle(window_of(resource), now)) return wait;
  const int allowed = hits_in_row_ > 0 ? 1 : options_.max_concurrent_requests;
  if (in_flight_ >= allowed) return wait_for(Reason::kConcurrency, kConcurrencyRecheck, now);
  if (!paced()) return std::nullopt;
  const auto paced_in = until_paced(resource, points, now);
  if (paced_in > 0ns) return wait_for(Reason::kPoints, paced_in, now);
  return std::nullopt;
}

// How long a query takes is known afterwards: the next ones wait for it.
nanoseconds RateLimitFsm::until_paced(RateLimitResource resource, std::int64_t points, Moment now) const {
  const auto by_points = bucket_of(resource).wait(points, now.steady);
  if (resource != RateLimitResource::kGraphql || points == 0) return by_points;
  return std::max(by_points, graphql_time_.wait(1, now.steady));
}

// GitHub ends what takes longer than its time-out and forgets after a minute; the rest of a longer exchange was spent
// on the way, on a token, or asleep.
void RateLimitFsm::release(const Permit& permit, Moment now) {
  constexpr nanoseconds kGitHubsTimeout = 10s;
  constexpr nanoseconds kMostOwed = 1min;
  --in_flight_;
  if (permit.resource != RateLimitResource::kGraphql || !paced()) return;
  if (graphql_time_.wait(1, now.steady) >= kMostOwed) return;
  const nanoseconds took = std::clamp<nanoseconds>(now.steady - permit.given, 0ns, kGitHubsTimeout);
  graphql_time_.spend(std::chrono::floor<std::chrono::milliseconds>(took).count(), now.steady);
}

bool RateLimitFsm::Window::is_over(Moment now, Duration buffer) const {
  return now.wall >= reset_wall + buffer || now.steady >= reset_steady + buffer;
}

std::int64_t RateLimitFsm::threshold_for(const Window& window) const {
  std::int64_t threshold = options_.min_remaining_threshold;
  if (window.told.limit && *window.told.limit <= threshold) threshold = *window.told.limit / 10;
  return std::max<std::int64_t>(1, threshold);
}

std::optional<RateLimitFsm::Wait> RateLimitFsm::primary_obstacle(const Window& window, Moment now) const {
  std::optional<Wait> refused;
  if (now.steady < window.refused_until) refused = wait_for(Reason::kPrimary, window.refused_until - now.steady, now);
  if (!window.told.remaining || !window.told.reset || *window.told.remaining >= threshold_for(window)) return refused;
  if (window.is_over(now, options_.min_reset_buffer)) return refused;
  const nanoseconds by_wall = window.reset_wall + options_.min_reset_buffer - now.wall;
  const nanoseconds by_steady = window.reset_steady + options_.min_reset_buffer - now.steady;
  Wait wait = wait_for(Reason::kPrimary, std::min(by_wall, by_steady), now);
  wait.ask_again_in = std::min<nanoseconds>(wait.ask_again_in, kRecheck);
  // People are told when it is really over.
  return refused && refused->until > wait.until ? refused : wait;
}

void RateLimitFsm::after_response(Permit permit, const RateLimitHeaders& headers, AnswerKind kind,
                                  std::optional<TimePoint> served_at, Moment now) {
  release(permit, now);
  learn_host(headers, kind);
  if (served_at && headers.reset) github_ahead_ = *served_at - now.wall;  // by GitHub, not by a proxy on its behalf
  const auto resource = resource_named(headers, permit.resource);
  // A 401 speaks of the limit of anonymous callers.
  if (resource && kind != AnswerKind::kUnauthenticated) learn(window_of(*resource), headers, now);
  if (kind == AnswerKind::kPrimaryLimit) {
    on_primary_hit(window_of(resource.value_or(permit.resource)), headers, now);
  }
  if (kind == AnswerKind::kSecondaryLimit) on_secondary_hit(permit, headers, now);
  if (shows_that_github_serves(kind) && permit.episode == episode_) hits_in_row_ = 0;
}

void RateLimitFsm::after_no_response(Permit permit, Moment now) {
  release(permit, now);
}

void RateLimitFsm::after_refused_mint(const RateLimitHeaders& headers, AnswerKind kind,
                                      std::optional<TimePoint> served_at, Moment now) {
  const Permit as_if_just_sent{RateLimitResource::kCore, episode_};
  if (kind == AnswerKind::kSecondaryLimit) on_secondary_hit(as_if_just_sent, headers, now);
  if (kind != AnswerKind::kPrimaryLimit) return;
  std::optional<Duration> wait = asked_wait(headers);
  if (!wait) wait = until_reset(headers, served_at.value_or(now.wall + github_ahead_));
  const SteadyPoint until = now.steady + wait.value_or(options_.secondary_limit_backoff);
  for (Window& window : windows_) window.refused_until = std::max(window.refused_until, until);
}

void RateLimitFsm::after_limit_elsewhere(Reason reason, RateLimitResource resource, nanoseconds left, Moment now) {
  const SteadyPoint until = now.steady + std::min<nanoseconds>(left, kLongestRetryAfter);
  if (reason == Reason::kPrimary) {
    Window& window = window_of(resource);
    window.refused_until = std::max(window.refused_until, until);
  }
  if (reason != Reason::kSecondary || until <= secondary_until_) return;
  secondary_until_ = until;
  ++episode_;
  hits_in_row_ = std::max(hits_in_row_, 1);
}

// The error page of a proxy is not the host's word.
void RateLimitFsm::learn_host(const RateLimitHeaders& headers, AnswerKind kind) {
  if (headers.limit || headers.remaining) {
    limits_ = Limits::kNamed;
  } else if (limits_ == Limits::kNotKnown && shows_that_github_serves(kind)) {
    limits_ = Limits::kNone;
  }
}

// Answers arrive in any order: within one window the lowest number is the latest, and an earlier window is history.
// An error page of a proxy has no such headers and changes nothing.
void RateLimitFsm::learn(Window& window, const RateLimitHeaders& headers, Moment now) {
  if (!headers.remaining) return;
  Primary told{headers.limit, headers.remaining, headers.used, headers.reset};
  const bool comparable = window.told.reset && headers.reset && !window.is_over(now, Duration{0});
  const auto later = comparable ? *headers.reset - *window.told.reset : TimePoint::duration::max();
  if (later < -kSameWindow) return;
  if (later <= kSameWindow && window.told.remaining < told.remaining) {
    told.remaining = window.told.remaining;
    told.used = window.told.used;
  }
  window.told = told;
  if (!told.reset) return;
  // A reset further away than any window is a clock gone wrong somewhere.
  const TimePoint::duration left_by_github = *told.reset - (now.wall + github_ahead_);
  const auto left = std::clamp<TimePoint::duration>(left_by_github, -kLongestWindow, kLongestWindow);
  window.reset_wall = now.wall + left;
  window.reset_steady = now.steady + left;
}

void RateLimitFsm::on_primary_hit(Window& window, const RateLimitHeaders& headers, Moment now) {
  std::optional<Duration> wait = asked_wait(headers);
  if (!wait && !primary_obstacle(window, now)) {
    // Refused, although what is known forbids nothing: no reset, one that has passed, points left, or an earlier reset
    // than we were told before.
    wait = until_reset(headers, now.wall + github_ahead_).value_or(options_.secondary_limit_backoff);
  }
  if (wait) window.refused_until = std::max(window.refused_until, now.steady + *wait);
}

void RateLimitFsm::on_secondary_hit(Permit permit, const RateLimitHeaders& headers, Moment now) {
  ++secondary_hits_;
  if (permit.episode == episode_) {
    ++episode_;
    ++hits_in_row_;
  }
  const Duration wait = asked_wait(headers).value_or(backoff());
  secondary_until_ = std::max(secondary_until_, now.steady + wait);
}

// Absent when nothing is used up or the reset has passed.
std::optional<Duration> RateLimitFsm::until_reset(const RateLimitHeaders& headers, TimePoint github_now) const {
  if (headers.remaining != 0 || !headers.reset || *headers.reset <= github_now) return std::nullopt;
  const auto left = std::min<TimePoint::duration>(*headers.reset - github_now, kLongestWindow);
  return std::chrono::ceil<Duration>(left) + options_.min_reset_buffer;
}

// Of the current hit.
Duration RateLimitFsm::backoff() const {
  const Duration longest = std::max<Duration>(kLongestBackoff, options_.secondary_limit_backoff);
  Duration wait = options_.secondary_limit_backoff;
  for (int hit = 1; hit < hits_in_row_ && wait < longest; ++hit) wait *= 2;
  return std::min(wait, longest);
}

}  // namespace ghstats::github
