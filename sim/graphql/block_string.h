#pragma once

#include <string>
#include <string_view>

namespace ghstats::sim::graphql {

// What stands between the quotes of a block string without the indentation that all lines but the first share, and
// without blank lines at both ends (spec, 2.9.4).
std::string block_string_value(std::string_view raw);

}  // namespace ghstats::sim::graphql
