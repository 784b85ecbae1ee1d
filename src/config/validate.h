// Rules between keys (contract.md section 2). A rule is skipped when one of its keys is already known to be wrong,
// or when nothing that it is about is in use (parts.h).
#pragma once

#include "config/config.h"
#include "config/findings.h"

namespace ghstats::config {

void validate(const Config& config, Findings& findings);

// The parts, by section.
void validate_orgs(const Config& config, Findings& findings);
void validate_store(const Config& config, Findings& findings);

}  // namespace ghstats::config
