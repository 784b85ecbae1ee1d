#include "config/config.h"

#include <tuple>

namespace ghstats::config {
namespace {

auto values(const Config& c) {
  return std::tie(c.server, c.metrics, c.leader_election, c.github, c.rate_limit, c.retry, c.loc, c.activity,
                  c.backfill, c.amqp, c.store, c.health, c.copilot, c.telemetry);
}

}  // namespace

bool operator==(const Config& a, const Config& b) {
  return values(a) == values(b);
}

}  // namespace ghstats::config
