#include "app/organisation.h"

#include <algorithm>
#include <utility>

#include "activity/choose_strategy.h"
#include "app/whole_seconds.h"
#include "github/rest/get_meta.h"

namespace ghstats::app {
namespace {

activity::OrgSettings settings_of(const config::Config& config, const config::Org& org) {
  activity::OrgSettings settings;
  settings.org = org.org;
  settings.sweep.events.self_reviews = config.activity.self_reviews;
  settings.sweep.events.include_bots = config.activity.bots == config::BotPolicy::kInclude;
  settings.sweep.families = kinds::families_of(config.activity.families);
  settings.sweep.windows.linger = whole_seconds(config.store.zero_linger);
  settings.concurrency = static_cast<std::size_t>(org.per_org_concurrency);
  return settings;
}

activity::LocSettings loc_settings_of(const config::Config& config, const config::Org& org) {
  const config::Loc& loc = config.loc;
  activity::LocSettings settings;
  settings.source = loc.source;
  settings.refresh_interval = loc.refresh_interval;
  settings.fallback_enabled = loc.fallback_enabled;
  settings.fallback_max_commits_per_repo_per_week = loc.fallback_max_commits_per_repo_per_week;
  settings.fallback_max_commit_detail_calls_per_org_per_hour = loc.fallback_max_commit_detail_calls_per_org_per_hour;
  settings.large_repo_zero_detection_windows = loc.large_repo_zero_detection_windows;
  settings.large_repo_cooldown = loc.large_repo_cooldown;
  settings.include_bots = config.activity.bots == config::BotPolicy::kInclude;
  settings.zero_linger = config.store.zero_linger;
  // Half of what a cycle may have under way, so that both together do not double it.
  settings.concurrency = static_cast<std::size_t>(std::max<std::int64_t>(1, org.per_org_concurrency / 2));
  return settings;
}

}  // namespace

Organisation::Organisation(const DoorEnvironment& environment, std::unique_ptr<GitHubDoor> door,
                           const config::Config& config, const config::Org& org)
    : door_(std::move(door)),
      settings_(settings_of(config, org)),
      loc_(loc_settings_of(config, org)),
      collection_(config.github.collection),
      reconcile_interval_(config.github.reconcile_interval),
      interval_(org.scrape_interval),
      inventory_(environment.executor, door_->api(),
                 activity::RepoFilter{org.repo_allowlist, org.repo_denylist, org.include_forks}) {}

Result<std::unique_ptr<Organisation>> Organisation::make(const DoorEnvironment& environment,
                                                         const config::Config& config, const config::Org& org) {
  auto door = GitHubDoor::of_organisation(environment, config, org);
  if (!door) return fail(std::move(door).error());
  return std::unique_ptr<Organisation>(new Organisation(environment, *std::move(door), config, org));
}

activity::PlannedOrg Organisation::planned(store::MetricStore& store, store::Authority authority,
                                           const log::Logger& logger) {
  return {.org = name(),
          .strategy = activity::make_strategy(
              collection_, {.api = door_->graphql(), .inventory = inventory_, .store = store, .authority = authority},
              {.org = settings_, .reconcile_interval = reconcile_interval_}, logger),
          .inventory = &inventory_,
          .graphql = graphql(),
          .windows = settings_.sweep.windows,
          .families = settings_.sweep.families,
          .loc = loc_,
          .interval = interval_};
}

async::Task<github::Reachability> Organisation::probe() {
  const auto probe = co_await github::get_meta(api());
  co_return probe ? probe->reachability : github::Reachability::kNotAsked;
}

}  // namespace ghstats::app
