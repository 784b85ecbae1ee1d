#include "activity/loc/collect_loc.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <unordered_map>
#include <utility>

#include "activity/loc/due.h"
#include "activity/loc/loc_fsm.h"
#include "activity/loc/sample_week.h"
#include "activity/loc/weeks.h"
#include "async/task_group.h"
#include "github/limits/breaker_fsm.h"
#include "github/rest/get_contributor_stats.h"

namespace ghstats::activity {
namespace {

using async::Task;
using github::StatisticsState;
using store::LocRecord;

constexpr std::size_t kSettledPerBatch = 500;

// There is nothing for us, and asking again does not change that.
bool is_final(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied;
}

struct Job {
  LocTarget target;
  std::optional<LocRecord> known;
  LocStep step{};
};

store::Batch batch_of(const LocTarget& target, LocRecord record) {
  store::Batch batch;
  batch.repositories.push_back({target.id, target.org, target.name});
  batch.loc_records.push_back(std::move(record));
  return batch;
}

class LocRun {
 public:
  LocRun(LocEnvironment environment, github::Api& api, store::Authority authority, LocSettings settings,
         boost::asio::any_io_executor executor)
      : environment_(std::move(environment)),
        api_(api),
        authority_(authority),
        settings_(settings),
        breaker_(2 * settings.concurrency),
        tasks_(std::move(executor)) {}

  Task<LocReport> run(std::vector<LocTarget> targets);
  Task<Result<work::Outcome>> redo(LocTarget target, TimePoint missed_at);

 private:
  // What a round of questions about one repository came to. The record is to be committed unless cancelled or `barred`.
  struct Round {
    LocFsm fsm;
    bool cancelled = false;
    bool barred = false;  // no rate or no token: as if it had not been asked
  };

  Task<bool> prepare(std::vector<LocTarget> targets);
  Task<Result<std::vector<Job>>> with_records(std::vector<LocTarget> targets);
  Task<> settle(std::vector<Job> jobs);
  Task<> work();
  Task<> refresh(Job job);
  Task<> ask_statistics(const Job& job, Round& round);
  Task<> sample(const Job& job, Round& round);
  void take_sample(const Job& job, SampleOutcome outcome, Round& round);
  void take_error(const Job& job, work::Reason reason, Error error, Round& round);
  void miss(const LocTarget& target, work::Reason reason, Error error, TimePoint week);
  Task<> store_record(const Job& job, const LocRecord& record);
  Task<Result<store::Receipt>> commit(store::Batch batch);
  void end_early(Error error);
  void note(const LocRecord& record);
  [[nodiscard]] bool must_wait(const Job& job) const;
  Task<LocReport> conclude();

