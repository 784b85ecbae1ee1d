// Records as GitHub's documentation shows them, each one line.
#pragma once

#include <string_view>

namespace ghstats::copilot::testing {

extern const std::string_view kUsers1DayExample;
extern const std::string_view kEnterprise1DayExample;
extern const std::string_view kEnterprise28DayExample;

}  // namespace ghstats::copilot::testing
