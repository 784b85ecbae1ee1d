// What the records of one report add up to, as gauges.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "copilot/breakdown.h"
#include "copilot/drop_reason.h"
#include "copilot/record.h"
#include "copilot/report_kind.h"
#include "copilot/report_options.h"
#include "metrics/series.h"

namespace ghstats::copilot {

// Summing a family over all its labels gives the sum over the taken records, exactly up to 2^53 and then as near as a
// double is. Records of the same user add up: GitHub sends one for each day, or one for the period. Who was renamed in
// between is two users in the modes that go by login. Memory is that of the series, and of the names of max_users users
// where that limit is set. Not thread-safe.
class Tally {
 public:
  // `org`: the label, the organisation as configured or the enterprise's slug.
  Tally(ReportKind kind, std::string org, ReportOptions options);

  // Absent: taken. Otherwise nothing of it was, for one of
  // - kRecordLimit: max_records records were taken before,
  // - kMissingField: a user whose label cannot be told (no login; with kId no id),
  // - kUserLimit: a user who is none of the first max_users.
  std::optional<DropReason> add(const Record& record);

  // Every further record would be kRecordLimit, whatever is in it.
  [[nodiscard]] bool is_full() const { return options_.max_records != 0 && taken_ >= options_.max_records; }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  // samples() would be more than max_series. They take far more memory than what is kept until then.
  [[nodiscard]] bool is_too_large() const { return options_.max_series != 0 && series_ > options_.max_series; }

  // Of the taken records: the days of the report where it tells them, else of its usages. Empty: not told.
  [[nodiscard]] const std::string& first_day() const { return first_day_; }
  [[nodiscard]] const std::string& last_day() const { return last_day_; }

  // For a ValueSet; in an order that depends on the numbers' labels only. Empty labels are those that say nothing.
  [[nodiscard]] std::vector<metrics::Sample> samples() const;

 private:
  using Key = std::string;  // user, day and four labels, see tally.cc

  [[nodiscard]] std::string_view name_of(const Record& record) const;
  bool admits(std::string_view name, const Record& record);
  void add_usage(std::string_view name, const Usage& usage);
  void see_days(const Record& record);

  ReportRow report_;
  std::string org_;
  ReportOptions options_;
  std::uint64_t taken_ = 0;
  std::size_t series_ = 0;
  std::string first_day_;
  std::string last_day_;
  boost::unordered_flat_map<Key, Counters, KeyedTextHash, std::equal_to<>> counters_;
  std::map<std::string, PullRequests, std::less<>> pull_requests_;                      // by day
  boost::unordered_flat_set<std::string, KeyedTextHash, std::equal_to<>> known_users_;  // where max_users is set
  std::vector<UsageRow> rows_;                                                          // scratch
  std::string key_;                                                                     // scratch
};

}  // namespace ghstats::copilot
