// What the operating system says about this process (the families every Prometheus client library exports).
#pragma once

#include <string>
#include <vector>

#include "metrics/series.h"

namespace ghstats::app {

// process_* samples with the replica label, read from /proc/self; what cannot be read is left out. Any thread.
std::vector<metrics::Sample> process_samples(const std::string& replica);

}  // namespace ghstats::app
