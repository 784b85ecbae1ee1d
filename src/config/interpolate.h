// ${NAME} in the configuration's strings.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "config/environment.h"

namespace ghstats::config {

struct Interpolated {
  std::string text;
  bool uses_environment = false;  // then `text` may be a secret: never echo it
};

// Replaces ${NAME} by that variable; $${ stands for ${; any other $ is itself. Values are not looked at again.
// kInvalidArgument: a variable that is not set (named), a name that is none, a missing }.
Result<Interpolated> interpolate(std::string_view text, const Environment& environment);

// [A-Za-z_][A-Za-z0-9_]*
bool is_variable_name(std::string_view name);

// The text that interpolate() turns into `literal`.
std::string escape_interpolation(std::string_view literal);

}  // namespace ghstats::config
