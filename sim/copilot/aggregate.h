// A report about everybody: one line, whose numbers are the sums over the lines of all users.
#pragma once

#include <string>

#include "sim/copilot/user_lines.h"

namespace ghstats::sim::copilot {

// With its newline. `end`: the report's last day, or its only one. Takes time in proportion to the users.
std::string aggregate_line(const Activity& activity, const Owner& owner, const Report& report, Day end);

}  // namespace ghstats::sim::copilot
