// What a report's lines add up to.
#pragma once

#include <boost/json/object.hpp>
#include <memory>

#include "sim/copilot/user_lines.h"

namespace ghstats::sim::copilot {

struct TruthQuestion {
  Report report;
  Day end;  // the report's last day, or its only one
  bool by_user = false;
  bool by_day = false;
};

// Counted from the JSON of the records, not from the numbers that it was written from:
// {"lines", "users", "totals": {seven counters}, "pull_requests": {its integers},
//  "rows": {"totals_by_ide": [{"ide", counters}], and its four siblings},
//  "by_user": [{"user_id", "user_login", "lines", counters}], "by_day": [{"day", counters, "pull_requests"}]}
// The last two only if asked for; users and lines of reports about everybody: 0 and 1.
boost::json::object tell_truth(const Activity& activity, const Owner& owner, const TruthQuestion& question);

}  // namespace ghstats::sim::copilot
