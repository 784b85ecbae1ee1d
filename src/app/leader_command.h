// The command "leader": who leads, since when, and why the last leadership ended.
#pragma once

#include <chrono>

#include "app/command_line.h"
#include "app/config_commands.h"
#include "kube/in_cluster.h"

namespace ghstats::app {

// How long the API server and Redis may be silent.
inline constexpr std::chrono::seconds kLeaderPatience{10};

// Asks the lease of the configured election, and the store's Redis; changes nothing. Exit code 0: somebody leads, as
// far as is known; 1: nobody does, or neither could be asked; 2: this configuration knows neither.
CommandResult leader_command(const CommandLine& line, const config::Config& config,
                             kube::Environment variables = kube::process_environment,
                             std::chrono::nanoseconds patience = kLeaderPatience);

}  // namespace ghstats::app
