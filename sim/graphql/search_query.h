// What people write into GitHub's search of issues and pull requests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace ghstats::sim::graphql {

// Both ends included.
struct TimeRange {
  TimePoint from = TimePoint::min();
  TimePoint to = TimePoint::max();

  [[nodiscard]] bool contains(TimePoint time) const { return from <= time && time <= to; }
};

struct SearchQuery {
  std::vector<std::string> owners;        // org:, user:; lower case
  std::vector<std::string> repositories;  // "owner/name", lower case
  std::vector<std::string> authors;       // lower case
  std::optional<bool> pulls;              // is:pr or is:issue
  std::optional<bool> open;
  std::optional<bool> merged;
  std::optional<bool> archived;  // of the repository
  std::optional<TimeRange> created;
  std::optional<TimeRange> updated;
  std::optional<TimeRange> closed;
  std::optional<TimeRange> merged_in;
  std::vector<std::string> words;  // all of them in the title; lower case. What is not understood is one
  std::string sort = "created";    // or updated
  bool ascending = false;
};

SearchQuery parse_search(std::string_view text);

// ">=2026-11-20T12:00:00Z", "<2026-11-20", "2026-11-01..2026-11-20", "*..2026-11-20"; a day is all of it. Nothing when
// it is none of these.
std::optional<TimeRange> parse_range(std::string_view text);

}  // namespace ghstats::sim::graphql
