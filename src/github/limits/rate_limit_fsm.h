// When one installation may ask GitHub something: decisions without I/O (github-api.md 2.1-2.3, contract.md section 4).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/duration.h"
#include "github/answer.h"
#include "github/attempt.h"
#include "github/limits/points_bucket.h"

namespace ghstats::github {

// Each has its own primary limit.
enum class RateLimitResource { kCore, kSearch, kGraphql };
std::string_view to_string(RateLimitResource resource);  // as GitHub spells it

// Both clocks at one moment. Waits for a reset go by the wall clock (a laptop's steady clock stands still while it
// sleeps), all others by the steady one.
struct Moment {
  TimePoint wall;
  SteadyPoint steady;
};
inline Moment moment_of(const Clock& clock) {
  return {clock.now(), clock.steady_now()};
}

struct RateLimitOptions {
  std::int64_t min_remaining_threshold = 200;  // rate_limit.*
  Duration min_reset_buffer{10'000};
  Duration secondary_limit_backoff{60'000};
  std::int64_t rest_points_per_minute = 900;  // GitHub's own limits (2.2); <= 0: none
  std::int64_t graphql_points_per_minute = 2'000;
  int max_concurrent_requests = 100;                 // REST and GraphQL together; >= 1
  std::chrono::seconds graphql_time_per_minute{60};  // of GitHub's processors; <= 0: no limit
};

// One object per installation (its tokens share all limits) or personal token. All calls on one thread.
//
//   primary    Below min_remaining_threshold a resource waits until its reset + min_reset_buffer. What GitHub never
//              said is unlimited; a window whose reset has passed counts no more. A limit that is not above the
//              threshold (search: 30 per minute) is used up to its last tenth instead. What a 401 says is the limit of
//              anonymous callers and counts for nothing.
//   secondary  Stops all resources: for retry-after, else for secondary_limit_backoff, doubled by each further hit, up
//              to kLongestBackoff. Then one request at a time until an answer that is no refusal, which also ends the
//              doubling. Answers to requests sent before a hit neither double nor end anything.
//   pacing     Requests at once, and points per minute (a 304 costs them too), so that the secondary limit is not met.
//              GraphQL also by the time that its answers took, which is how GitHub says its own is estimated (2.2).
//              Points are counted from the first request on, until the host answers without naming a rate limit: GHES
//              has them off by default, and such a host is not paced. One that has named a limit once is paced for
//              ever (docs/adr/0006-pacing-only-where-limits-are-told.md).
class RateLimitFsm {
 public:
  static constexpr std::chrono::minutes kLongestBackoff{15};  // or secondary_limit_backoff when that is longer
  static constexpr std::chrono::hours kLongestWindow{1};      // no reset is waited for longer
  static constexpr std::chrono::hours kLongestRetryAfter{24};
  static constexpr std::chrono::seconds kRecheck{5};

  // For one request.
  struct Permit {
    RateLimitResource resource{};
    std::uint64_t episode = 0;  // secondary hits that were known when it was given
    SteadyPoint given{};
  };

  enum class Reason { kPrimary, kSecondary, kPoints, kConcurrency };
  struct Wait {
    Reason reason{};
    // Then ask again, or earlier when another request has ended. At most kRecheck while waiting for a reset, because
    // the wall clock may jump; > 0.
    std::chrono::nanoseconds ask_again_in{};
    TimePoint until;  // for people; of the wall clock, as far as known
  };

  // What GitHub last said about a primary limit, also when that window is over. Absent: it never said so; 0 is 0.
  struct Primary {
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> remaining;
    std::optional<std::int64_t> used;
    std::optional<TimePoint> reset;  // GitHub's clock
  };

  explicit RateLimitFsm(RateLimitOptions options);

  // `points`: 1 for GET, 5 for POST; 0 for a probe, which pacing does not delay: it lives on what the points per minute
  // leave unused (points_bucket.h). Every permit ends in exactly one after_response
  // or after_no_response.
  std::expected<Permit, Wait> before_request(RateLimitResource resource, std::int64_t points, Moment now);

  // What before_request would find in the way; nothing is spent.
  [[nodiscard]] std::optional<Wait> obstacle(RateLimitResource resource, std::int64_t points, Moment now) const;

  // `headers` count for the resource they name, else for the permit's. `served_at`: the Date header; it tells GitHub's
  // clock from ours.
  void after_response(Permit permit, const RateLimitHeaders& headers, AnswerKind kind,
                      std::optional<TimePoint> served_at, Moment now);

  // No answer: a network error, or given up by this side.
  void after_no_response(Permit permit, Moment now);

  // A limit refused a token mint. Mints have no permit and a primary limit of their own (github-api.md 1.3), so nothing
  // is learnt from the headers but how long to wait: without a new token nothing can be asked, of no resource.
  void after_refused_mint(const RateLimitHeaders& headers, AnswerKind kind, std::optional<TimePoint> served_at,
                          Moment now);

  // Another process that uses the same credential met a limit, which forbids for so long: kPrimary this resource,
  // kSecondary all of them; then, too, one request at a time until an answer to one that was sent from now on.
  void after_limit_elsewhere(Reason reason, RateLimitResource resource, std::chrono::nanoseconds left, Moment now);

  // At which points are spent now.
  [[nodiscard]] PointsBucket::Rate rate(RateLimitResource resource) const {
    return paced() ? bucket_of(resource).rate() : PointsBucket(0).rate();
  }

  [[nodiscard]] const Primary& primary(RateLimitResource resource) const { return window_of(resource).told; }
  [[nodiscard]] std::uint64_t secondary_hits() const { return secondary_hits_; }  // answers, since the start
  [[nodiscard]] int in_flight() const { return in_flight_; }
  [[nodiscard]] bool paced() const { return limits_ != Limits::kNone; }  // by points

 private:
  // Whether this host names rate limits.
  enum class Limits { kNotKnown, kNone, kNamed };

  struct Window {
    Primary told;
    // The reset by both our clocks, as computed when it was told: whichever comes first.
    TimePoint reset_wall;
    SteadyPoint reset_steady;
    SteadyPoint refused_until = SteadyPoint::min();  // by a primary hit, beside the reset

    [[nodiscard]] bool is_over(Moment now, Duration buffer) const;
  };

  [[nodiscard]] std::optional<Wait> primary_obstacle(const Window& window, Moment now) const;
  [[nodiscard]] std::int64_t threshold_for(const Window& window) const;
  [[nodiscard]] std::chrono::nanoseconds until_paced(RateLimitResource resource, std::int64_t points, Moment now) const;
  void release(const Permit& permit, Moment now);
  void learn_host(const RateLimitHeaders& headers, AnswerKind kind);
  void learn(Window& window, const RateLimitHeaders& headers, Moment now);
  void on_primary_hit(Window& window, const RateLimitHeaders& headers, Moment now);
  void on_secondary_hit(Permit permit, const RateLimitHeaders& headers, Moment now);
  [[nodiscard]] std::optional<Duration> until_reset(const RateLimitHeaders& headers, TimePoint github_now) const;
  [[nodiscard]] Duration backoff() const;
  Window& window_of(RateLimitResource resource) { return windows_[static_cast<std::size_t>(resource)]; }
  [[nodiscard]] const Window& window_of(RateLimitResource resource) const {
    return windows_[static_cast<std::size_t>(resource)];
  }
  [[nodiscard]] const PointsBucket& bucket_of(RateLimitResource resource) const {
    return resource == RateLimitResource::kGraphql ? graphql_points_ : rest_points_;
  }

  RateLimitOptions options_;
  std::array<Window, 3> windows_;
  PointsBucket rest_points_;
  PointsBucket graphql_points_;
  PointsBucket graphql_time_;  // a point is a millisecond
  Limits limits_ = Limits::kNotKnown;
  TimePoint::duration github_ahead_{};  // GitHub's clock minus ours
  int in_flight_ = 0;
  std::uint64_t secondary_hits_ = 0;
  std::uint64_t episode_ = 0;  // hits that were news
  int hits_in_row_ = 0;        // of episodes, without a success in between
  SteadyPoint secondary_until_ = SteadyPoint::min();
};

}  // namespace ghstats::github
