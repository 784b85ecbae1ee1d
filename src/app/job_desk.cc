#include "app/job_desk.h"

#include <algorithm>
#include <utility>

#include "activity/loc/collect_loc.h"
#include "activity/org_cycle.h"
#include "github/rest/get_repository.h"
#include "queue/memory_queue.h"
#include "store/gauge_teller.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using activity::RedoOutcome;
using async::Task;
using backfill::Job;
using backfill::Outcome;

constexpr auto kGaugeInterval = 1s;

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

Result<backfill::JobRequest> request_of(const activity::Miss& miss) {
  const auto reason = backfill::parse_reason(to_string(miss.reason));
  if (!reason) return fail(reason.error());
  backfill::JobRequest request{.org = miss.org, .reason = *reason, .window = miss.window, .families = miss.families};
  if (!miss.repo.empty()) {
    request.repo = miss.repo;
    request.repo_id = miss.repo_id;
  }
  return request;
}

bool is_about_lines(backfill::Reason reason) {
  using enum backfill::Reason;
  return reason == kContributorStatsFailed || reason == kFallbackListCommitsFailed ||
         reason == kFallbackCommitDetailFailed || reason == kFallbackTruncated;
}

bool is_about_copilot(backfill::Reason reason) {
  using enum backfill::Reason;
  return reason == kCopilotReportFetchError || reason == kCopilotReportDownloadError ||
         reason == kCopilotReportParseError;
}

Outcome outcome_of(RedoOutcome outcome) {
  switch (outcome) {
    case RedoOutcome::kDone:
      return Outcome::kDone;
    case RedoOutcome::kAlreadyHealed:
      return Outcome::kAlreadyHealed;
    case RedoOutcome::kGone:
      return Outcome::kGone;
  }
  std::unreachable();
}

Result<Outcome> outcome_of(const activity::CycleReport& report) {
  if (report.result == activity::CycleResult::kCancelled) return fail(ErrorCode::kCancelled, "cancelled");
  for (const activity::Miss& miss : report.misses) {
    if (!miss.is_final) return fail(miss.error);
  }
  if (report.failure) return fail(*report.failure);
  return report.repositories == 0 ? Outcome::kAlreadyHealed : Outcome::kDone;
}

}  // namespace

std::unique_ptr<queue::JobQueue> make_job_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                                const config::Backfill& backfill, metrics::Recorder& recorder,
                                                const log::Logger& logger) {
  queue::MemoryQueueOptions options;
  options.policy = {.requeue_delays = backfill.requeue_delays,
                    .max_attempts = static_cast<int>(backfill.max_attempts),
                    .max_message_age = backfill.max_message_age};
  options.on_expired = backfill::count_expired(recorder, logger);
  return queue::make_memory_queue(std::move(executor), clock, logger, std::move(options));
}

JobDesk::JobDesk(JobDeskEnvironment environment, const config::Config& config)
    : environment_(std::move(environment)),
      config_(config),
      dispatcher_({.queue = environment_.queue,
                   .store = environment_.store,
                   .recorder = environment_.recorder,
                   .clock = environment_.clock,
                   .logger = environment_.logger},
                  dispatcher_options(config.backfill)) {}

Task<> JobDesk::redo_later(std::vector<activity::Miss> misses) {
  if (!config_.backfill.enabled) {
    for (const activity::Miss& miss : misses) {
      environment_.recorder.add(metrics::Family::kBackfillDropped, {miss.org, "backfill_disabled"});
    }
    co_return;
  }
  std::vector<backfill::JobRequest> requests;
  for (const activity::Miss& miss : misses) {
    auto request = request_of(miss);
    if (request) requests.push_back(*std::move(request));
    if (!request) environment_.logger.error("a miss makes no job", {{"error", request.error().message}});
  }
  co_await dispatcher_.enqueue(std::move(requests));
}

Task<> JobDesk::work(store::MetricStore& store, store::Authority authority, const activity::CooldownFsm* cooldown) {
  const Writer writer{store, authority};
  HealthMonitor& health = environment_.health;
  backfill::WorkerEnvironment environment{
      .queue = environment_.queue,
      .recorder = environment_.recorder,
      .clock = environment_.clock,
      .logger = environment_.logger,
      .redo = [this, writer](const Job& job) { return redo(job, writer); },
      .not_before = [this, cooldown](const std::string& org) { return not_before(org, cooldown); },
      .consumption = [this, rules = consumption_rules(config_.backfill),
                      role = authority.role] { return backfill::consumption(rules, role, environment_.queue); },
      .on_health = [&health](const Status& jobs) { health.consumer_judged(jobs); },
      .on_leaving = [&health] { health.consumer_not_used(); }};
  const auto limits = backfill::lane_limits(static_cast<std::size_t>(config_.backfill.consumer_count),
                                            environment_.organisations.size());
  co_await backfill::run_workers(std::move(environment), limits);
}

