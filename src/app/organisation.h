// One configured organisation: its credentials, its door to GitHub and how it is collected.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "activity/inventory.h"
#include "activity/loc/loc_settings.h"
#include "activity/org_cycle.h"
#include "activity/planner.h"
#include "app/github_door.h"
#include "config/config.h"
#include "github/rest/get_meta.h"

namespace ghstats::app {

class Organisation {
 public:
  // Errors: GitHubDoor::of_organisation.
  static Result<std::unique_ptr<Organisation>> make(const DoorEnvironment& environment, const config::Config& config,
                                                    const config::Org& org);

  // As configured.
  [[nodiscard]] const std::string& name() const { return settings_.org; }

  [[nodiscard]] const activity::OrgSettings& settings() const { return settings_; }
  [[nodiscard]] const activity::LocSettings& loc() const { return loc_; }
  [[nodiscard]] activity::Inventory& inventory() { return inventory_; }
  [[nodiscard]] github::Api& api() { return door_->api(); }
  // Null where it is collected over REST only (github.collection: sweep).
  [[nodiscard]] github::GraphqlApi* graphql() {
    return collection_ == kinds::CollectionMode::kSweep ? nullptr : &door_->graphql();
  }

  // For one leadership, which writes to `store` under `authority`. Points into this object.
  [[nodiscard]] activity::PlannedOrg planned(store::MetricStore& store, store::Authority authority,
                                             const log::Logger& logger);

  // As of GitHubDoor.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> limit() const { return door_->limit(); }

  // Whether GitHub can be reached at all, asked with this organisation's credentials.
  async::Task<github::Reachability> probe();

  // Ends background work of the credentials; must have been awaited before destruction.
  async::Task<> stop() { return door_->stop(); }

 private:
  Organisation(const DoorEnvironment& environment, std::unique_ptr<GitHubDoor> door, const config::Config& config,
               const config::Org& org);

  std::unique_ptr<GitHubDoor> door_;
  activity::OrgSettings settings_;
  activity::LocSettings loc_;
  kinds::CollectionMode collection_;
  Duration reconcile_interval_;
  Duration interval_;
  activity::Inventory inventory_;
};

}  // namespace ghstats::app
