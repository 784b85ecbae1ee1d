// Pages against what they must say.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"

namespace ghstats::harness {

// Of a page, the gauges that Simulator::truth speaks of: last events of long ago stay on the page for store.retention
// and are left out. Lines of code, which appear whenever a week ends, are the truth only when it is asked for them.
std::map<std::string, double> activity(const std::map<std::string, double>& samples, TimePoint now);
std::map<std::string, double> activity_and_lines(const std::map<std::string, double>& samples, TimePoint now);

// The series of one repository, "acme/alpha".
std::map<std::string, double> of_repository(const std::map<std::string, double>& samples, const std::string& full_name);

// One line per difference, so that a failure can be read; empty when there is none.
std::string differences(const std::map<std::string, double>& page, const std::map<std::string, double>& truth);

}  // namespace ghstats::harness
