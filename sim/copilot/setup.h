// How the Copilot reports of an organisation or enterprise are made.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "sim/copilot/report.h"

namespace ghstats::sim::copilot {

enum class Gzip {
  kNone,
  kEncoding,  // Content-Encoding: gzip, whatever the client accepts
  kFile       // part-....ndjson.gz, and not a word of it in the head
};

struct ReportSetup {
  std::int64_t users = 10;
  std::uint64_t seed = 1;
  int days = kPeriodDays;            // of a report's 28: only the last so many have lines
  int lines_per_user = kPeriodDays;  // on so many of these days a user has a line
  bool one_line_per_user = false;  // as the documents say: lines of users-28-day are about the period, and tell no day
  int shards = 1;                  // of reports by user; the others are one file
  std::int64_t padding_bytes = 0;  // longer are a user's lines by so much, in a field that nobody knows
  std::int64_t total_bytes = 0;    // about so large is users-28-day at least, by padding; 0: as it is
  std::optional<Day> first_day = {};  // absent: a year before the last
  std::optional<Day> last_day = {};   // absent: the day before yesterday, by the simulator's clock
  bool policy = true;                 // false: switched off, which is refused with 403
  int no_report = 0;                  // 204, 404: the answer to whoever asks for a report; 0: there are reports
  std::chrono::seconds link_lifetime{3600};
  std::set<std::string> without_users = {};  // their logins
  Gzip gzip = Gzip::kNone;
  std::string redirect =
      {};  // links answer 302 to this URL, in which {url} stands for the link itself; empty: they do not

  [[nodiscard]] Day last(TimePoint now) const { return last_day.value_or(day_of(now) - std::chrono::days{2}); }
  [[nodiscard]] Day first(TimePoint now) const { return first_day.value_or(last(now) - std::chrono::days{364}); }
};

// Takes over the fields that are given; null brings back the default. kInvalidData names a field that is unknown, of
// the wrong type or out of bounds, and then nothing is taken over. "faults" and who it is about are left to others.
Status apply(const boost::json::object& wish, ReportSetup& setup);
boost::json::object to_json(const ReportSetup& setup);

}  // namespace ghstats::sim::copilot
