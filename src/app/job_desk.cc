#include "app/job_desk.h"

#include <algorithm>
#include <utility>

#include "activity/redo.h"
#include "app/cooldown_notices.h"
#include "base/folded.h"

namespace ghstats::app {
namespace {

using async::Task;
using backfill::Job;
using work::Outcome;

backfill::DispatcherOptions dispatcher_options(const config::Backfill& backfill) {
  return {.enabled = backfill.enabled,
          .coalesce_window = backfill.coalesce_window,
          .dedup_ttl = backfill.dedup_ttl,
          .max_enqueues_per_org_per_minute = backfill.max_enqueues_per_org_per_minute,
          .max_attempts = static_cast<int>(backfill.max_attempts)};
}

backfill::ConsumptionRules consumption_rules(const config::Backfill& backfill) {
  using backfill::LeaderConsumes;
  using config::ConsumeOnLeader;
  const auto on_leader = backfill.consume_on_leader == ConsumeOnLeader::kAlways  ? LeaderConsumes::kAlways
                         : backfill.consume_on_leader == ConsumeOnLeader::kNever ? LeaderConsumes::kNever
                                                                                 : LeaderConsumes::kAuto;
  return {.enabled = backfill.enabled, .on_leader = on_leader};
}

}  // namespace

JobDesk::JobDesk(JobDeskEnvironment environment, const config::Config& config)
    : environment_(std::move(environment)),
      config_(config),
      dispatcher_({.queue = environment_.queue,
                   .store = environment_.store,
                   .recorder = environment_.recorder,
                   .clock = environment_.clock,
                   .logger = environment_.logger},
                  dispatcher_options(config.backfill)) {}

Task<> JobDesk::redo_later(std::vector<work::Miss> misses) {
  co_await dispatcher_.enqueue(std::move(misses));
}

Task<> JobDesk::work(store::MetricStore& store, store::Authority authority, const activity::CooldownFsm* cooldown) {
  HealthMonitor& health = environment_.health;
  backfill::WorkerEnvironment environment{
      .queue = environment_.queue,
      .recorder = environment_.recorder,
      .clock = environment_.clock,
      .logger = environment_.logger,
      .redo = [this, &store, authority](const Job& job) { return redo(job, store, authority); },
      .not_before = [this, cooldown](std::string org) { return not_before(std::move(org), cooldown); },
      .knows = [this](const std::string& org) { return find(org) != nullptr || environment_.copilot.knows(org); },
      .consumption = [this, rules = consumption_rules(config_.backfill),
                      role = authority.role] { return backfill::consumption(rules, role, environment_.queue); },
      .on_health = [&health](const Status& jobs) { health.consumer_judged(jobs); },
      .on_leaving = [&health] { health.consumer_not_used(); }};
  const auto limits = backfill::lane_limits(static_cast<std::size_t>(config_.backfill.consumer_count),
                                            environment_.organisations.size());
  co_await backfill::run_workers(std::move(environment), limits);
}

Task<Result<Outcome>> JobDesk::redo(const Job& job, store::MetricStore& store, store::Authority authority) {
  if (work::subject_of(job.reason) == work::Subject::kCopilot) {
    co_return co_await environment_.copilot.redo(job, store, authority);
  }
  Organisation* organisation = find(job.org);
  if (organisation == nullptr) co_return fail(ErrorCode::kNotFound, "organisation '" + job.org + "' is not configured");
  activity::RedoEnvironment environment{.inventory = organisation->inventory(),
                                        .store = store,
                                        .authority = authority,
                                        .recorder = environment_.recorder,
                                        .clock = environment_.clock,
                                        .loc_memory = environment_.loc_memory,
                                        .logger = environment_.logger,
                                        .graphql = organisation->graphql()};
  co_return co_await activity::redo(std::move(environment), organisation->settings(), organisation->loc(),
                                    backfill::missed(job), job.created_at);
}

// On a follower the cooldown is the leader's word in the store; a store that does not answer bars nobody.
Task<std::optional<std::chrono::nanoseconds>> JobDesk::not_before(std::string org,
                                                                  const activity::CooldownFsm* cooldown) const {
  const Organisation* organisation = find(org);
  const std::string& owner = organisation != nullptr ? organisation->name() : org;
  std::optional<std::chrono::nanoseconds> wait;
  const SteadyPoint now = environment_.clock.steady_now();
  if (cooldown != nullptr) {
    if (const auto until = cooldown->paused_until(owner, now)) wait = *until - now;
  } else if (const auto bar = co_await environment_.store.admit({.bars = {cooldown_bar(owner)}}); bar && *bar) {
    wait = (*bar)->left;
  }
  const auto limit = organisation != nullptr ? organisation->limit() : environment_.copilot.limit();
  co_return std::max(wait, limit);  // no wait is the least
}

Organisation* JobDesk::find(const std::string& org) const {
  const auto found = std::ranges::find_if(environment_.organisations, [&](const auto& organisation) {
    return folded(organisation->name()) == folded(org);
  });
  return found != environment_.organisations.end() ? found->get() : nullptr;
}

Task<> JobDesk::tell_gauges(store::MetricStore& store, store::Authority authority) {
  return backfill::tell_queue_gauges(environment_.queue, {config_.amqp.queue, config_.amqp.dlq}, store, authority,
                                     environment_.store_returned, environment_.sleep);
}

}  // namespace ghstats::app
