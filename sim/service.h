// The simulated GitHub behind HTTP: every request passes faults, manners, authentication, limits, an endpoint and
// conditional requests, in this order.
#pragma once

#include "http/server.h"
#include "sim/control/accounting.h"
#include "sim/control/arrivals.h"
#include "sim/control/faults.h"
#include "sim/control/obedience.h"
#include "sim/graphql/endpoint.h"
#include "sim/rest/call.h"
#include "sim/rest/endpoints.h"
#include "sim/sim_clock.h"
#include "sim/world/statistics.h"

namespace ghstats::sim {

struct ServiceOptions {
  std::int64_t installation_rate_limit = 15'000;  // requests per hour, each installation its own
  std::int64_t personal_rate_limit = 5'000;       // each personal token's user; also the App itself
  std::int64_t graphql_rate_limit = 5'000;        // points of GraphQL per hour, of whoever asks
  bool rate_limit_headers = true;                 // false: a GitHub Enterprise Server with rate limits off
  std::int64_t points_per_minute = 0;             // secondary limit of REST, each identity its own; 0: none
  std::int64_t graphql_points_per_minute = 0;     // likewise of GraphQL
  std::int64_t max_concurrent = 0;                // secondary limit; 0: none
  StatisticsOptions statistics = {};
  Duration forbidden_grace{1000};  // requests that come so soon after a limit was told do not count as forbidden
};

// All calls on one thread. World, credentials and reports must outlive it.
class Service {
 public:
  Service(World& world, Credentials& credentials, copilot::Reports& reports, SimClock& clock, ServiceOptions options);

  // The whole web site, /_sim/ included.
  async::Task<http::ServerResponse> handle(http::ServerRequest request);

 private:
  struct Budget {
    RateBucket primary;
    RateBucket graphql;
    PointsMeter secondary;
    PointsMeter graphql_secondary;

    PointsMeter& secondary_of(Resource resource) {
      return resource == Resource::kGraphql ? graphql_secondary : secondary;
    }
    RateBucket& of(Resource resource) { return resource == Resource::kGraphql ? graphql : primary; }
  };
  struct Answer {
    Reply reply;
    Budget* budget = nullptr;  // whose limits the headers tell; null: no such headers
    bool paid = false;
    Resource resource = Resource::kCore;
    std::int64_t points = 0;  // of GraphQL, that were paid
  };
  // A request with what its path stands for. The request must outlive it.
  struct Asked {
    const http::ServerRequest& request;
    std::string path;      // without query and the prefix of Enterprise Server
    std::string api_base;  // "http://host:port", with that prefix
    Match match;
    std::string endpoint;  // "GET /repos/{owner}/{repo}", "POST /graphql HeadsSweep"
    std::optional<std::expected<graphql::Request, Reply>> graphql;

    [[nodiscard]] Resource resource() const { return graphql ? Resource::kGraphql : Resource::kCore; }
    // Of the GraphQL query; empty: it is none.
    [[nodiscard]] std::string operation() const;
  };

  static Asked route(const http::ServerRequest& request);
  // The world as seen through the API; of a fault what changes the real answer while it is made, or null.
  Answer answer(const Asked& asked, const FaultAction* fault);
  // service_graphql.cc
  Answer answer_graphql(const Asked& asked, const Identity& identity, Budget& budget, const FaultAction* fault);
  // Finds and guards the repository a path names; then the endpoint.
  Reply visit(Call& call, const Asked& asked);
  Answer conditional(const http::ServerRequest& request, Reply reply, Budget& budget, const Identity& identity,
                     bool free);
  http::ServerResponse to_response(const http::ServerRequest& request, Answer answer);
  // service_faults.cc. `real` is filled in where the fault needs it.
  http::ServerResponse struck(const Asked& asked, const FaultAction& action, Answer real);
  Answer made_up(const Asked& asked, const FaultAction& action);
  Repository* repository_named(const Match& match);
  Budget& budget_of(const Identity& identity);

  // control.cc: /_sim/...
  http::ServerResponse control(const http::ServerRequest& request);
  Reply control_clock(const http::ServerRequest& request);
  Reply control_activity(const http::ServerRequest& request);
  Reply control_faults(const http::ServerRequest& request);
  Reply control_requests(const http::ServerRequest& request);
  Reply control_statistics(const http::ServerRequest& request);
  // graphql_control.cc
  Reply control_search(const http::ServerRequest& request);
  Reply control_graphql(const http::ServerRequest& request);
  Reply tell_truth(const http::ServerRequest& request);
  // copilot_control.cc: /_sim/copilot/...
  Reply control_copilot(const http::ServerRequest& request);
  Reply tell_copilot_truth(const http::ServerRequest& request);
  Status set_up_copilot(const boost::json::value& wish);

  World& world_;
  Credentials& credentials_;
  copilot::Reports& reports_;
  SimClock& clock_;
  ServiceOptions options_;
  Faults faults_;
  Accounting accounting_;
  Arrivals arrivals_;
  Obedience obedience_;
  Statistics statistics_;
  graphql::Settings graphql_;
  std::map<std::string, Budget> budgets_;  // by who pays
  std::uint64_t request_number_ = 0;
};

}  // namespace ghstats::sim
