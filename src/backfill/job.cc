#include "backfill/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <random>

#include "base/time_format.h"

namespace ghstats::backfill {
namespace {

namespace json = boost::json;

std::string to_text(TimePoint t) {
  const bool whole = t == std::chrono::floor<std::chrono::seconds>(t);
  return whole ? format_rfc3339(t) : format_rfc3339_ms(t);
}

void add_unless_empty(json::object& to, std::string_view field, const std::string& value) {
  if (!value.empty()) to[field] = value;
}

}  // namespace

TimeWindow missed_window(const Job& job) {
  if (job.created_at <= job.window.begin) return job.window;
  return {job.window.begin, std::min(job.window.end, job.created_at)};
}

std::vector<store::CollectionFamily> families_of(const Job& job) {
  if (!job.families.empty()) return job.families;
  return {kAllFamilies.begin(), kAllFamilies.end()};
}

work::Miss missed(const Job& job) {
  return {.org = job.org,
          .repo = job.repo,
          .repo_id = job.repo_id,
          .families = families_of(job),
          .window = missed_window(job),
          .reason = job.reason,
          .copilot = job.copilot};
}

std::string to_message(const Job& job) {
  json::object out;
  out["job_id"] = job.job_id;
  out["dedup_key"] = job.dedup_key;
  out["org"] = job.org;
  out["repo"] = job.repo;
  if (job.repo_id) out["repo_id"] = to_number(*job.repo_id);
  out["window_start"] = to_text(job.window.begin);
  out["window_end"] = to_text(job.window.end);
  out["reason"] = to_string(job.reason);
  if (!job.families.empty()) {
    json::array& families = out["families"].emplace_array();
    for (const auto family : job.families) families.emplace_back(to_string(family));
  }
  out["attempt"] = job.attempt;
  out["max_attempts"] = job.max_attempts;
  out["created_at"] = to_text(job.created_at);
  add_unless_empty(out, "scope", job.copilot.scope);
  add_unless_empty(out, "scope_id", job.copilot.scope_id);
  add_unless_empty(out, "report_type", job.copilot.report_type);
  add_unless_empty(out, "window_start_day", job.copilot.window_start_day);
  add_unless_empty(out, "window_end_day", job.copilot.window_end_day);
  return json::serialize(out);
}

std::string make_job_id() {
  std::random_device random;
  std::array<std::uint32_t, 4> bits{};
  for (std::uint32_t& word : bits) word = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", bits[0], bits[1] >> 16U, bits[1] & 0xFFFU,
                     0x8000U | (bits[2] >> 18U), bits[2] & 0xFFFFU, bits[3]);
}

}  // namespace ghstats::backfill
