// What GitHub says of accounts, commits, pull requests, reviews and comments: as much of it as is read.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_format.h"

namespace ghstats::activity::testing {

// "" is a deleted account; "name[bot]" is a bot.
inline std::string account_json(std::string_view login) {
  if (login.empty()) return "null";
  return fmt::format(R"({{"login":"{}","type":"{}"}})", login, login.ends_with("[bot]") ? "Bot" : "User");
}

// Without an account for a `login` that is empty: git's author is "Name <e-mail>".
inline std::string commit_json(std::string_view sha, std::string_view login, TimePoint committed_at,
                               std::string_view email = "a@example.org") {
  return fmt::format(
      R"({{"sha":"{}","author":{},"commit":{{"author":{{"name":"Name","email":"{}"}},"committer":{{"date":"{}"}}}}}})",
      sha, account_json(login), email, format_rfc3339(committed_at));
}

// Merged and updated when they say so; 1970 is never.
inline std::string pull_json(std::uint64_t number, std::string_view login, TimePoint created_at, TimePoint updated_at,
                             TimePoint merged_at = {}) {
  const std::string merged = merged_at == TimePoint{} ? "null" : '"' + format_rfc3339(merged_at) + '"';
  return fmt::format(R"({{"number":{},"user":{},"created_at":"{}","updated_at":"{}","merged_at":{}}})", number,
                     account_json(login), format_rfc3339(created_at), format_rfc3339(updated_at), merged);
}

inline std::string review_json(std::uint64_t id, std::string_view login, TimePoint submitted_at,
                               std::string_view state = "APPROVED") {
  return fmt::format(R"({{"id":{},"user":{},"state":"{}","submitted_at":"{}"}})", id, account_json(login), state,
                     format_rfc3339(submitted_at));
}

inline std::string comment_json(std::uint64_t id, std::string_view login, TimePoint created_at, TimePoint updated_at) {
  return fmt::format(R"({{"id":{},"user":{},"created_at":"{}","updated_at":"{}"}})", id, account_json(login),
                     format_rfc3339(created_at), format_rfc3339(updated_at));
}

// Closed and updated when they say so; 1970: not closed, and opened again where `reopened` says so.
inline std::string issue_json(std::uint64_t number, std::string_view login, TimePoint created_at, TimePoint updated_at,
                              std::string_view closer = "", TimePoint closed_at = {}, bool reopened = false) {
  const bool closed = closed_at != TimePoint{};
  return fmt::format(
      R"({{"number":{},"user":{},"created_at":"{}","updated_at":"{}","closed_at":{},"closed_by":{},"state_reason":{}}})",
      number, account_json(login), format_rfc3339(created_at), format_rfc3339(updated_at),
      closed ? '"' + format_rfc3339(closed_at) + '"' : "null", closed ? account_json(closer) : "null",
      closed     ? R"("completed")"
      : reopened ? R"("reopened")"
                 : "null");
}

inline std::string json_list(const std::vector<std::string>& items) {
  return fmt::format("[{}]", fmt::join(items, ","));
}

}  // namespace ghstats::activity::testing
