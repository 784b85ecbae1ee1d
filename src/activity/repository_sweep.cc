#include "activity/repository_sweep.h"

#include <algorithm>
#include <utility>

#include "activity/collectors/commits.h"
#include "activity/collectors/own_lists.h"
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
    // Where both clocks were ahead of this answer's, what was asked for began too late: what came is true, but a
    // checkpoint would say that nothing is missing before it.
    TimePoint needed = oldest_visible(settings_.windows, collection.collected_until);
    if (const auto known = checkpoint(family)) needed = std::max(needed, *known);
    harvest_.answered = true;
    const bool complete = since(family) <= needed + settings_.windows.overlap;
    const bool from_the_oldest = since(family) <= oldest_visible(settings_.windows, collection.collected_until);
    if (complete) {
      harvest_.batch.checkpoints.push_back({job_.repository.id, family, collection.collected_until,
                                            from_the_oldest ? std::nullopt : checkpoint(family)});
    }
    if (complete && family == CollectionFamily::kCommits) harvest_.commits_until = collection.collected_until;
    add_incomplete(std::move(collection));
  }

  // Events whose neighbours are missing: no checkpoint says that the window is known.
  void add_incomplete(Collection collection) {
    harvest_.answered = harvest_.answered || !collection.events.empty();
    std::ranges::move(collection.events, std::back_inserter(harvest_.batch.events));
  }

  [[nodiscard]] bool wants(CollectionFamily family) const {
    return std::ranges::find(job_.families, family) != job_.families.end();
  }
  [[nodiscard]] RepoTarget target() const { return {job_.repository.id, job_.repository.full_name}; }

  void commits_are_known() {
    harvest_.batch.checkpoints.push_back(
        {job_.repository.id, CollectionFamily::kCommits, job_.listed_at, checkpoint(CollectionFamily::kCommits)});
  }

  void miss(Families families, Error error) {
    work::Reason reason = work::reason_of(families.front());
    if (error.code == ErrorCode::kCancelled) {
      harvest_.cancelled = true;
      return;
    }
    if (error.code == ErrorCode::kRateLimited) reason = work::Reason::kRateLimited;
    TimePoint begin = now_;
    for (const CollectionFamily family : families) {
      begin = std::min(begin, checkpoint(family).value_or(oldest_visible(settings_.windows, now_)));
    }
    std::erase_if(families, [&](CollectionFamily family) { return !wants(family); });
    const bool is_final = error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied;
    harvest_.misses.push_back({job_.org,
                               job_.repository.name,
                               job_.repository.id,
                               std::move(families),
                               {begin, now_},
                               reason,
                               std::move(error),
                               is_final});
  }

  void take(CollectionFamily family, Result<Collection> collection) {
    if (collection) {
      add(family, *std::move(collection));
    } else {
      miss({family}, std::move(collection).error());
    }
  }

  [[nodiscard]] bool cancelled() const { return harvest_.cancelled; }

  RepositoryHarvest finish() && {
    if (!harvest_.batch.checkpoints.empty() || !harvest_.batch.events.empty()) {
      harvest_.batch.repositories.push_back({job_.repository.id, job_.org, job_.repository.name});
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
      co_await github::list_pulls_updated_since(api, job.repository.full_name, std::min(pulls_since, reviews_since));
  if (!pulls) {
    harvester.miss({CollectionFamily::kPullRequests, CollectionFamily::kReviews}, std::move(pulls).error());
    co_return;
  }
  if (harvester.wants(CollectionFamily::kPullRequests)) {
    harvester.add(CollectionFamily::kPullRequests,
                  pull_request_events(*pulls, harvester.target(), settings.events, pulls_since));
  }
  if (!harvester.wants(CollectionFamily::kReviews)) co_return;
  auto reviews = co_await collect_reviews(api, *pulls, harvester.target(), settings.events, reviews_since);
  if (reviews.error) {
    harvester.add_incomplete(std::move(reviews.collection));
    harvester.miss({CollectionFamily::kReviews}, *std::move(reviews.error));
  } else {
    harvester.add(CollectionFamily::kReviews, std::move(reviews.collection));
  }
}

async::Task<> sweep_commits(github::Api& api, const SweepSettings& settings, const RepositoryJob& job,
                            Harvester& harvester) {
  if (job.commits_known) {
    harvester.commits_are_known();
    co_return;
  }
  auto commits =
      co_await collect_commits(api, harvester.target(), settings.events, harvester.since(CollectionFamily::kCommits));
  harvester.take(CollectionFamily::kCommits, std::move(commits));
}

}  // namespace

async::Task<RepositoryHarvest> sweep_repository(github::Api& api, SweepSettings settings, RepositoryJob job) {
  Harvester harvester(settings, job, api.now());
  if (harvester.wants(CollectionFamily::kCommits)) co_await sweep_commits(api, settings, job, harvester);
  const bool wants_pulls =
      harvester.wants(CollectionFamily::kPullRequests) || harvester.wants(CollectionFamily::kReviews);
  if (!harvester.cancelled() && wants_pulls) co_await sweep_pulls_and_reviews(api, settings, job, harvester);
  for (const OwnList& list : kOwnLists) {
    if (harvester.cancelled() || !harvester.wants(list.family)) continue;
    auto collected = co_await list.collect(api, harvester.target(), settings.events, harvester.since(list.family));
    harvester.take(list.family, std::move(collected));
  }
  co_return std::move(harvester).finish();
}

}  // namespace ghstats::activity
