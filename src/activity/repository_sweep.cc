#include "activity/repository_sweep.h"

#include <algorithm>
#include <utility>

#include "activity/collectors/commits.h"
#include "activity/collectors/issue_comments.h"
#include "activity/collectors/pull_requests.h"
#include "activity/collectors/reviews.h"
#include "github/rest/list_pulls.h"

namespace ghstats::activity {
namespace {

using store::CollectionFamily;

// Collects the outcome of the families of one repository.
class Harvester {
 public:
  Harvester(const SweepSettings& settings, const RepositoryJob& job, TimePoint now)
      : settings_(settings), job_(job), now_(now) {}

  [[nodiscard]] TimePoint since(CollectionFamily family) const {
    return collect_since(settings_.windows, family, checkpoint(family), now_);
  }

  void add(CollectionFamily family, Collection collection) {
    auto& events = harvest_.batch.events;
    std::ranges::move(collection.events, std::back_inserter(events));
    harvest_.batch.checkpoints.push_back({job_.target.id, family, collection.collected_until});
  }

  void miss(std::vector<CollectionFamily> families, MissReason reason, Error error) {
    if (error.code == ErrorCode::kCancelled) {
      harvest_.cancelled = true;
      return;
    }
    if (error.code == ErrorCode::kRateLimited) reason = MissReason::kRateLimited;
    TimePoint begin = now_;
    for (const CollectionFamily family : families) {
      begin = std::min(begin, checkpoint(family).value_or(oldest_visible(settings_.windows, now_)));
    }
    harvest_.misses.push_back(
        {job_.org, job_.name, job_.target.id, std::move(families), {begin, now_}, reason, std::move(error)});
  }

  void take(CollectionFamily family, MissReason reason, Result<Collection> collection) {
    if (collection) {
      add(family, *std::move(collection));
    } else {
      miss({family}, reason, std::move(collection).error());
    }
  }

  [[nodiscard]] bool cancelled() const { return harvest_.cancelled; }

  RepositoryHarvest finish() && {
    if (!harvest_.batch.checkpoints.empty()) {
      harvest_.batch.repositories.push_back({job_.target.id, job_.org, job_.name});
    }
    return std::move(harvest_);
  }

 private:
  [[nodiscard]] std::optional<TimePoint> checkpoint(CollectionFamily family) const {
    const auto it = job_.checkpoints.find(family);
    if (it == job_.checkpoints.end()) return std::nullopt;
    return it->second;
  }

  const SweepSettings& settings_;
  const RepositoryJob& job_;
  TimePoint now_;
  RepositoryHarvest harvest_;
};

async::Task<> sweep_pulls_and_reviews(github::Api& api, const SweepSettings& settings, const RepositoryJob& job,
                                      Harvester& harvester) {
  const TimePoint pulls_since = harvester.since(CollectionFamily::kPullRequests);
  const TimePoint reviews_since = harvester.since(CollectionFamily::kReviews);
  auto pulls =
      co_await github::list_pulls_updated_since(api, job.target.full_name, std::min(pulls_since, reviews_since));
  if (!pulls) {
    harvester.miss({CollectionFamily::kPullRequests, CollectionFamily::kReviews}, MissReason::kPullsFailed,
                   std::move(pulls).error());
    co_return;
  }
  harvester.add(CollectionFamily::kPullRequests, pull_request_events(*pulls, job.target, settings.events, pulls_since));
  auto reviews = co_await collect_reviews(api, *pulls, job.target, settings.events, reviews_since);
  harvester.take(CollectionFamily::kReviews, MissReason::kReviewsFailed, std::move(reviews));
}

}  // namespace

async::Task<RepositoryHarvest> sweep_repository(github::Api& api, SweepSettings settings, RepositoryJob job) {
  Harvester harvester(settings, job, api.clock().now());
  auto commits =
      co_await collect_commits(api, job.target, settings.events, harvester.since(CollectionFamily::kCommits));
  harvester.take(CollectionFamily::kCommits, MissReason::kCommitsFailed, std::move(commits));
  if (!harvester.cancelled()) co_await sweep_pulls_and_reviews(api, settings, job, harvester);
  if (!harvester.cancelled()) {
    auto comments = co_await collect_issue_comments(api, job.target, settings.events,
                                                    harvester.since(CollectionFamily::kIssueComments));
    harvester.take(CollectionFamily::kIssueComments, MissReason::kIssueCommentsFailed, std::move(comments));
  }
  co_return std::move(harvester).finish();
}

}  // namespace ghstats::activity
