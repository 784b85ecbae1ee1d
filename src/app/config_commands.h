// From the command line to a configuration, and the commands that only look at it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "config/config.h"
#include "config/environment.h"
#include "config/problem.h"

namespace ghstats::app {

// The file of --config (or the default one), or --org without a file, with the other flags over it. Every problem of
// both at once; those of flags carry no position.
std::expected<config::Config, std::vector<config::Problem>> load_effective_config(
    const CommandLine& line, const config::Environment& environment);

// One line per problem.
std::string format_problems(const std::vector<config::Problem>& problems);

struct CommandResult {
  int exit_code = 0;
  std::string out;  // for stdout
  std::string err;  // for stderr
};

// 0, or 2 with the problems in `err`. Neither prints a secret.
CommandResult check_config(const CommandLine& line, const config::Environment& environment);
CommandResult print_config(const CommandLine& line, const config::Environment& environment);

}  // namespace ghstats::app
