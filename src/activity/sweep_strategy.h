// Asking every repository, each time.
#pragma once

#include <memory>

#include "activity/org_cycle.h"
#include "activity/strategy.h"

namespace ghstats::activity {

// run_org_cycle() with a memory of what was pushed (known_pushes.h), so that a repository in which nothing happens
// costs little. Complete, and works everywhere. What the environment refers to must outlive it.
std::unique_ptr<Strategy> make_sweep_strategy(CycleEnvironment environment, OrgSettings settings);

}  // namespace ghstats::activity