Task<Result<Outcome>> JobDesk::redo(const Job& job, Writer writer) {
  Organisation* organisation = find(job.org);
  if (organisation == nullptr) {
    environment_.logger.warn("a job of an organisation that is not configured", {{"org", job.org}, {"id", job.job_id}});
    co_return Outcome::kGone;
  }
  if (is_about_copilot(job.reason)) {
    co_return fail(ErrorCode::kInvalidArgument, "Copilot reports are not collected by this release");
  }
  if (is_about_lines(job.reason)) co_return co_await redo_lines(*organisation, job, writer);
  co_return co_await redo_activity(*organisation, job, writer);
}

Task<Result<Outcome>> JobDesk::redo_activity(Organisation& organisation, Job job, Writer writer) {
  const activity::PlannedOrg planned = organisation.planned();
  const activity::CycleEnvironment environment{*planned.api, writer.store, writer.authority};
  activity::Redo again{.window = backfill::missed_window(job), .families = backfill::families_of(job)};
  if (job.repo == backfill::kWholeOrganisation) {
    const auto report = co_await activity::run_org_cycle(environment, planned.settings, std::move(again));
    co_return outcome_of(report);
  }
  if (!job.repo_id) {
    const auto found = co_await github::get_repository(*planned.api, planned.settings.org + "/" + job.repo);
    if (!found && found.error().code == ErrorCode::kNotFound) co_return Outcome::kGone;
    if (!found) co_return fail(found.error());
    job.repo_id = found->id;
  }
  const auto outcome =
      co_await activity::redo_repository(environment, planned.settings, *job.repo_id, std::move(again));
  if (!outcome) co_return fail(outcome.error());
  co_return outcome_of(*outcome);
}

Task<Result<Outcome>> JobDesk::redo_lines(Organisation& organisation, Job job, Writer writer) {
  const activity::PlannedOrg planned = organisation.planned();
  const std::string full_name = planned.settings.org + "/" + job.repo;
  auto found = job.repo_id ? co_await github::get_repository(*planned.api, *job.repo_id)
                           : co_await github::get_repository(*planned.api, full_name);
  if (!found && found.error().code == ErrorCode::kNotFound) co_return Outcome::kGone;
  if (!found) co_return fail(found.error());
  if (!planned.settings.filter.accepts(*found)) co_return Outcome::kGone;
  const activity::LocEnvironment environment{.store = writer.store,
                                             .recorder = environment_.recorder,
                                             .clock = environment_.clock,
                                             .memory = environment_.loc_memory,
                                             .logger = environment_.logger};
  activity::LocTarget target{found->id, planned.settings.org, found->name, found->full_name, found->pushed_at};
  const auto outcome = co_await activity::redo_loc(environment, *planned.api, writer.authority, planned.loc,
                                                   std::move(target), job.created_at);
  if (!outcome) co_return fail(outcome.error());
  co_return outcome_of(*outcome);
}

std::optional<std::chrono::nanoseconds> JobDesk::not_before(const std::string& org,
                                                            const activity::CooldownFsm* cooldown) const {
  const Organisation* organisation = find(org);
  if (organisation == nullptr) return std::nullopt;
  std::optional<std::chrono::nanoseconds> wait;
  const SteadyPoint now = environment_.clock.steady_now();
  if (cooldown != nullptr) {
    if (const auto until = cooldown->paused_until(organisation->name(), now)) wait = *until - now;
  }
  const auto limited = organisation->limit();
  return limited ? std::max(wait, limited) : wait;
}

Organisation* JobDesk::find(const std::string& org) const {
  const auto found = std::ranges::find_if(environment_.organisations, [&](const auto& organisation) {
    return backfill::folded(organisation->name()) == backfill::folded(org);
  });
  return found != environment_.organisations.end() ? found->get() : nullptr;
}

Task<> JobDesk::publish_gauges(store::MetricStore& store, store::Authority authority) {
  const backfill::QueueNames names{config_.amqp.queue, config_.amqp.dlq};
  store::GaugeTeller gauges(store, authority, environment_.store_returned);
  for (;;) {
    const auto status = co_await environment_.queue.status();
    if (status) co_await gauges.tell({backfill::queue_gauges(*status, names)});
    const auto slept = co_await environment_.sleep(kGaugeInterval);
    if (!slept) co_return;
  }
}

}  // namespace ghstats::app
