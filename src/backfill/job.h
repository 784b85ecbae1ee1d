// A piece of work to be done again, and the message that carries it (contract.md section 6).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/time_window.h"
#include "kinds/activity_kinds.h"
#include "store/store.h"
#include "work/miss.h"

namespace ghstats::backfill {

using kinds::kAllFamilies;

struct Job {
  std::string job_id{};
  std::string dedup_key{};
  std::string org{};                                         // as configured
  std::string repo = std::string(work::kWholeOrganisation);  // its name when the job was made
  std::optional<RepoId> repo_id{};                           // names change; absent in messages of others
  work::Reason reason{};
  TimeWindow window{};                              // coalesced; never empty
  std::vector<store::CollectionFamily> families{};  // ascending, each once; empty: all
  work::CopilotReport copilot{};
  int attempt = 1;       // this delivery, from 1
  int max_attempts = 5;  // as known when the job was made: for people, the queue's policy decides
  TimePoint created_at{};
  friend bool operator==(const Job&, const Job&) = default;
};

// What can have been missed: coalescing widens a window into the future, but nothing after created_at was known when
// the job was made. A job made before its window began (a wrong clock) has the whole of it.
TimeWindow missed_window(const Job& job);

// The families of a job, with "all" spelled out.
std::vector<store::CollectionFamily> families_of(const Job& job);

// What the job is to do again.
work::Miss missed(const Job& job);

// One JSON object. Times are RFC 3339 in UTC, with whole milliseconds (rounded down).
std::string to_message(const Job& job);

// kInvalidData names every field that is missing or wrong, and what is allowed. Unknown fields are ignored.
// Organisation and repository are plain names (letters, digits, '.', '_', '-'), so that they can stand in a URL.
Result<Job> parse_message(std::string_view payload);

// A random UUID (RFC 9562, version 4).
std::string make_job_id();

}  // namespace ghstats::backfill
