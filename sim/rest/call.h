// One API request on its way through the endpoints.
#pragma once

#include <string>
#include <vector>

#include "http/server.h"
#include "sim/access/credentials.h"
#include "sim/access/rate_limit.h"
#include "sim/copilot/reports.h"
#include "sim/rest/query.h"
#include "sim/world/statistics.h"
#include "sim/world/world.h"

namespace ghstats::sim {

// Everything it refers to outlives the call.
struct Call {
  World& world;
  Credentials& credentials;
  Statistics& statistics;
  copilot::Reports& reports;
  RateBucket& budget;  // of who is asking
  RateBucket& graphql_budget;
  const Identity& identity;
  const http::ServerRequest& request;
  Query query;
  TimePoint now;
  std::string api_base;                 // "http://host:port" or ".../api/v3", as the client addressed us
  std::vector<std::string> parameters;  // what the pattern's {placeholders} stand for, in order
  Repository* repository = nullptr;     // of /repos/{owner}/{repo}/... and /repositories/{id}/...
  bool rate_limited = true;             // false: a GitHub Enterprise Server with rate limits off
};

}  // namespace ghstats::sim
