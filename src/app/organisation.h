// One configured organisation: its credentials, its door to GitHub and how it is collected.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "activity/planner.h"
#include "config/config.h"
#include "github/api.h"
#include "github/token_source.h"
#include "github/transport.h"
#include "http/client.h"
#include "log/log.h"

namespace ghstats::app {

// What every organisation shares. All of it must outlive the organisations.
struct OrganisationEnvironment {
  boost::asio::any_io_executor executor;
  http::Client& client;
  const Clock& clock;
  log::Logger logger;
  github::Observer observer;
};

class Organisation {
 public:
  // kInvalidArgument when credentials cannot be used (key, token) or the base URL is none.
  static Result<std::unique_ptr<Organisation>> make(const OrganisationEnvironment& environment,
                                                    const config::Config& config, const config::Org& org);

  // Points into this object.
  [[nodiscard]] activity::PlannedOrg planned();

  // Ends background work of the credentials; must have been awaited before destruction.
  async::Task<> stop() { return tokens_->stop(); }

 private:
  Organisation(github::Transport transport, activity::OrgSettings settings, Duration interval);

  github::Transport transport_;
  activity::OrgSettings settings_;
  Duration interval_;
  std::unique_ptr<github::TokenSource> tokens_;
  std::unique_ptr<github::Api> api_;
};

}  // namespace ghstats::app
