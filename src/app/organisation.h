// One configured organisation: its credentials, its door to GitHub and how it is collected.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "activity/inventory.h"
#include "activity/loc/loc_settings.h"
#include "activity/org_cycle.h"
#include "activity/planner.h"
#include "app/limits_exchange.h"
#include "base/remote_clock.h"
#include "config/config.h"
#include "github/api.h"
#include "github/conditional/conditional_cache.h"
#include "github/credentials/token_source.h"
#include "github/limits/rate_gate.h"
#include "github/rest/get_meta.h"
#include "github/transport.h"
#include "http/client.h"
#include "log/log.h"

namespace ghstats::app {

// By credential: organisations that share one share its limits.
using RateGates = std::map<std::string, std::unique_ptr<github::RateGate>>;

// What every organisation shares. All of it must outlive the organisations.
struct OrganisationEnvironment {
  boost::asio::any_io_executor executor;
  http::Client& client;
  const Clock& clock;
  log::Logger logger;
  github::Observer observer;
  RateGates& gates;
  github::ConditionalCache& answers;
  std::shared_ptr<RemoteClock> github_clock;  // that of the API's host
  LimitsExchange* limits = nullptr;           // null: nobody else asks GitHub
};

class Organisation {
 public:
  // kInvalidArgument when credentials cannot be used (key, token) or the base URL is none.
  static Result<std::unique_ptr<Organisation>> make(const OrganisationEnvironment& environment,
                                                    const config::Config& config, const config::Org& org);

  // As configured.
  [[nodiscard]] const std::string& name() const { return settings_.org; }

  [[nodiscard]] const activity::OrgSettings& settings() const { return settings_; }
  [[nodiscard]] const activity::LocSettings& loc() const { return loc_; }
  [[nodiscard]] activity::Inventory& inventory() { return *inventory_; }

  // For one leadership, which writes to `store` under `authority`. Points into this object.
  [[nodiscard]] activity::PlannedOrg planned(store::MetricStore& store, store::Authority authority);

  // How long GitHub's rate limits keep its requests waiting now; pacing is none. Absent: nothing does.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> limit() const;

  // Whether GitHub can be reached at all, asked with this organisation's credentials.
  async::Task<github::Reachability> probe();

  // Ends background work of the credentials; must have been awaited before destruction.
  async::Task<> stop() { return tokens_->stop(); }

 private:
  Organisation(github::Transport transport, github::RateGate& gate, activity::OrgSettings settings,
               activity::LocSettings loc, Duration interval);

  github::Transport transport_;
  github::RateGate& gate_;
  activity::OrgSettings settings_;
  activity::LocSettings loc_;
  Duration interval_;
  std::unique_ptr<github::TokenSource> tokens_;
  std::unique_ptr<github::Api> api_;
  std::unique_ptr<activity::Inventory> inventory_;
};

}  // namespace ghstats::app
