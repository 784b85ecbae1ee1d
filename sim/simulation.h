// A whole simulated GitHub, ready to be served; also for tests that want one in their own process.
#pragma once

#include <memory>

#include "sim/options.h"

namespace ghstats::sim {

// Members refer to each other: keep it where it is.
struct Simulation {
  SimClock clock;
  World world;
  Credentials credentials;
  copilot::Reports reports;
  Service service;

  Simulation(SimClock::Mode mode, TimePoint start, App app, ServiceOptions options)
      : clock(mode, start), credentials(std::move(app)), service(world, credentials, reports, clock, options) {}
};

// Generates, imports and installs what the options say. `machine_now` is the clock's start without --start.
Result<std::unique_ptr<Simulation>> make_simulation(const Options& options, TimePoint machine_now);

}  // namespace ghstats::sim
