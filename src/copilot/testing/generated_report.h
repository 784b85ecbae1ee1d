// Reports with known sums.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "copilot/counts.h"
#include "copilot/record.h"
#include "copilot/report_kind.h"

namespace ghstats::copilot::testing {

enum class Arrays : std::uint8_t {
  kTrue,   // each the sum of the same activity; by language and model, and by model and feature, of chat only
  kWrong,  // random: empty, too little, too much, with labels missing or null
};

// A part of the activity of a day, of which the arrays of kTrue are made.
struct Activity {
  std::string ide;
  std::string feature;
  std::string language;
  std::string model;  // empty: not chat
  Counters counters;
};

struct GeneratedReport {
  std::string body;  // NDJSON, one line for each user and day, or for each entity
  std::uint64_t lines = 0;
  Counters counters;                        // sums over the whole report
  PullRequests pull_requests;               // likewise; nothing in reports of users
  std::vector<Activity> activities;         // with kTrue
  std::map<std::string, Counters> by_user;  // by login
  std::map<std::string, Counters> by_day;
};

// `users` is not looked at in reports of entities, nor `days` in 1-day reports. Ends at 2025-10-28 at the latest.
GeneratedReport generate_report(ReportKind kind, std::uint64_t seed, Arrays arrays, std::uint64_t users,
                                std::uint64_t days);

}  // namespace ghstats::copilot::testing
