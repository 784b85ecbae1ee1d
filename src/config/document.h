// docs/configuration.md.
#pragma once

#include <string>

namespace ghstats::config {

// The whole text, generated from the table: the same for every run.
std::string configuration_document();

}  // namespace ghstats::config
