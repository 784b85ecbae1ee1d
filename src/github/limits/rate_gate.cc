#include "github/limits/rate_gate.h"

#include <fmt/format.h>

#include "base/time_format.h"

namespace ghstats::github {
namespace {

// Clocks and answers differ by less.
constexpr std::chrono::seconds kWorthTelling{1};

}  // namespace

// A waiter in its queue. However it leaves, the next one looks up.
class RateGate::Waiter {
 public:
  Waiter(RateGate& gate, RateLimitResource resource)
      : changed_(gate.changed_),
        queue_(gate.queues_[static_cast<std::size_t>(resource)]),
        at_(queue_.insert(queue_.end(), 0)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    queue_.erase(at_);
    changed_.bump();
  }

  [[nodiscard]] bool is_first() const { return at_ == queue_.begin(); }

 private:
  async::Watch& changed_;
  std::list<int>& queue_;
  std::list<int>::iterator at_;
};

RateGate::Permit::~Permit() {
  if (gate_ == nullptr) return;
  gate_->fsm_.after_no_response(permit_, moment_of(*gate_->clock_));
  gate_->changed_.bump();
}

void RateGate::Permit::answered(const Answer& answer) {
  RateGate* gate = std::exchange(gate_, nullptr);
  if (gate == nullptr) return;
  const Moment now = moment_of(*gate->clock_);
  gate->fsm_.after_response(permit_, read_rate_limit(answer.response.headers), answer.kind, date_of(answer.response),
                            now);
  gate->tell_others(permit_.resource, now);
  gate->changed_.bump();
}

RateGate::RateGate(boost::asio::any_io_executor executor, const Clock& clock, RateGateOptions options,
                   log::Logger logger)
    : clock_(&clock),
      fsm_(options.limits),
      pause_(std::move(options.pause)),
      shared_(std::move(options.shared)),
      logger_(std::move(logger)),
      changed_(std::move(executor)) {}

async::Task<Result<RateGate::Permit>> RateGate::enter(std::string org, RateLimitResource resource,
                                                      std::int64_t points) {
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  const Waiter waiter(*this, resource);
  for (;;) {
    const auto seen = changed_.version();
    const Moment now = moment_of(*clock_);
    std::optional<std::chrono::nanoseconds> longest;  // who is not the first waits for the first
    std::optional<RateLimitFsm::Wait> in_the_way;
    if (waiter.is_first()) {
      auto permit = co_await ask(resource, points);
      if (permit) {
        note_going_on(org, now);
        co_return *std::move(permit);
      }
      in_the_way = permit.error();
      longest = permit.error().ask_again_in;
    } else {
      in_the_way = fsm_.obstacle(resource, points, now);
    }
    if (in_the_way) note_waiting(org, *in_the_way, now);
    const Status waited = co_await pause_(changed_, seen, longest);
    if (!waited && waited.error().code != ErrorCode::kTimeout) co_return fail(waited.error());
  }
}

async::Task<std::optional<RateGate::Permit>> RateGate::try_enter(RateLimitResource resource, std::int64_t points) {
  auto permit = co_await ask(resource, points);
  if (!permit) co_return std::nullopt;
  co_return *std::move(permit);
}

// Nobody is asked for what is forbidden here already. The others' word comes before the permit, so that what they
// refuse costs no points of this process.
async::Task<std::expected<RateGate::Permit, RateLimitFsm::Wait>> RateGate::ask(RateLimitResource resource,
                                                                               std::int64_t points) {
  if (shared_) {
    if (const auto wait = fsm_.obstacle(resource, points, moment_of(*clock_))) co_return std::unexpected(*wait);
    const auto obstacle = co_await shared_->admit(resource, points, fsm_.rate(resource));
    const Moment now = moment_of(*clock_);
    if (obstacle && obstacle->reason == RateLimitFsm::Reason::kPoints) {
      co_return std::unexpected(RateLimitFsm::Wait{obstacle->reason, obstacle->left,
                                                   now.wall + std::chrono::ceil<TimePoint::duration>(obstacle->left)});
    }
    if (obstacle) {
      fsm_.after_limit_elsewhere(obstacle->reason, resource, obstacle->left, now);
      told_[{obstacle->reason, resource}] = now.steady + obstacle->left;
    }
  }
  const auto permit = fsm_.before_request(resource, points, moment_of(*clock_));
  if (!permit) co_return std::unexpected(permit.error());
  co_return Permit(this, *permit);
}

// What is forbidden for longer than they know.
void RateGate::tell_others(RateLimitResource resource, Moment now) {
  if (!shared_) return;
  const auto wait = fsm_.obstacle(resource, 0, now);
  using enum RateLimitFsm::Reason;
  if (!wait || (wait->reason != kPrimary && wait->reason != kSecondary)) return;
  const std::chrono::nanoseconds left = wait->until - now.wall;
  SteadyPoint& told = told_[{wait->reason, resource}];
  if (now.steady + left <= told + kWorthTelling) return;
  told = now.steady + left;
  shared_->met(wait->reason, resource, left);
}

void RateGate::mint_refused(const Answer& answer) {
  if (answer.kind != AnswerKind::kPrimaryLimit && answer.kind != AnswerKind::kSecondaryLimit) return;
  const Moment now = moment_of(*clock_);
  fsm_.after_refused_mint(read_rate_limit(answer.response.headers), answer.kind, date_of(answer.response), now);
  tell_others(RateLimitResource::kCore, now);
  if (answer.kind == AnswerKind::kPrimaryLimit) tell_others(RateLimitResource::kGraphql, now);
  changed_.bump();
}

std::optional<RateLimitFsm::Wait> RateGate::obstacle(RateLimitResource resource) const {
  return fsm_.obstacle(resource, 1, moment_of(*clock_));
}

std::optional<RateLimitFsm::Wait> RateGate::limit(RateLimitResource resource) const {
  auto wait = obstacle(resource);
  if (wait && wait->reason != RateLimitFsm::Reason::kPrimary && wait->reason != RateLimitFsm::Reason::kSecondary) {
    wait.reset();
  }
  return wait;
}

Error RateGate::explained(Error refusal, RateLimitResource resource) const {
  if (const auto wait = limit(resource)) {
    refusal.message += fmt::format(", nothing is asked until {}", format_rfc3339(wait->until));
  }
  return refusal;
}

void RateGate::note_waiting(const std::string& org, const RateLimitFsm::Wait& wait, Moment now) {
  const bool primary = wait.reason == RateLimitFsm::Reason::kPrimary;
  if (!primary && wait.reason != RateLimitFsm::Reason::kSecondary) return;
  if (wait.until - now.wall <= kWorthALine) return;
  if (!held_since_.emplace(org, now.steady).second) return;
  logger_.warn("waiting for GitHub's rate limit",
               {{"org", org}, {"limit", primary ? "primary" : "secondary"}, {"until", format_rfc3339(wait.until)}});
}

void RateGate::note_going_on(const std::string& org, Moment now) {
  const auto held = held_since_.find(org);
  if (held == held_since_.end()) return;
  logger_.info("going on after GitHub's rate limit",
               {{"org", org}, {"waited_seconds", std::chrono::duration<double>(now.steady - held->second).count()}});
  held_since_.erase(held);
}

}  // namespace ghstats::github
