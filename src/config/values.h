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

struct Wrong {
  std::string message;    // what is wrong and what is allowed
  bool is_value = false;  // the type is right: out of range, or not well-formed
};

// Writes `given` to the value behind `slot` (for a list: appends it). nullopt on success; otherwise the value is
// unchanged.
std::optional<Wrong> assign(const KeySpec& spec, const Slot& slot, Given given);

// "1 or more", "1 to 100", "1ms or more"; empty when there is no bound worth naming.
std::string describe_bounds(const KeySpec& spec);

}  // namespace ghstats::config
