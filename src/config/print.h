// The effective configuration as YAML.
#pragma once

#include <string>

#include "config/config.h"

namespace ghstats::config {

// Every key with its effective value, defaults included, in the table's order; secrets and user info in URLs appear as
// <redacted>. Keys that are not given and have no default are left out, so the text loads again: to the same
// configuration except for what was redacted.
std::string print_config(const Config& config);

}  // namespace ghstats::config
