// What of a report is shown, and how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "copilot/record.h"

namespace ghstats::copilot {

// copilot.user_label_mode: what the label `user` holds.
enum class UserLabel : std::uint8_t {
  kLogin,
  kId,      // GitHub's number
  kHashed,  // HMAC-SHA256 of the login, as GitHub spells it, in lowercase hexadecimal digits
  kNone,    // all users together
};

struct ReportOptions {
  LabelSet breakdowns = 0;    // copilot.include_breakdown_*
  bool pull_requests = true;  // copilot.include_pull_request_activity
  bool day_label = false;     // copilot.emit_day_label
  UserLabel user_label = UserLabel::kLogin;
  std::string hash_key{};         // secret; for kHashed
  std::uint64_t max_records = 0;  // 0: unlimited
  std::uint64_t max_users = 0;    // likewise
  std::size_t max_series = 0;     // store.max_series_budget; 0: unlimited
  // Reading one takes about twice as much memory. The largest that GitHub may send are those of whole enterprises: 28
  // days of some thousand rows each.
  std::size_t max_line_bytes = std::size_t{24} << 20U;
};

// HMAC-SHA256 as UserLabel::kHashed tells it: what `openssl dgst -sha256 -hmac KEY` prints.
std::string hashed_user(const std::string& key, const std::string& login);

}  // namespace ghstats::copilot
