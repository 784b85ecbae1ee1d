// The tree of a file into the typed configuration: every key known, once, of the right type and in its bounds.
#pragma once

#include "config/config.h"
#include "config/environment.h"
#include "config/findings.h"
#include "config/yaml_reader.h"

namespace ghstats::config {

// Starts from the defaults. Problems go to `findings`; a key with a problem keeps its default. Strings are
// interpolated. An empty string means "not given" unless the key is required or has a default. Of a key whose part is
// switched off (parts.h) only the type is looked at, and a value that could not be used counts as not given. No file is
// read.
Config bind(const Node& root, const Environment& environment, Findings& findings);

}  // namespace ghstats::config
