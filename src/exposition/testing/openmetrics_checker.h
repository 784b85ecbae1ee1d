// A parser that accepts OpenMetrics 1.0.0 as far as this program uses it and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace ghstats::exposition::testing {

// What is wrong with the first bad line, or empty. Checked: `# EOF` at the end and only there; TYPE, UNIT, HELP in this
// order before a family's samples; no family in two places; names and suffixes by type; the unit in the name; label
// syntax and escapes; no label or series twice; numbers; counters finite or +Inf and not negative; histograms with
// rising, canonical bounds, cumulative counts, +Inf, sum and count.
std::string check_openmetrics(std::string_view page);

}  // namespace ghstats::exposition::testing
