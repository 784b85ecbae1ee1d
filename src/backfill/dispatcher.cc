#include "backfill/dispatcher.h"

#include <map>
#include <set>
#include <utility>

#include "base/folded.h"

namespace ghstats::backfill {
namespace {

using async::Task;
using metrics::Family;

constexpr std::string_view kOrgRateCap = "org_rate_cap";
constexpr std::string_view kGlobalSafetyCap = "global_safety_cap";
constexpr std::string_view kPublishFailed = "publish_failed";
constexpr std::string_view kBackfillDisabled = "backfill_disabled";
constexpr std::chrono::seconds kCapPeriod{60};

std::string claim_name(const std::string& key) {
  return "backfill/" + key;
}

}  // namespace

// One call of enqueue().
struct Dispatcher::Round {
  DispatchReport report;
  std::map<std::string_view, std::size_t> dropped;  // by cause
  std::set<std::string> capped;                     // organisations whose allowance is used up
  std::optional<std::string_view> refusal;          // why the queue takes nothing more
  std::string queue_error;                          // the first
  std::string store_error;                          // the first; from then on the local limits hold
  [[nodiscard]] bool store_lost() const { return !store_error.empty(); }
};

Dispatcher::Dispatcher(DispatcherEnvironment environment, DispatcherOptions options)
    : environment_(std::move(environment)), options_(options) {}

Task<DispatchReport> Dispatcher::enqueue(std::vector<work::Miss> misses) {
  Round round;
  if (!options_.enabled) {
    for (const work::Miss& miss : misses) drop(miss, kBackfillDisabled, round);
    co_return round.report;
  }
  local_.forget(environment_.clock.steady_now());
  std::vector<work::Miss> requests = coalesce(std::move(misses), options_.coalesce_window);
  for (work::Miss& request : requests) {
    co_await offer(std::move(request), round);
    if (round.report.cancelled) break;
  }
  tell(round);
  co_return round.report;
}

Task<> Dispatcher::offer(work::Miss request, Round& round) {
  const std::string org = folded(request.org);
  if (round.refusal) co_return drop(request, *round.refusal, round);
  if (round.capped.contains(org)) co_return drop(request, kOrgRateCap, round);

  const std::string key = dedup_key(request);
  const Grant claimed = co_await claim(key, round);
  if (claimed == Grant::kCancelled) co_return;
  if (claimed == Grant::kNo) {
    ++round.report.deduped;
    environment_.recorder.add(Family::kBackfillDeduped, {request.org, std::string(to_string(request.reason))});
    co_return;
  }
  // A claim of the store is shared; without one, what the store holds is another replica's and stays.
  const bool shared = !round.store_lost();
  const Grant drawn = co_await draw(org, round);
  if (drawn != Grant::kYes) {
    co_await release(key, shared, round);
    if (drawn == Grant::kCancelled) co_return;
    round.capped.insert(org);
    co_return drop(request, kOrgRateCap, round);
  }
  const Status published = co_await environment_.queue.publish(message_for(request, key));
  if (!published) {
    co_await release(key, shared, round);
    co_return judge(request, published.error(), round);
  }
  ++round.report.enqueued;
  environment_.recorder.add(Family::kBackfillEnqueued, {request.org, std::string(to_string(request.reason))});
}

Task<Dispatcher::Grant> Dispatcher::claim(std::string key, Round& round) {
  if (!round.store_lost()) {
    const auto claimed = co_await environment_.store.claim(claim_name(key), options_.dedup_ttl);
    if (claimed) co_return *claimed ? Grant::kYes : Grant::kNo;
    if (claimed.error().code == ErrorCode::kCancelled) {
      round.report.cancelled = true;
      co_return Grant::kCancelled;
    }
    round.store_error = claimed.error().message;
  }
  const bool claimed = local_.claim(key, options_.dedup_ttl, environment_.clock.steady_now());
  co_return claimed ? Grant::kYes : Grant::kNo;
}

Task<Dispatcher::Grant> Dispatcher::draw(std::string org, Round& round) {
  const std::int64_t limit = options_.max_enqueues_per_org_per_minute;
  if (!round.store_lost()) {
    const auto drawn =
        co_await environment_.store.draw({.name = "backfill/" + org, .limit = limit, .period = kCapPeriod}, 1);
    if (drawn && *drawn > 0) local_.spend(org, environment_.clock.now());
    if (drawn) co_return *drawn > 0 ? Grant::kYes : Grant::kNo;
    if (drawn.error().code == ErrorCode::kCancelled) {
      round.report.cancelled = true;
      co_return Grant::kCancelled;
    }
    round.store_error = drawn.error().message;
  }
  co_return local_.draw(org, limit, environment_.clock.now()) ? Grant::kYes : Grant::kNo;
}

// Also when cancelled: the store may still listen.
Task<> Dispatcher::release(std::string key, bool shared, Round& round) {
  if (!shared) {
    local_.release(key);
    co_return;
  }
  const Status released = co_await environment_.store.release(claim_name(key));
  if (!released && !round.store_lost()) round.store_error = released.error().message;
}

void Dispatcher::drop(const work::Miss& request, std::string_view cause, Round& round) {
  ++round.report.dropped;
  ++round.dropped[cause];
  environment_.recorder.add(Family::kBackfillDropped, {request.org, std::string(cause)});
}

void Dispatcher::judge(const work::Miss& request, const Error& error, Round& round) {
  if (error.code == ErrorCode::kCancelled) {
    round.report.cancelled = true;
    return;
  }
  const std::string_view cause = error.code == ErrorCode::kConflict ? kGlobalSafetyCap : kPublishFailed;
  const bool holds_for_all =
      error.code == ErrorCode::kConflict || error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
  if (holds_for_all) round.refusal = cause;
  if (round.queue_error.empty()) round.queue_error = error.message;
  drop(request, cause, round);
}

queue::Message Dispatcher::message_for(const work::Miss& request, std::string key) const {
  const Job job{.job_id = make_job_id(),
                .dedup_key = std::move(key),
                .org = request.org,
                .repo = request.repo,
                .repo_id = request.repo_id,
                .reason = request.reason,
                .window = request.window,
                .families = request.families,
                .copilot = request.copilot,
                .attempt = 1,
                .max_attempts = options_.max_attempts,
                .created_at = std::chrono::floor<std::chrono::seconds>(environment_.clock.now())};
  return {.payload = to_message(job), .created_at = job.created_at};
}

void Dispatcher::tell(const Round& round) const {
  const log::Logger& logger = environment_.logger;
  if (round.report.enqueued > 0) {
    logger.info("backfill jobs queued", {{"enqueued", round.report.enqueued}, {"deduped", round.report.deduped}});
  }
  if (round.store_lost() && !round.report.cancelled) {
    logger.warn("the store does not keep backfill claims: this replica goes by its own",
                {{"error", round.store_error}});
  }
  for (const auto& [cause, count] : round.dropped) {
    logger.warn("backfill jobs were not queued; the next cycle tries again",
                {{"reason", cause},
                 {"dropped", count},
                 {"error", cause == kOrgRateCap ? "max_enqueues_per_org_per_minute is used up" : round.queue_error}});
  }
}

}  // namespace ghstats::backfill
