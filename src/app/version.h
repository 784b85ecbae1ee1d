// Which build this is.
#pragma once

#include <string_view>

namespace ghstats::app {

inline constexpr std::string_view kProgramName = "github-stats-exporter";

std::string_view version();   // "0.1.0"
std::string_view revision();  // short git commit of the build, or "unknown"
std::string_view compiler();  // "clang 19.1.7"

}  // namespace ghstats::app
