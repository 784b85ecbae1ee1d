#include "copilot/report_reader.h"

#include <fmt/format.h>

#include <utility>

namespace ghstats::copilot {

ReportReader::ReportReader(ReportKind kind, std::string org, ReportOptions options)
    : shape_(row(kind).shape),
      splitter_(options.max_line_bytes),
      parser_(kind, arrays_needed(options.breakdowns)),
      tally_(kind, std::move(org), std::move(options)) {}

void ReportReader::push(std::string_view piece) {
  splitter_.push(piece, [this](std::string& line) { read(line); });
}

void ReportReader::end_file() {
  splitter_.finish([this](std::string& line) { read(line); });
}

void ReportReader::read(std::string& line) {
  ++line_;
  if (tally_.is_too_large()) return;
  if (tally_.is_full()) return drop(DropReason::kRecordLimit, "beyond max_records_per_report");
  const auto record = parser_.parse(line);
  if (!record) return drop(record.error().reason, record.error().detail);
  if (const auto reason = tally_.add(*record)) {
    return drop(*reason, *reason == DropReason::kMissingField ? "no name for the label 'user'" : "beyond a limit");
  }
  ++counts_.taken;
}

void ReportReader::drop(DropReason reason, std::string_view detail) {
  ++counts_.dropped[static_cast<std::size_t>(reason)];
  if (first_problem_.empty()) first_problem_ = fmt::format("line {}: {}", line_, detail);
}

LineCounts ReportReader::counts() const {
  LineCounts counts = counts_;
  counts.dropped[static_cast<std::size_t>(DropReason::kLineTooLong)] += splitter_.too_long();
  return counts;
}

Result<Report> ReportReader::finish() const {
  const LineCounts lines = counts();
  const std::uint64_t dropped = lines.all_dropped();
  if (lines.taken == 0 && dropped != 0) {
    return fail(ErrorCode::kInvalidData, fmt::format("none of {} lines is a record of this report: {}", dropped,
                                                     first_problem_.empty() ? "too long" : first_problem_));
  }
  // Nobody's use makes an empty report about users; one about everybody has a line that says so.
  if (lines.taken == 0 && shape_ != Shape::kUser) return fail(ErrorCode::kInvalidData, "it has no line");
  if (tally_.is_too_large()) {
    return fail(ErrorCode::kTooLarge,
                "it takes more series than store.max_series_budget: leave labels off, or set "
                "copilot.max_users_per_report");
  }
  return Report{.samples = tally_.samples(), .first_day = tally_.first_day(), .last_day = tally_.last_day()};
}

}  // namespace ghstats::copilot
