// What follows from the keys: the contents of named files and variables, and defaults that depend on other keys.
#pragma once

#include "config/config.h"
#include "config/environment.h"
#include "config/findings.h"

namespace ghstats::config {

// Reads and checks every file that the configuration names for something in use, fills in the secrets they hold and the
// tokens of token_env.
void resolve_files(Config& config, const Environment& environment, Findings& findings);

// store.backend, backfill.max_attempts, the enterprise reports, the trailing slash of api_base_url. Idempotent.
void resolve_defaults(Config& config);

}  // namespace ghstats::config
