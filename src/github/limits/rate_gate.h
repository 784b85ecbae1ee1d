// The gate that every request of one credential passes: RateLimitFsm decides, this waits.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "async/task.h"
#include "async/watch.h"
#include "base/clock.h"
#include "base/error.h"
#include "github/answer.h"
#include "github/limits/rate_limit_fsm.h"
#include "github/limits/shared_limits.h"
#include "http/client.h"
#include "log/log.h"

namespace ghstats::github {

struct RateGateOptions {
  RateLimitOptions limits;  // rate_limit.*
  async::Waiter pause = async::wait_for_change;
  std::unique_ptr<SharedLimits> shared = nullptr;  // null: nobody else uses the credential
};

// One per installation or personal token; organisations that share the credential share it. All calls on the
// executor's thread; `clock` must outlive it, and it must outlive its permits and waiters.
// Waiters of one resource are served in the order they came. What GitHub tells this process of its limits is told to
// all that share them, and each request asks what they know and have spent.
class RateGate {
 public:
  // For one request. Ends in answered(), or without an answer when it is destroyed.
  class Permit {
   public:
    Permit(Permit&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), permit_(other.permit_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();

    // What GitHub said, whatever it was. At most once.
    void answered(const Answer& answer);

   private:
    friend class RateGate;
    Permit(RateGate* gate, RateLimitFsm::Permit permit) : gate_(gate), permit_(permit) {}

    RateGate* gate_;  // null: has ended
    RateLimitFsm::Permit permit_;
  };

  RateGate(boost::asio::any_io_executor executor, const Clock& clock, RateGateOptions options, log::Logger logger);

  // Waits as long as limits, pacing and those who came before demand: an hour is nothing unusual. The first request of
  // `org` (for the log) that meets a rate limit longer than kWorthALine is told as a warning, the next that passes as
  // information. `points` as RateLimitFsm::before_request has it. Error: kCancelled, at once.
  async::Task<Result<Permit>> enter(std::string org, RateLimitResource resource, std::int64_t points);

  // Does not wait for limits, and passes by those who do; absent when something is in the way.
  async::Task<std::optional<Permit>> try_enter(RateLimitResource resource, std::int64_t points);

  // A token mint, which passes no gate, was refused; it counts when a rate limit did it.
  void mint_refused(const Answer& answer);

  // What a question of one point would find in the way now, whoever waits already.
  [[nodiscard]] std::optional<RateLimitFsm::Wait> obstacle(RateLimitResource resource = RateLimitResource::kCore) const;

  // The rate limit that is waited for now; pacing is none.
  [[nodiscard]] std::optional<RateLimitFsm::Wait> limit(RateLimitResource resource = RateLimitResource::kCore) const;

  // `refusal` with the time until which nothing is asked, if there is one: whoever reads it learns how long it takes.
  [[nodiscard]] Error explained(Error refusal, RateLimitResource resource = RateLimitResource::kCore) const;

  [[nodiscard]] const RateLimitFsm& limits() const { return fsm_; }

  static constexpr std::chrono::seconds kWorthALine{5};

 private:
  class Waiter;
  async::Task<std::expected<Permit, RateLimitFsm::Wait>> ask(RateLimitResource resource, std::int64_t points);
  void tell_others(RateLimitResource resource, Moment now);
  void note_waiting(const std::string& org, const RateLimitFsm::Wait& wait, Moment now);
  void note_going_on(const std::string& org, Moment now);

  const Clock* clock_;
  RateLimitFsm fsm_;
  async::Waiter pause_;
  std::unique_ptr<SharedLimits> shared_;
  // Until when the others know that they are forbidden, by which limit.
  std::map<std::pair<RateLimitFsm::Reason, RateLimitResource>, SteadyPoint> told_;
  log::Logger logger_;
  async::Watch changed_;                           // by an answer, a refusal, or a place that became free
  std::array<std::list<int>, 3> queues_;           // by resource; what an element holds means nothing
  std::map<std::string, SteadyPoint> held_since_;  // organisations whose waiting was told
};

}  // namespace ghstats::github
