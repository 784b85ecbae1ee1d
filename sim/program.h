// ghsim from its options to its end.
#pragma once

#include "sim/options.h"

namespace ghstats::sim {

// Serves until SIGTERM or SIGINT; prints one line with the URL. 0 after a clean stop, 1 when it cannot run, 2 for
// unusable options.
int run_ghsim(const Options& options);

}  // namespace ghstats::sim
