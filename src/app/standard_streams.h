// What a command says, on the standard streams.
#pragma once

#include "app/config_commands.h"

namespace ghstats::app {

// Writes `out` to stdout and `err` to stderr and returns the exit code: that of `result`, but kExitFailure where it was
// kExitOk and what was asked for could not be written (a full device, a closed stream). stderr then says why.
int print_result(const CommandResult& result);
int print_result(const Exit& exit);

}  // namespace ghstats::app
