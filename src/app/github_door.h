// One credential's door to GitHub: transport, token, limits and both APIs belong together.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/limits_exchange.h"
#include "async/retry.h"
#include "base/remote_clock.h"
#include "config/config.h"
#include "github/api.h"
#include "github/conditional/conditional_cache.h"
#include "github/credentials/installation_token.h"
#include "github/credentials/token_source.h"
#include "github/graphql/graphql_api.h"
#include "github/limits/rate_gate.h"
#include "github/transport.h"
#include "http/client.h"
#include "log/log.h"

namespace ghstats::app {

// By credential: who shares one shares its limits.
using RateGates = std::map<std::string, std::unique_ptr<github::RateGate>>;

// What every door shares. All of it must outlive the doors.
struct DoorEnvironment {
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

async::RetryEnvironment retry_environment(const config::Retry& retry);

// All calls on one thread. stop() must have been awaited before destruction.
class GitHubDoor {
 public:
  // kInvalidArgument when the credential cannot be used (key, token) or the base URL is none.
  static Result<std::unique_ptr<GitHubDoor>> of_organisation(const DoorEnvironment& environment,
                                                             const config::Config& config, const config::Org& org);
  // The App of copilot.enterprise.
  static Result<std::unique_ptr<GitHubDoor>> of_enterprise(const DoorEnvironment& environment,
                                                           const config::Config& config);

  [[nodiscard]] github::Api& api() { return *api_; }
  [[nodiscard]] github::GraphqlApi& graphql() { return *graphql_; }

  // How long GitHub's rate limits keep its requests waiting now; pacing is none. Absent: nothing does.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> limit() const;

  // Ends background work of the credential.
  async::Task<> stop() { return tokens_->stop(); }

 private:
  GitHubDoor(github::Transport transport, github::RateGate& gate) : transport_(std::move(transport)), gate_(gate) {}
  static Result<std::unique_ptr<GitHubDoor>> make(const DoorEnvironment& environment, const config::Config& config,
                                                  const config::Org& credential,
                                                  github::InstallationOwner installed_in);

  github::Transport transport_;
  github::RateGate& gate_;
  std::unique_ptr<github::TokenSource> tokens_;
  std::unique_ptr<github::Api> api_;
  std::unique_ptr<github::GraphqlApi> graphql_;
};

}  // namespace ghstats::app
