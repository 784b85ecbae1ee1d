// JSON of what records are made of, written once and copied into every line that needs it.
#pragma once

#include <string>
#include <vector>

#include "sim/copilot/usage.h"

namespace ghstats::sim::copilot {

// The fields of a user's record that do not say whose it is: `"a":1,"b":[]`. At each offset ten characters are to be
// overwritten by the record's day.
struct UsageText {
  std::string fields;
  std::vector<std::size_t> day_offsets;
};
UsageText write_usage(const Usage& usage);

// `"loc_added_sum":1,...`
void append_counters(std::string& out, const Counters& counters, bool interactions);
// `"totals_by_feature":[...],` and its four siblings.
void append_arrays(std::string& out, const Arrays& arrays);
// `{"session_count":1,...}`; `more`: further fields.
void append_sessions(std::string& out, const Sessions& sessions, std::string_view more);

std::string_view phase_name(int phase);

}  // namespace ghstats::sim::copilot
