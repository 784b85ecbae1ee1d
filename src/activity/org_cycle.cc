#include "activity/org_cycle.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <unordered_map>
#include <utility>

#include "async/task_group.h"
#include "github/rest/list_org_repositories.h"

namespace ghstats::activity {
namespace {

using async::Task;

// How far the least collected family of a repository has got.
TimePoint progress(const RepositoryJob& job) {
  constexpr std::size_t kFamilies = 4;
  if (job.checkpoints.size() < kFamilies) return TimePoint::min();
  TimePoint least = TimePoint::max();
  for (const auto& [family, until] : job.checkpoints) least = std::min(least, until);
  return least;
}

class OrgCycle {
 public:
  OrgCycle(github::Api& api, store::MetricStore& store, store::Authority authority, OrgSettings settings,
           boost::asio::any_io_executor executor)
      : api_(api), store_(store), authority_(authority), settings_(std::move(settings)), tasks_(std::move(executor)) {}

  Task<CycleReport> run();

 private:
  Task<Status> prepare();
  Task<> work();
  Task<> sweep(RepositoryJob job);
  Task<bool> commit(store::Batch batch, const std::string& repository);
  void judge(const RepositoryHarvest& harvest);
  void miss_the_rest(const Error& error, TimePoint begin, TimePoint end);
  void conclude(bool cancelled);

  github::Api& api_;
  store::MetricStore& store_;
  store::Authority authority_;
  OrgSettings settings_;
  CycleReport report_;
  std::vector<RepositoryJob> jobs_;  // still to do, the most urgent last
  std::size_t stored_ = 0;           // repositories of which at least one family was stored
  std::size_t unanswered_ = 0;       // repositories in a row for which GitHub had no answer at all
  std::optional<Error> hopeless_;    // why the cycle ends early
  bool superseded_ = false;
  async::TaskGroup tasks_;
};

// Lists and filters the repositories and asks the store how far each was collected.
Task<Status> OrgCycle::prepare() {
  auto listing = co_await github::list_org_repositories(api_);
  if (!listing) co_return fail(std::move(listing).error());
  std::vector<RepoId> ids;
  for (github::Repository& repository : listing->items) {
    if (!settings_.filter.accepts(repository)) continue;
    ids.push_back(repository.id);
    jobs_.push_back({settings_.org, std::move(repository.name), {repository.id, std::move(repository.full_name)}, {}});
  }
  auto checkpoints = co_await store_.checkpoints(ids);
  if (!checkpoints) {
    report_.store_failed = true;
    co_return fail(checkpoints.error().with_context("read checkpoints of '" + settings_.org + "'"));
  }
  std::unordered_map<RepoId, RepositoryJob*> by_id;
  for (RepositoryJob& job : jobs_) by_id[job.target.id] = &job;
  for (const store::Checkpoint& checkpoint : *checkpoints) {
    by_id.at(checkpoint.repo)->checkpoints[checkpoint.family] = checkpoint.collected_until;
  }
  report_.repositories = jobs_.size();
  std::ranges::sort(jobs_, [](const RepositoryJob& a, const RepositoryJob& b) { return progress(a) > progress(b); });
  co_return Status{};
}

Task<CycleReport> OrgCycle::run() {
  const TimePoint started = api_.clock().now();
  const Status prepared = co_await prepare();
  if (!prepared) {
    report_.failure = prepared.error();
    miss_the_rest(prepared.error(), oldest_visible(settings_.sweep.windows, started), started);
    const bool stop = co_await async::cancelled();
    conclude(stop);
    co_return std::move(report_);
  }
  const std::size_t workers = std::min(settings_.concurrency, jobs_.size());
  for (std::size_t i = 0; i < workers; ++i) tasks_.spawn([this] { return work(); });
  co_await tasks_.join();
  if (hopeless_ && !jobs_.empty()) {
    miss_the_rest(*hopeless_, oldest_visible(settings_.sweep.windows, started), api_.clock().now());
  }
  const bool stop = co_await async::cancelled();
  conclude(stop);
  co_return std::move(report_);
}

Task<> OrgCycle::work() {
  while (!jobs_.empty() && !superseded_ && !hopeless_) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    RepositoryJob job = std::move(jobs_.back());
    jobs_.pop_back();
    co_await sweep(std::move(job));
  }
}

Task<> OrgCycle::sweep(RepositoryJob job) {
  const std::string name = job.name;
  RepositoryHarvest harvest = co_await sweep_repository(api_, settings_.sweep, std::move(job));
  if (harvest.cancelled) co_return;
  judge(harvest);
  std::ranges::move(harvest.misses, std::back_inserter(report_.misses));
  if (harvest.batch.repositories.empty()) co_return;
  const bool stored = co_await commit(std::move(harvest.batch), name);
  if (stored) ++stored_;
}

// Whether the next repository could fare better than this one.
void OrgCycle::judge(const RepositoryHarvest& harvest) {
  for (const Miss& miss : harvest.misses) {
    const bool no_way_in = miss.error.code == ErrorCode::kRateLimited || miss.error.code == ErrorCode::kUnauthenticated;
    if (no_way_in && !hopeless_) hopeless_ = miss.error;
  }
  const bool unanswered = harvest.batch.repositories.empty() && !harvest.misses.empty() &&
                          std::ranges::all_of(harvest.misses, [](const Miss& miss) {
                            return miss.error.code == ErrorCode::kUnavailable || miss.error.code == ErrorCode::kTimeout;
                          });
  unanswered_ = unanswered ? unanswered_ + 1 : 0;
  if (unanswered_ >= 2 * settings_.concurrency && !hopeless_) hopeless_ = harvest.misses.front().error;
}

void OrgCycle::miss_the_rest(const Error& error, TimePoint begin, TimePoint end) {
  if (error.code == ErrorCode::kCancelled) return;
  const MissReason reason = error.code == ErrorCode::kRateLimited ? MissReason::kRateLimited : MissReason::kScrapeError;
  report_.misses.push_back({settings_.org,
                            {},
                            {},
                            {store::CollectionFamily::kCommits, store::CollectionFamily::kPullRequests,
                             store::CollectionFamily::kReviews, store::CollectionFamily::kIssueComments},
                            {begin, end},
                            reason,
                            error});
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
  } else if (report_.failure || !report_.misses.empty()) {
    report_.result = stored_ == 0 ? CycleResult::kFailure : CycleResult::kPartial;
  } else {
    report_.result = CycleResult::kSuccess;
  }
}

}  // namespace

std::string_view to_string(CycleResult result) {
  switch (result) {
    case CycleResult::kSuccess:
      return "success";
    case CycleResult::kPartial:
      return "partial";
    case CycleResult::kFailure:
      return "failure";
    case CycleResult::kCancelled:
      return "cancelled";
  }
  std::unreachable();
}

async::Task<CycleReport> run_org_cycle(github::Api& api, store::MetricStore& store, store::Authority authority,
                                       OrgSettings settings) {
  OrgCycle cycle(api, store, authority, std::move(settings), co_await boost::asio::this_coro::executor);
  co_return co_await cycle.run();
}

}  // namespace ghstats::activity