  LocEnvironment environment_;
  github::Api& api_;
  store::Authority authority_;
  LocSettings settings_;
  LocReport report_;
  std::vector<Job> jobs_;  // still to do, the most urgent last
  github::BreakerFsm breaker_;
  async::TaskGroup tasks_;
};

Task<Result<std::vector<Job>>> LocRun::with_records(std::vector<LocTarget> targets) {
  std::vector<RepoId> ids;
  ids.reserve(targets.size());
  for (const LocTarget& target : targets) ids.push_back(target.id);
  auto records = co_await environment_.store.loc_records(std::move(ids));
  if (!records) {
    co_return fail(records.error().with_context("read lines of code of '" + api_.org() + "'"));
  }
  std::unordered_map<RepoId, LocRecord> known;
  for (LocRecord& record : *records) known.insert_or_assign(record.repo, std::move(record));
  std::vector<Job> jobs;
  for (LocTarget& target : targets) {
    const auto record = known.find(target.id);
    Job job{.target = std::move(target), .known = {}, .step = LocStep::kNothing};
    if (record != known.end()) job.known = std::move(record->second);
    jobs.push_back(std::move(job));
  }
  co_return jobs;
}

// Finds what is due. False: nothing can be done.
Task<bool> LocRun::prepare(std::vector<LocTarget> targets) {
  auto jobs = co_await with_records(std::move(targets));
  if (!jobs) {
    report_.store_failed = jobs.error().code != ErrorCode::kCancelled;
    if (report_.store_failed) report_.failure = jobs.error();
    co_return false;
  }
  const TimePoint now = environment_.clock.now();
  const bool budget_full = environment_.store.health().budget_full;
  std::vector<Job> idle;
  for (Job& job : *jobs) {
    job.step = due_step(job.known ? &*job.known : nullptr, settings_, job.target.pushed_at, now);
    // An empty repository's answer, a 204, has no ETag: asking again would be paid for, and could bring nothing.
    const bool known_empty = job.target.never_pushed && job.known && job.known->users.empty() &&
                             !is_pending(*job.known, now) && job.known->statistics_not_before <= now;
    if (job.step != LocStep::kNothing && known_empty) job.step = LocStep::kSettle;
    if (job.step == LocStep::kNothing) {
      note(*job.known);
    } else if (job.step == LocStep::kSettle) {
      idle.push_back(std::move(job));
    } else if (budget_full && !job.known) {
      ++report_.postponed;  // its record would be refused, and it would be asked about again and again
    } else {
      jobs_.push_back(std::move(job));
    }
  }
  const auto urgency = [](const Job& job) {
    return std::pair(job.known ? job.known->refreshed_at : TimePoint::min(), to_number(job.target.id));
  };
  std::ranges::sort(jobs_, std::greater(), urgency);
  co_await settle(std::move(idle));
  co_return !report_.failure;
}

Task<> LocRun::settle(std::vector<Job> jobs) {
  for (std::size_t begin = 0; begin < jobs.size() && !report_.failure; begin += kSettledPerBatch) {
    store::Batch batch;
    const std::size_t end = std::min(jobs.size(), begin + kSettledPerBatch);
    for (std::size_t i = begin; i < end; ++i) {
      const LocTarget& target = jobs[i].target;
      const TimePoint now = environment_.clock.now();
      note(*jobs[i].known);
      batch.repositories.push_back({target.id, target.org, target.name});
      batch.loc_records.push_back(settled(*std::move(jobs[i].known), settings_, now));
      // As good as an answer; an hour less, so that a push GitHub's list does not show yet is one since then.
      if (target.never_pushed) batch.loc_records.back().refreshed_at = now - std::chrono::hours{1};
    }
    const auto receipt = co_await commit(std::move(batch));
    if (receipt) report_.settled += end - begin;
  }
}

Task<LocReport> LocRun::run(std::vector<LocTarget> targets) {
  const bool prepared = co_await prepare(std::move(targets));
  if (prepared) {
    const std::size_t workers = std::min(settings_.concurrency, jobs_.size());
    for (std::size_t i = 0; i < workers; ++i) tasks_.spawn([this] { return work(); });
    co_await tasks_.join();
  }
  co_return co_await conclude();
}

Task<Result<work::Outcome>> LocRun::redo(LocTarget target, TimePoint missed_at) {
  std::vector<LocTarget> targets;
  targets.push_back(std::move(target));
  auto jobs = co_await with_records(std::move(targets));
  if (!jobs) co_return fail(std::move(jobs).error());
  Job job = std::move(jobs->front());
  const TimePoint now = environment_.clock.now();
  if (job.known) {
    const bool healed = !is_pending(*job.known, now) && job.known->refreshed_at >= missed_at;
    if (healed || is_truncated(*job.known, latest_complete_week(now))) co_return work::Outcome::kAlreadyHealed;
  }
  job.step = question(job.known ? &*job.known : nullptr, settings_, now);
  if (!must_wait(job)) co_await refresh(std::move(job));
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (report_.failure) co_return fail(*report_.failure);
  for (const work::Miss& miss : report_.misses) {
    if (miss.reason != work::Reason::kFallbackTruncated) co_return fail(miss.error);
  }
  co_return report_.refused > 0 ? work::Outcome::kGone : work::Outcome::kDone;
}

Task<LocReport> LocRun::conclude() {
  report_.postponed += jobs_.size();
  for (const Job& job : jobs_) {
    if (job.known) note(*job.known);
  }
  report_.cancelled = co_await async::cancelled();
  co_return std::move(report_);
}

Task<> LocRun::work() {
  while (!jobs_.empty() && !report_.failure && report_.asked < settings_.max_repositories_per_run) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    Job job = std::move(jobs_.back());
    jobs_.pop_back();
    if (must_wait(job)) {
      ++report_.postponed;
      if (job.known) note(*job.known);
      continue;
    }
    ++report_.asked;
    co_await refresh(std::move(job));
  }
}

// Commits have to be read, and the organisation's budget for that is known to be used up.
bool LocRun::must_wait(const Job& job) const {
  return job.step != LocStep::kAskStatistics &&
         environment_.memory.budgets.is_exhausted(job.target.org, environment_.clock.now());
}

Task<> LocRun::refresh(Job job) {
  const TimePoint asked_at = environment_.clock.now();
  Round round{.fsm = LocFsm(job.target.id, job.known, settings_, asked_at)};
  if (job.step == LocStep::kAskStatistics) {
    co_await ask_statistics(job, round);
  } else {
    co_await sample(job, round);
  }
  if (round.cancelled) co_return;
  if (round.barred) {
    if (job.known) note(*job.known);
    co_return;
  }
  co_await store_record(job, round.fsm.record());
}

Task<> LocRun::ask_statistics(const Job& job, Round& round) {
  auto statistics = co_await github::get_contributor_stats(api_, job.target.full_name);
  const TimePoint now = environment_.clock.now();
  if (!statistics) {
    const bool final = is_final(statistics.error());
    if (!final) round.fsm.on_statistics_failed();
    take_error(job, work::Reason::kContributorStatsFailed, std::move(statistics).error(), round);
    co_return;
  }
  breaker_.on_answer();
  if (statistics->state == StatisticsState::kComputing) {
    round.fsm.on_computing();
    ++report_.warming;
    co_return;
  }
  const TimePoint week = latest_complete_week(statistics->served_at);
  const auto next =
      round.fsm.on_statistics(statistics_of_week(statistics->contributors, week, settings_.include_bots), now);
  if (next == LocFsm::Next::kSampleCommits) {
    co_await sample(job, round);
  } else {
    ++report_.refreshed;
  }
}

Task<> LocRun::sample(const Job& job, Round& round) {
  const TimePoint week = latest_complete_week(environment_.clock.now());
  SampleOrder order{.org = job.target.org,
                    .full_name = job.target.full_name,
                    .week = week,
                    .include_bots = settings_.include_bots,
                    .hourly_budget = settings_.fallback_max_commit_detail_calls_per_org_per_hour};
  if (settings_.source != LocSource::kCommitHistory) {
    order.max_commits = settings_.fallback_max_commits_per_repo_per_week;
  }
  auto outcome =
      co_await sample_week(api_, {environment_.store, environment_.recorder, environment_.memory}, std::move(order));
  if (!outcome) {
    take_error(job, work::Reason::kFallbackListCommitsFailed, std::move(outcome).error(), round);
    co_return;
  }
  breaker_.on_answer();
  take_sample(job, *std::move(outcome), round);
}

void LocRun::take_sample(const Job& job, SampleOutcome outcome, Round& round) {
  const TimePoint week = outcome.sample.week;
  if (outcome.sample.finished) ++report_.refreshed;
  round.fsm.on_sample(std::move(outcome.sample), environment_.clock.now());
  if (outcome.detail_error && !is_final(*outcome.detail_error)) {
    miss(job.target, work::Reason::kFallbackCommitDetailFailed, *outcome.detail_error, week);
  }
  if (outcome.cut_off > 0 && !(job.known && is_truncated(*job.known, week))) {
    miss(job.target, work::Reason::kFallbackTruncated,
         {ErrorCode::kTooLarge, std::to_string(outcome.cut_off) + " commits of the week were not looked at (" +
                                    "loc.fallback_max_commits_per_repo_per_week)"},
         week);
  }
  if (outcome.store_error) {
    report_.store_failed = true;
    end_early(*outcome.store_error);
  }
  if (outcome.hopeless) end_early(*outcome.hopeless);
}

void LocRun::take_error(const Job& job, work::Reason reason, Error error, Round& round) {
  if (error.code == ErrorCode::kCancelled) {
    round.cancelled = true;
    return;
  }
  const TimePoint now = environment_.clock.now();
  breaker_.on_error(error);
  if (is_final(error)) {
    ++report_.refused;
    round.fsm.on_refused(now);
    environment_.logger.debug("no lines of code",
                              {{"org", job.target.org}, {"repo", job.target.name}, {"error", error.message}});
    return;
  }
  round.barred = github::is_barred(error);
  if (breaker_.is_open()) end_early(*breaker_.reason());
  miss(job.target, reason, std::move(error), latest_complete_week(now));
}

void LocRun::miss(const LocTarget& target, work::Reason reason, Error error, TimePoint week) {
  // Also when a limit was the cause: kRateLimited would be redone as activity.
  report_.misses.push_back({target.org, target.name, target.id, {}, {week, week + kWeek}, reason, std::move(error)});
}

Task<> LocRun::store_record(const Job& job, const LocRecord& record) {
  const auto receipt = co_await commit(batch_of(job.target, record));
  if (receipt && receipt->series_refused == 0) {
    note(record);
    co_return;
  }
  if (!job.known) co_return;
  note(*job.known);
  if (!receipt) co_return;
  // Too many series: what was known stays, but it is not asked about again at once.
  LocRecord postponed = *job.known;
  postponed.asked_at = record.asked_at;
  postponed.statistics_not_before = record.asked_at + kLongestWait;
  co_await commit(batch_of(job.target, std::move(postponed)));
}

Task<Result<store::Receipt>> LocRun::commit(store::Batch batch) {
  auto receipt = co_await environment_.store.commit(std::move(batch), authority_);
  if (receipt) {
    report_.series_refused += receipt->series_refused;
    co_return receipt;
  }
  const Error& error = receipt.error();
  if (error.code == ErrorCode::kCancelled) co_return receipt;
  report_.store_failed = true;
  end_early(error.with_context("store lines of code of '" + api_.org() + "'"));
  co_return receipt;
}

void LocRun::end_early(Error error) {
  if (!report_.failure) report_.failure = std::move(error);
}

// Every target that has a record is noted once, as the run leaves it.
void LocRun::note(const LocRecord& record) {
  if (is_stale(record, settings_, environment_.clock.now())) ++report_.stale;
}

}  // namespace

async::Task<LocReport> collect_loc(LocEnvironment environment, github::Api& api, store::Authority authority,
                                   LocSettings settings, std::vector<LocTarget> targets) {
  LocRun run(std::move(environment), api, authority, settings, co_await boost::asio::this_coro::executor);
  co_return co_await run.run(std::move(targets));
}

async::Task<Result<work::Outcome>> redo_loc(LocEnvironment environment, github::Api& api, store::Authority authority,
                                            LocSettings settings, LocTarget target, TimePoint missed_at) {
  LocRun run(std::move(environment), api, authority, settings, co_await boost::asio::this_coro::executor);
  co_return co_await run.redo(std::move(target), missed_at);
}

}  // namespace ghstats::activity
