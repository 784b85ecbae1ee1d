#include "client/collected_twice.h"

#include <algorithm>

#include "base/time_format.h"

namespace ghstats::client {
namespace {

constexpr store::Authority kLeader{Role::kLeader, store::Source::kLeaderScrape, 1};

}  // namespace

CollectedTwice::CollectedTwice(sim::Options options, github::RateLimitOptions limits)
    : SimulatedGithub(std::move(options), limits),
      changes_{make_store(), activity::Inventory(io_.get_executor(), *rest_, {})},
      sweep_{make_store(), activity::Inventory(io_.get_executor(), *rest_, {})} {
  settings_.org = "acme";
  settings_.sweep.families = kinds::families_of(kinds::kEveryFamily);
  restart();
  sweep_.strategy = activity::make_sweep_strategy({sweep_.inventory, *sweep_.store, kLeader}, settings_);
}

void CollectedTwice::restart() {
  changes_.strategy = activity::make_changes_strategy(
      {.api = *graphql_, .inventory = changes_.inventory, .store = *changes_.store, .authority = kLeader},
      {.org = settings_, .always_listed = always_listed_});
}

std::unique_ptr<store::MetricStore> CollectedTwice::make_store() {
  auto store = store::make_memory_store(io_.get_executor(), clock_, {});
  EXPECT_EQ(run(store->begin_leadership()).value(), 1U);
  return store;
}

std::set<std::string> CollectedTwice::events_in(store::MetricStore& store) {
  std::set<std::string> out;
  const auto snapshot = run(store.snapshot());
  for (const ledger::Event& event : snapshot->set.events) {
    if (event.at <= clock_.now() - std::chrono::hours{24}) continue;
    out.insert(std::string(to_string(event.kind)) + " " + std::to_string(to_number(event.repo)) + " " + event.id +
               " of " + event.user + " at " + format_rfc3339(event.at));
  }
  return out;
}

std::string CollectedTwice::difference() {
  const auto told = events_in(*changes_.store);
  const auto truth = events_in(*sweep_.store);
  seen_ = std::max(seen_, truth.size());
  std::string out;
  for (const auto& event : truth) out += told.contains(event) ? "" : "missing: " + event + "\n";
  for (const auto& event : told) out += truth.contains(event) ? "" : "invented: " + event + "\n";
  return out.substr(0, 2000);
}

}  // namespace ghstats::client
