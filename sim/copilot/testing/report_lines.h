// Reading generated reports as their consumers would: line by line.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "sim/copilot/user_lines.h"

namespace ghstats::sim::copilot::testing {

inline const Owner kAcme{OwnerKind::kOrganization, "acme", 500, "1"};
inline const Owner kMegacorp{OwnerKind::kEnterprise, "megacorp", 7, "7"};

inline Day day(const char* text) {
  return *parse_day(text);
}
inline const Day kEnd = day("2026-11-18");

// All files of a report by user, one after the other.
inline std::string text_of(const std::shared_ptr<const Activity>& activity, const Owner& owner, const Report& report,
                           Day end = kEnd) {
  std::string text;
  for (int shard = 0; shard < activity->setup().shards; ++shard) {
    UserLines lines(activity, owner, report, end, shard);
    while (lines.read(text)) {
    }
  }
  return text;
}

inline std::vector<boost::json::object> records_of(const std::string& text) {
  std::vector<boost::json::object> records;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    records.push_back(boost::json::parse(text.substr(begin, end - begin)).as_object());
    begin = end + 1;
  }
  return records;
}

inline Report users_28() {
  return {OwnerKind::kOrganization, true, false};
}
inline Report users_1() {
  return {OwnerKind::kOrganization, true, true};
}
inline Report everybody_28() {
  return {OwnerKind::kOrganization, false, false};
}
inline Report everybody_1() {
  return {OwnerKind::kOrganization, false, true};
}

inline std::shared_ptr<const Activity> activity_of(ReportSetup setup) {
  return std::make_shared<const Activity>(std::move(setup));
}

inline Counters counters_of(const boost::json::object& record) {
  Counters counters{};
  for (std::size_t i = 0; i < counters.size(); ++i) counters[i] = record.at(kCounterNames[i]).as_int64();
  return counters;
}

}  // namespace ghstats::sim::copilot::testing
