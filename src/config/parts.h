// Parts of the program that can be switched off. What belongs to one that is off is checked for its type and for
// unknown keys only (contract.md section 2).
#pragma once

#include <string_view>

#include "config/config.h"
#include "config/findings.h"

namespace ghstats::config {

// Whether what `key` (in the table's spelling) is about is switched on: true for what cannot be switched off, and when
// what decides is wrong itself, so that nothing is overlooked. Reads given_keys, so not for flags alone.
bool is_in_use(std::string_view key, const Config& config, const Findings& findings);

}  // namespace ghstats::config
