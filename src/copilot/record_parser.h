// From a line of a report to its record.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "copilot/drop_reason.h"
#include "copilot/record.h"
#include "copilot/report_kind.h"

namespace ghstats::copilot {

// Reads what is shown and nothing else, whatever the order of the fields:
// - Unknown fields are ignored, those of later schemas too; so are known ones that are not shown, such as medians and
//   totals_by_cli. A field that comes twice counts as it came last.
// - A number is a whole one from 0 to 2^64-1, exactly; a JSON double is taken if it is one (35.0, 1e3). One that is
//   missing or null is not told. Anything else is kBadValue.
// - An array that is missing or null is empty; a label that is missing, null or "" is empty.
// - `day`, report_start_day and report_end_day are YYYY-MM-DD and exist in the calendar, or are missing; else they are
//   kBadValue.
// - `user_id` may be a number or a string.
// - A record without a single number is kMissingField, as is a 28-day aggregate without day_totals[]; one of no days is
//   fine. A line is taken as a whole or not at all.
// Inside of what is not read, a line may be wrong without anybody noticing, as long as it is UTF-8 and its brackets
// match.
class RecordParser {
 public:
  // `arrays`: those that are read (breakdown.h: arrays_needed); the others stay empty.
  explicit RecordParser(ReportKind kind, std::uint8_t arrays = 0xff);
  ~RecordParser();
  RecordParser(RecordParser&&) noexcept;
  RecordParser& operator=(RecordParser&&) noexcept;

  // The record belongs to the parser and to `line`, and is valid until either changes. The text of `line` stays as it
  // is; its capacity may grow. After an error the next line may be read.
  std::expected<Record, LineError> parse(std::string& line);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace ghstats::copilot
