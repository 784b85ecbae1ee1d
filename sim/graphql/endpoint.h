// POST /graphql.
#pragma once

#include "sim/graphql/moment.h"
#include "sim/graphql/request.h"

namespace ghstats::sim::graphql {

struct Settings {
  SearchIndex search;
  std::int64_t most_nodes = 500'000;             // that a query may ask for
  std::optional<std::int64_t> most_objects;      // in one answer; beyond it RESOURCE_LIMITS_EXCEEDED
  std::string rate_limit_type = "RATE_LIMITED";  // or RATE_LIMIT, as some have met it
};

struct Answer {
  Reply reply;
  std::int64_t points = 0;
};

// Charges the budget (null: no limit) for what is executed; what is refused before costs nothing. Whatever is wrong
// with the query, the status is 200.
Answer answer(const Request& request, Moment& moment, RateBucket* budget, const Settings& settings,
              const std::string& who);

// {"errors": [...]}, without data.
Reply errors_reply(const std::vector<QueryError>& errors);
// The primary limit, to `who`: "installation ID 1000".
Reply rate_limit_reply(const std::string& type, const std::string& who);
// "Something went wrong while executing your query."
Reply something_went_wrong_reply(int status, std::string_view request_id);
// "We couldn't respond to your request in time."
Reply timeout_reply(int status);

}  // namespace ghstats::sim::graphql
