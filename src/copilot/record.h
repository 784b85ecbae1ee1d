// One line of a report, as far as it is shown. Texts and spans belong to the parser that read it (record_parser.h).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "copilot/counts.h"

namespace ghstats::copilot {

// An empty one: GitHub does not say.
struct Labels {
  std::string_view ide{};
  std::string_view feature{};
  std::string_view language{};
  std::string_view model{};
  friend auto operator<=>(const Labels&, const Labels&) = default;
};

// A choice of the four, as bits.
using LabelSet = std::uint8_t;
inline constexpr LabelSet kIde = 1;
inline constexpr LabelSet kFeature = 2;
inline constexpr LabelSet kLanguage = 4;
inline constexpr LabelSet kModel = 8;

struct LabelRow {
  LabelSet bit{};
  std::string_view name{};  // GitHub's field and our label
  std::string_view key{};   // what switches it on
  std::string_view Labels::* member{};
};
inline constexpr std::array kLabelRows = {
    LabelRow{kIde, "ide", "copilot.include_breakdown_ide", &Labels::ide},
    LabelRow{kFeature, "feature", "copilot.include_breakdown_feature", &Labels::feature},
    LabelRow{kLanguage, "language", "copilot.include_breakdown_language", &Labels::language},
    LabelRow{kModel, "model", "copilot.include_breakdown_model", &Labels::model},
};

// Arrays of a usage, each another view of the same activity: summing two of them counts twice.
enum class Array : std::uint8_t { kIde, kFeature, kLanguageFeature, kLanguageModel, kModelFeature };

struct ArrayRow {
  Array array{};
  std::string_view field{};
  LabelSet labels{};
  bool has_interactions = true;  // otherwise user_initiated_interaction_count is missing in its rows
};
inline constexpr std::array kArrays = {
    ArrayRow{Array::kIde, "totals_by_ide", kIde, true},
    ArrayRow{Array::kFeature, "totals_by_feature", kFeature, true},
    ArrayRow{Array::kLanguageFeature, "totals_by_language_feature", kLanguage | kFeature, false},
    ArrayRow{Array::kLanguageModel, "totals_by_language_model", kLanguage | kModel, false},
    ArrayRow{Array::kModelFeature, "totals_by_model_feature", kModel | kFeature, true},
};
constexpr std::size_t index_of(Array array) {
  return static_cast<std::size_t>(array);
}
constexpr const ArrayRow& row(Array array) {
  return kArrays[index_of(array)];
}

struct UsageRow {
  Labels labels{};
  Counters counters{};
};

// What one entity or one user did on one day, or over the whole period.
struct Usage {
  std::string_view day{};  // YYYY-MM-DD; empty: not told
  Counters counters{};
  std::array<std::vector<UsageRow>, kArrays.size()> arrays{};  // by Array; missing ones are empty
  PullRequests pull_requests{};                                // not in records of users
};

struct Record {
  std::string_view user_login{};        // records of users; empty: not told
  std::string_view user_id{};           // likewise, in digits whether it was a number or a string
  std::string_view report_start_day{};  // 28-day reports; empty: not told
  std::string_view report_end_day{};
  std::span<const Usage> usages{};  // Shape::kPeriod: one for each day; else exactly one
};

}  // namespace ghstats::copilot
