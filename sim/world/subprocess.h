// Running another program and reading what it says.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace ghstats::sim {

// Runs `arguments[0]` (found in PATH) with exactly these arguments, no shell, no standard input, and returns its
// standard output. kNotFound when it cannot be started, kUnavailable with its standard error when it does not exit
// with 0. Blocks.
Result<std::string> run_program(const std::vector<std::string>& arguments);

}  // namespace ghstats::sim
