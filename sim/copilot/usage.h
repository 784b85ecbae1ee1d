// What one user did with Copilot on one day.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "sim/copilot/counters.h"
#include "sim/world/random.h"

namespace ghstats::sim::copilot {

// The five arrays that tell the counters again, by one or two labels.
struct ArrayShape {
  std::string_view name;
  std::string_view first;   // label
  std::string_view second;  // empty: none
  bool interactions;        // false: its rows have six counters
};
constexpr std::array<ArrayShape, 5> kArrays{{
    {"totals_by_ide", "ide", "", true},
    {"totals_by_feature", "feature", "", true},
    {"totals_by_language_feature", "language", "feature", false},
    {"totals_by_language_model", "language", "model", false},
    {"totals_by_model_feature", "model", "feature", true},
}};
enum ArrayIndex { kByIde, kByFeature, kByLanguageFeature, kByLanguageModel, kByModelFeature };

using Labels = std::pair<std::string, std::string>;  // the second is empty where the array has one
using Rows = std::map<Labels, Counters>;
using Arrays = std::array<Rows, kArrays.size()>;

void add(Arrays& sum, const Arrays& more, std::int64_t times);

// Of the command line or the app.
struct Sessions {
  std::int64_t sessions = 0;
  std::int64_t requests = 0;
  std::int64_t prompts = 0;
  std::int64_t output_tokens = 0;
  std::int64_t prompt_tokens = 0;

  void add(const Sessions& more, std::int64_t times);
};

// In which ways somebody was active; bits of Usage::active.
enum Activeness : unsigned {
  kUsed = 1U << 0U,  // any of it
  kChat = 1U << 1U,
  kAgent = 1U << 2U,
  kCli = 1U << 3U,
  kApp = 1U << 4U,
  kCloudAgent = 1U << 5U,
  kReviewActive = 1U << 6U,
  kReviewPassive = 1U << 7U,
};

struct Usage {
  Counters top{};
  Arrays arrays;
  Sessions cli;  // without sessions: not used
  Sessions app;
  unsigned active = 0;
  int phase = 0;            // of AI adoption; 0: "No Cohort"
  std::int64_t extras = 0;  // custom agents, plugins and the like that were used; 0: their arrays are empty
  double credits = 0;
};

// The arrays have the gaps of real ones: completions have no model, languages by model are those of chats only, the
// command line and the app belong to no IDE and have no language, and now and then all arrays are empty although
// something was counted. `flavour` 0 is nothing at all, 1 the command line alone, 2 empty arrays; others are random.
Usage make_usage(Random& random, std::size_t flavour);

}  // namespace ghstats::sim::copilot
