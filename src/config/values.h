// One scalar of the configuration: text to a typed value within its bounds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/table.h"

namespace ghstats::config {

// A scalar as the operator gave it, after interpolation.
struct Given {
  std::string_view text;
  bool is_hidden = false;  // never repeat the text in a message
};

// Writes `given` to the value behind `slot` (for a list: appends it). nullopt on success; otherwise what is wrong and
// what is allowed, and the value is unchanged.
std::optional<std::string> assign(const KeySpec& spec, const Slot& slot, Given given);

// "1 or more", "1 to 100", "1ms or more"; empty when there is no bound worth naming.
std::string describe_bounds(const KeySpec& spec);

}  // namespace ghstats::config
