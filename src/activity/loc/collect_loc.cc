#include "activity/loc/collect_loc.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <unordered_map>
#include <utility>

#include "activity/loc/due.h"
#include "activity/loc/loc_fsm.h"
#include "activity/loc/loc_questions.h"
#include "activity/loc/weeks.h"
#include "async/task_group.h"

namespace ghstats::activity {
namespace {

using async::Task;
using store::LocRecord;

constexpr std::size_t kSettledPerBatch = 500;

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
        questions_(environment_, api_, settings_, report_, [this](const LocRound& round) { return conclude(round); }),
        tasks_(std::move(executor)) {}

  Task<LocReport> run(std::vector<LocTarget> targets);
  Task<Result<work::Outcome>> redo(LocTarget target, TimePoint missed_at);

 private:
  Task<bool> prepare(std::vector<LocTarget> targets);
  Task<Result<std::vector<LocJob>>> with_records(std::vector<LocTarget> targets);
  Task<> settle(std::vector<LocJob> jobs);
  Task<> work();
  std::vector<LocJob> with_company(LocJob first);
  Task<> conclude(const LocRound& round);
  Task<> store_record(const LocJob& job, const LocRecord& record);
  Task<Result<store::Receipt>> commit(store::Batch batch);
  void end_early(Error error);
  void note(const LocRecord& record);
  Task<LocReport> finish();

  LocEnvironment environment_;
  github::Api& api_;
  store::Authority authority_;
  LocSettings settings_;
  LocReport report_;
  std::vector<LocJob> jobs_;  // still to do, the most urgent last
  LocQuestions questions_;
  async::TaskGroup tasks_;
};

Task<Result<std::vector<LocJob>>> LocRun::with_records(std::vector<LocTarget> targets) {
  std::vector<RepoId> ids;
  ids.reserve(targets.size());
  for (const LocTarget& target : targets) ids.push_back(target.id);
  auto records = co_await environment_.store.loc_records(std::move(ids));
  if (!records) {
    co_return fail(records.error().with_context("read lines of code of '" + api_.org() + "'"));
  }
  std::unordered_map<RepoId, LocRecord> known;
  for (LocRecord& record : *records) known.insert_or_assign(record.repo, std::move(record));
  std::vector<LocJob> jobs;
  for (LocTarget& target : targets) {
    const auto record = known.find(target.id);
    LocJob job{.target = std::move(target), .known = {}, .step = LocStep::kNothing};
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
  std::vector<LocJob> idle;
  for (LocJob& job : *jobs) {
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
  const auto urgency = [](const LocJob& job) {
    return std::pair(job.known ? job.known->refreshed_at : TimePoint::min(), to_number(job.target.id));
  };
  std::ranges::sort(jobs_, std::greater(), urgency);
  co_await settle(std::move(idle));
  co_return !report_.failure;
}

Task<> LocRun::settle(std::vector<LocJob> jobs) {
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
  co_return co_await finish();
}

Task<Result<work::Outcome>> LocRun::redo(LocTarget target, TimePoint missed_at) {
  std::vector<LocTarget> targets;
  targets.push_back(std::move(target));
  auto jobs = co_await with_records(std::move(targets));
  if (!jobs) co_return fail(std::move(jobs).error());
  LocJob job = std::move(jobs->front());
  const TimePoint now = environment_.clock.now();
  if (job.known) {
    const bool healed = !is_pending(*job.known, now) && job.known->refreshed_at >= missed_at;
    if (healed) co_return work::Outcome::kAlreadyHealed;
  }
  job.step = question(job.known ? &*job.known : nullptr, settings_, now);
  const bool cut_off_again =
      job.known && is_truncated(*job.known, latest_complete_week(now)) && !questions_.reads_history(job);
  if (cut_off_again) co_return work::Outcome::kAlreadyHealed;
  if (!questions_.must_wait(job)) {
    std::vector<LocJob> one;
    one.push_back(std::move(job));
    co_await questions_.ask(std::move(one));
  }
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (report_.failure) co_return fail(*report_.failure);
  for (const work::Miss& miss : report_.misses) {
    if (miss.reason != work::Reason::kFallbackTruncated) co_return fail(miss.error);
  }
  co_return report_.refused > 0 ? work::Outcome::kGone : work::Outcome::kDone;
}

Task<LocReport> LocRun::finish() {
  report_.postponed += jobs_.size();
  for (const LocJob& job : jobs_) {
    if (job.known) note(*job.known);
  }
  report_.cancelled = co_await async::cancelled();
  co_return std::move(report_);
}

Task<> LocRun::work() {
  while (!jobs_.empty() && !report_.failure && report_.asked < settings_.max_repositories_per_run) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    LocJob job = std::move(jobs_.back());
    jobs_.pop_back();
    if (questions_.must_wait(job)) {
      ++report_.postponed;
      if (job.known) note(*job.known);
      continue;
    }
    std::vector<LocJob> jobs = with_company(std::move(job));
    report_.asked += jobs.size();
    co_await questions_.ask(std::move(jobs));
  }
}

// Those who read their histories share a query: the most urgent ones, as many as may still be asked about.
std::vector<LocJob> LocRun::with_company(LocJob first) {
  std::vector<LocJob> out;
  out.push_back(std::move(first));
  if (!questions_.reads_history(out.front())) return out;
  const std::size_t most = std::min(LocQuestions::kHistoriesAtOnce, settings_.max_repositories_per_run - report_.asked);
  for (auto job = jobs_.end(); job != jobs_.begin() && out.size() < most;) {
    --job;
    if (!questions_.reads_history(*job)) continue;
    out.push_back(std::move(*job));
    job = jobs_.erase(job);
  }
  return out;
}

Task<> LocRun::conclude(const LocRound& round) {
  if (round.cancelled) co_return;
  if (round.barred) {
    if (round.job.known) note(*round.job.known);
    co_return;
  }
  co_await store_record(round.job, round.fsm.record());
}

Task<> LocRun::store_record(const LocJob& job, const LocRecord& record) {
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
