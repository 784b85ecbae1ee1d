// The page at /: what this is and where to look next, for people with a browser.
#pragma once

#include <memory>
#include <string>

#include "health/snapshot.h"
#include "http/server.h"

namespace ghstats::health {

struct ProgramDescription {
  std::string name;
  std::string version;
  std::string metrics_path = "/metrics";  // --web.telemetry-path
  std::string scrape_target;              // metrics.scrape_service_dns; empty: not shown
};

// Complete HTML without scripts or outside resources; every value is escaped.
std::string landing_page(const ProgramDescription& program, const HealthSnapshot& snapshot);

// GET /
void add_landing_page(http::Router& router, ProgramDescription program, std::shared_ptr<const HealthBoard> board);

}  // namespace ghstats::health
