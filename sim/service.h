// The simulated GitHub behind HTTP: every request passes faults, manners, authentication, limits, an endpoint and
// conditional requests, in this order.
#pragma once

#include "http/server.h"
#include "sim/accounting.h"
#include "sim/call.h"
#include "sim/endpoints.h"
#include "sim/faults.h"
#include "sim/sim_clock.h"

namespace ghstats::sim {

struct ServiceOptions {
  std::int64_t installation_rate_limit = 15'000;  // requests per hour, each installation its own
  std::int64_t personal_rate_limit = 5'000;       // each personal token's user; also the App itself
  bool rate_limit_headers = true;                 // false: a GitHub Enterprise Server with rate limits off
  std::int64_t points_per_minute = 0;             // secondary limit, each identity its own; 0: none
  std::int64_t max_concurrent = 0;                // secondary limit; 0: none
};

// All calls on one thread. World and credentials must outlive it.
class Service {
 public:
  Service(World& world, Credentials& credentials, SimClock& clock, ServiceOptions options);

  // The whole web site, /_sim/ included.
  async::Task<http::ServerResponse> handle(http::ServerRequest request);

 private:
  struct Budget {
    RateBucket primary;
    PointsMeter secondary;
  };
  struct Answer {
    Reply reply;
    Budget* budget = nullptr;  // whose limits the headers tell; null: no such headers
    bool paid = false;
  };

  // The world as seen through the API; no faults.
  Answer answer(const http::ServerRequest& request, const Match& match, const std::string& path,
                const std::string& api_base);
  // Finds and guards the repository a path names; then the endpoint.
  Reply visit(Call& call, const Match& match, const std::string& path);
  Answer conditional(const http::ServerRequest& request, Reply reply, Budget& budget, const Identity& identity,
                     bool free);
  http::ServerResponse to_response(const http::ServerRequest& request, Answer answer);
  http::ServerResponse struck(const http::ServerRequest& request, const FaultAction& action, Answer real,
                              const std::string& endpoint);
  Budget& budget_of(const Identity& identity);
  std::string repository_named(const Match& match);

  // control.cc: /_sim/...
  http::ServerResponse control(const http::ServerRequest& request);
  Reply control_clock(const http::ServerRequest& request);
  Reply control_activity(const http::ServerRequest& request);
  Reply control_faults(const http::ServerRequest& request);
  Reply tell_truth(const http::ServerRequest& request);

  World& world_;
  Credentials& credentials_;
  SimClock& clock_;
  ServiceOptions options_;
  Faults faults_;
  Accounting accounting_;
  std::map<std::string, Budget> budgets_;  // by who pays
  std::uint64_t request_number_ = 0;
};

}  // namespace ghstats::sim
