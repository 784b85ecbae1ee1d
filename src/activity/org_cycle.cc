#include "activity/org_cycle.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <unordered_map>
#include <utility>

#include "async/task_group.h"
#include "github/limits/breaker_fsm.h"

namespace ghstats::activity {
namespace {

using async::Task;

// How far the least collected of its families has got.
TimePoint progress(const RepositoryJob& job, const Families& families) {
  TimePoint least = TimePoint::max();
  for (const auto family : families) {
    const auto known = job.checkpoints.find(family);
    least = std::min(least, known == job.checkpoints.end() ? TimePoint::min() : known->second);
  }
  return least;
}

// What of the job is still to be done.
void narrow(RepositoryJob& job, const Redo& redo) {
  std::erase_if(job.families, [&](store::CollectionFamily family) {
    if (std::ranges::find(redo.families, family) == redo.families.end()) return true;
    const auto known = job.checkpoints.find(family);
    return known != job.checkpoints.end() && known->second >= redo.window.end;
  });
}

bool is_gone(const work::Miss& miss) {
  return miss.error.code == ErrorCode::kNotFound && !miss.repo.empty();
}

class OrgCycle {
 public:
  OrgCycle(CycleEnvironment environment, OrgSettings settings, std::optional<Redo> redo,
           boost::asio::any_io_executor executor)
      : inventory_(environment.inventory),
        api_(environment.inventory.api()),
        store_(environment.store),
        authority_(environment.authority),
        known_pushes_(environment.known_pushes),
        settings_(std::move(settings)),
        redo_(std::move(redo)),
        breaker_(2 * settings_.concurrency),
        tasks_(std::move(executor)) {}

  Task<CycleReport> run();
  Task<Result<work::Outcome>> run_one(RepoId id);

 private:
  Task<Status> list();
  Task<Status> plan(std::vector<github::Repository> listed, TimePoint listed_at);
  Task<> work();
  Task<> sweep(RepositoryJob job);
  Task<bool> commit(store::Batch batch, const std::string& repository);
  void judge(const RepositoryHarvest& harvest);
  void miss_the_rest(const Error& error, TimeWindow window);
  [[nodiscard]] TimeWindow unreached(TimePoint started) const;
  void conclude(bool cancelled);

