#include "backfill/coalescing.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/folded.h"
#include "base/time_format.h"

namespace ghstats::backfill {
namespace {

constexpr TimePoint kFirst = TimePoint{};
const TimePoint kLast = from_unix_seconds(7'258'118'400);  // 2200-01-01

// Misses with the same identity may become one job.
using Identity = std::tuple<std::string, std::string, work::Reason, work::CopilotReport>;

std::string repository_of(const work::Miss& request) {
  if (request.repo_id) return fmt::format("#{}", to_number(*request.repo_id));
  return folded(request.repo);
}

Identity identity_of(const work::Miss& request) {
  return {folded(request.org), repository_of(request), request.reason, request.copilot};
}

bool touch(const TimeWindow& a, const TimeWindow& b) {
  return a.begin <= b.end && b.begin <= a.end;
}

void normalise(work::Miss& request, Duration bucket) {
  if (request.repo.empty()) request.repo = work::kWholeOrganisation;
  request.window = widen(request.window, bucket);
  std::ranges::sort(request.families);
  const auto repeated = std::ranges::unique(request.families);
  request.families.erase(repeated.begin(), repeated.end());
  if (request.families.size() == kAllFamilies.size()) request.families.clear();
}

void absorb(work::Miss& into, const work::Miss& other, Duration bucket) {
  into.window = {std::min(into.window.begin, other.window.begin), std::max(into.window.end, other.window.end)};
  if (into.families.empty() || other.families.empty()) {
    into.families.clear();  // all
    return;
  }
  into.families.insert(into.families.end(), other.families.begin(), other.families.end());
  normalise(into, bucket);
}

}  // namespace

TimeWindow widen(TimeWindow window, Duration bucket) {
  const auto [first, last] = std::minmax(window.begin, window.end);
  const auto begin = std::chrono::floor<Duration>(std::clamp(first, kFirst, kLast).time_since_epoch());
  const auto end = std::chrono::ceil<Duration>(std::clamp(last, kFirst, kLast).time_since_epoch());
  const auto buckets = [&](Duration d) { return d.count() / bucket.count(); };  // d is not negative
  std::int64_t from = buckets(begin);
  const std::int64_t to = buckets(end) + (end % bucket == Duration{0} ? 0 : 1);
  if (from == to) --from;  // (begin, end] does not contain its begin
  return {TimePoint{bucket * from}, TimePoint{bucket * to}};
}

std::vector<work::Miss> coalesce(std::vector<work::Miss> misses, Duration bucket) {
  std::vector<work::Miss> jobs;
  std::map<Identity, std::vector<std::size_t>> by_identity;  // places in `jobs`
  for (work::Miss& miss : misses) {
    normalise(miss, bucket);
    std::vector<std::size_t>& alike = by_identity[identity_of(miss)];
    const auto near = [&](std::size_t place) { return touch(jobs[place].window, miss.window); };
    const auto first = std::ranges::find_if(alike, near);
    if (first == alike.end()) {
      alike.push_back(jobs.size());
      jobs.push_back(std::move(miss));
      continue;
    }
    work::Miss& job = jobs[*first];
    absorb(job, miss, bucket);
    // What was apart may touch now; the emptied place is removed below.
    for (auto other = std::next(first); other != alike.end();) {
      if (!touch(jobs[*other].window, job.window)) {
        ++other;
        continue;
      }
      absorb(job, std::exchange(jobs[*other], {}), bucket);
      other = alike.erase(other);
    }
  }
  std::erase_if(jobs, [](const work::Miss& job) { return job.window.empty(); });
  return jobs;
}

std::string dedup_key(const work::Miss& request) {
  std::string key =
      fmt::format("{}/{}/{}/{}/{}", folded(request.org), repository_of(request), to_string(request.reason),
                  format_rfc3339_ms(request.window.begin), format_rfc3339_ms(request.window.end));
  for (std::size_t i = 0; i < request.families.size(); ++i) {
    key += i == 0 ? '/' : '+';
    key += to_string(request.families[i]);
  }
  const work::CopilotReport& report = request.copilot;
  if (report != work::CopilotReport{}) {
    key += fmt::format("/{}/{}/{}/{}/{}", report.scope, report.scope_id, report.report_type, report.window_start_day,
                       report.window_end_day);
  }
  return key;
}

}  // namespace ghstats::backfill
