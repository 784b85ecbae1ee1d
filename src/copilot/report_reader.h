// A whole report: from the bytes of its files to gauges.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "copilot/drop_reason.h"
#include "copilot/line_splitter.h"
#include "copilot/record_parser.h"
#include "copilot/report_kind.h"
#include "copilot/report_options.h"
#include "copilot/tally.h"
#include "metrics/series.h"

namespace ghstats::copilot {

struct Report {
  std::vector<metrics::Sample> samples;  // for one ValueSet: replaces that of the report before
  std::string first_day;                 // YYYY-MM-DD, as its records say; empty: they do not
  std::string last_day;
};

// How many lines became of a report so far.
struct LineCounts {
  std::uint64_t taken = 0;                                   // gh_exporter_copilot_records_parsed_total
  std::array<std::uint64_t, kDropReasons.size()> dropped{};  // by DropReason: ..._records_dropped_total
  [[nodiscard]] std::uint64_t of(DropReason reason) const { return dropped[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t all_dropped() const {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
  }
  friend bool operator==(const LineCounts&, const LineCounts&) = default;
};

// All files of one report, one after the other. Memory is that of the series and of the longest line, whatever the size
// of the report; once there are more than max_series nothing more is read. Not thread-safe.
class ReportReader {
 public:
  // `org` as in Tally.
  ReportReader(ReportKind kind, std::string org, ReportOptions options);

  // The next bytes of the file, decompressed, cut anywhere.
  void push(std::string_view piece);
  // The file is over; push() begins the next one.
  void end_file();

  [[nodiscard]] LineCounts counts() const;

  // After the last end_file(). kInvalidData: there were lines and none was taken; tells what is wrong with the first
  // that was dropped. Also of a report about everybody that has no line; one about users is one without use then: no
  // samples. kTooLarge: more than max_series.
  [[nodiscard]] Result<Report> finish() const;

 private:
  void read(std::string& line);
  void drop(DropReason reason, std::string_view detail);

  Shape shape_;
  LineSplitter splitter_;
  RecordParser parser_;
  Tally tally_;
  LineCounts counts_;
  std::uint64_t line_ = 0;  // of all files, blank ones and those that are too long aside
  std::string first_problem_;
};

}  // namespace ghstats::copilot
