#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ghstats::copilot {

// Why a line of a report is left out: label `reason` of gh_exporter_copilot_records_dropped_total.
enum class DropReason : std::uint8_t {
  kNotJson,       // truncated, not JSON, not UTF-8, or more than one value in a line
  kBadValue,      // a field that is used has another type, is negative, a fraction, beyond 64 bits, or no day
  kMissingField,  // no known number in it, or the user's label cannot be told
  kLineTooLong,
  kRecordLimit,  // copilot.max_records_per_report
  kUserLimit,    // copilot.max_users_per_report
};
inline constexpr std::array<std::string_view, 6> kDropReasons = {"not_json",      "bad_value",    "missing_field",
                                                                 "line_too_long", "record_limit", "user_limit"};
constexpr std::string_view to_string(DropReason reason) {
  return kDropReasons[static_cast<std::size_t>(reason)];
}

// `detail` is for the log: it names fields, never values, because lines are about people.
struct LineError {
  DropReason reason{};
  std::string detail{};
};

}  // namespace ghstats::copilot