  Inventory& inventory_;
  github::Api& api_;
  store::MetricStore& store_;
  store::Authority authority_;
  KnownPushes* known_pushes_;
  OrgSettings settings_;
  std::optional<Redo> redo_;
  CycleReport report_;
  std::vector<RepositoryJob> jobs_;  // still to do, the most urgent last
  std::size_t stored_ = 0;           // repositories of which at least one family was stored
  std::size_t gone_ = 0;             // repositories that do not exist any more
  github::BreakerFsm breaker_;       // a round is a repository; open: the cycle ends early
  bool superseded_ = false;
  async::TaskGroup tasks_;
};

Task<Status> OrgCycle::list() {
  auto listing = co_await inventory_.list();
  if (!listing) co_return fail(std::move(listing).error());
  report_.listed = true;
  co_return co_await plan(std::move(listing->items), listing->served_at);
}

// Asks the store how far each was collected.
Task<Status> OrgCycle::plan(std::vector<github::Repository> listed, TimePoint listed_at) {
  std::vector<RepoId> ids;
  for (github::Repository& repository : listed) {
    ids.push_back(repository.id);
    jobs_.push_back({.org = settings_.org,
                     .repository = std::move(repository),
                     .listed_at = listed_at,
                     .families = settings_.sweep.families});
  }
  auto checkpoints = co_await store_.checkpoints(ids);
  if (!checkpoints) {
    report_.store_failed = true;
    co_return fail(checkpoints.error().with_context("read checkpoints of '" + settings_.org + "'"));
  }
  std::unordered_map<RepoId, RepositoryJob*> by_id;
  for (RepositoryJob& job : jobs_) by_id[job.repository.id] = &job;
  const TimePoint latest = api_.latest_credible();
  for (const store::Checkpoint& checkpoint : *checkpoints) {
    const auto job = by_id.find(checkpoint.repo);
    if (job == by_id.end()) continue;
    if (checkpoint.collected_until > latest) {
      ++report_.checkpoints_ahead;  // written by a clock that was wrong: says nothing
    } else {
      job->second->checkpoints[checkpoint.family] = checkpoint.collected_until;
    }
  }
  for (RepositoryJob& job : jobs_) {
    if (redo_) narrow(job, *redo_);
    if (known_pushes_ == nullptr) continue;
    const auto commits = job.checkpoints.find(store::CollectionFamily::kCommits);
    const bool nothing_new =
        commits != job.checkpoints.end() && known_pushes_->nothing_new(job.repository, commits->second);
    job.commits_known =
        nothing_new || pushed_too_long_ago(settings_.sweep.windows, job.repository.pushed_at, listed_at);
  }
  std::erase_if(jobs_, [](const RepositoryJob& job) { return job.families.empty(); });
  report_.repositories = jobs_.size();
  std::ranges::sort(jobs_, std::ranges::greater{},
                    [this](const RepositoryJob& job) { return progress(job, settings_.sweep.families); });
  co_return Status{};
}

Task<CycleReport> OrgCycle::run() {
  const TimePoint started = api_.now();
  const Status prepared = co_await list();
  if (!prepared) {
    report_.failure = prepared.error();
    miss_the_rest(prepared.error(), {oldest_visible(settings_.sweep.windows, started), started});
    const bool stop = co_await async::cancelled();
    conclude(stop);
    co_return std::move(report_);
  }
  const std::size_t workers = std::min(settings_.concurrency, jobs_.size());
  for (std::size_t i = 0; i < workers; ++i) tasks_.spawn([this] { return work(); });
  co_await tasks_.join();
  if (breaker_.is_open() && !jobs_.empty()) miss_the_rest(*breaker_.reason(), unreached(started));
  const bool stop = co_await async::cancelled();
  conclude(stop);
  co_return std::move(report_);
}

Task<Result<work::Outcome>> OrgCycle::run_one(RepoId id) {
  auto repository = co_await inventory_.find(id);
  if (!repository) {
    const ErrorCode code = repository.error().code;
    if (code == ErrorCode::kNotFound || code == ErrorCode::kPermissionDenied) co_return work::Outcome::kGone;
    co_return fail(std::move(repository).error());
  }
  std::vector<github::Repository> one;
  one.push_back(*std::move(repository));
  const Status planned = co_await plan(std::move(one), api_.now());
  if (!planned) co_return fail(planned.error());
  if (jobs_.empty()) co_return work::Outcome::kAlreadyHealed;
  jobs_.front().commits_known = false;
  co_await sweep(std::move(jobs_.front()));
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (report_.failure) co_return fail(*report_.failure);
  for (const work::Miss& miss : report_.misses) {
    if (!miss.is_final) co_return fail(miss.error);
  }
  co_return work::Outcome::kDone;
}

Task<> OrgCycle::work() {
  while (!jobs_.empty() && !superseded_ && !breaker_.is_open()) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    RepositoryJob job = std::move(jobs_.back());
    jobs_.pop_back();
    co_await sweep(std::move(job));
  }
}

Task<> OrgCycle::sweep(RepositoryJob job) {
  const github::Repository repository = job.repository;
  RepositoryHarvest harvest = co_await sweep_repository(api_, settings_.sweep, std::move(job));
  if (harvest.cancelled) co_return;
  judge(harvest);
  const bool gone = !harvest.misses.empty() && std::ranges::all_of(harvest.misses, [](const work::Miss& miss) {
    return miss.error.code == ErrorCode::kNotFound;
  });
  if (gone) ++gone_;
  std::ranges::move(harvest.misses, std::back_inserter(report_.misses));
  if (harvest.batch.repositories.empty()) co_return;
  const bool stored = co_await commit(std::move(harvest.batch), repository.name);
  if (!stored) co_return;
  ++stored_;
  if (known_pushes_ != nullptr && harvest.commits_until) known_pushes_->collected(repository, *harvest.commits_until);
}

// Whether the next repository could fare better than this one.
void OrgCycle::judge(const RepositoryHarvest& harvest) {
  std::vector<Error> errors;
  for (const work::Miss& miss : harvest.misses) errors.push_back(miss.error);
  breaker_.on_round(harvest.answered, errors);
}

void OrgCycle::miss_the_rest(const Error& error, TimeWindow window) {
  if (error.code == ErrorCode::kCancelled) return;
  work::Reason reason = report_.listed ? work::Reason::kPartialScrapeError : work::Reason::kScrapeError;
  if (error.code == ErrorCode::kRateLimited) reason = work::Reason::kRateLimited;
  report_.misses.push_back(
      {settings_.org, {}, {}, redo_ ? redo_->families : settings_.sweep.families, window, reason, error});
}

// From the checkpoint of the repository that was collected longest ago.
TimeWindow OrgCycle::unreached(TimePoint started) const {
  const TimePoint oldest = oldest_visible(settings_.sweep.windows, started);
  TimePoint begin = started;
  for (const RepositoryJob& job : jobs_) begin = std::min(begin, progress(job, settings_.sweep.families));
  return {std::max(begin, oldest), api_.now()};
}

Task<bool> OrgCycle::commit(store::Batch batch, const std::string& repository) {
  const auto receipt = co_await store_.commit(std::move(batch), authority_);
  if (receipt) {
    report_.stored.events_new += receipt->events_new;
    report_.stored.events_changed += receipt->events_changed;
    report_.stored.events_known += receipt->events_known;
    report_.stored.series_refused += receipt->series_refused;
    co_return true;
  }
  if (receipt.error().code == ErrorCode::kCancelled) co_return false;
  superseded_ = superseded_ || receipt.error().code == ErrorCode::kSuperseded;
  report_.store_failed = true;
  if (!report_.failure) {
    report_.failure = receipt.error().with_context("store '" + settings_.org + "/" + repository + "'");
  }
  co_return false;
}

void OrgCycle::conclude(bool cancelled) {
  if (cancelled) {
    report_.result = CycleResult::kCancelled;
  } else if (report_.failure && (superseded_ || stored_ == 0)) {
    report_.result = CycleResult::kFailure;
  } else if (report_.failure || !std::ranges::all_of(report_.misses, is_gone)) {
    report_.result = stored_ + gone_ == 0 ? CycleResult::kFailure : CycleResult::kPartial;
  } else {
    report_.result = CycleResult::kSuccess;
  }
}

}  // namespace

async::Task<CycleReport> run_org_cycle(CycleEnvironment environment, OrgSettings settings, std::optional<Redo> redo) {
  OrgCycle cycle(environment, std::move(settings), std::move(redo), co_await boost::asio::this_coro::executor);
  co_return co_await cycle.run();
}

async::Task<Result<work::Outcome>> redo_repository(CycleEnvironment environment, OrgSettings settings,
                                                   RepoId repository, Redo redo) {
  OrgCycle cycle(environment, std::move(settings), std::move(redo), co_await boost::asio::this_coro::executor);
  co_return co_await cycle.run_one(repository);
}

}  // namespace ghstats::activity
