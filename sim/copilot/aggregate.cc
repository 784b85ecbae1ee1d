#include "sim/copilot/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/copilot/active_users.h"

namespace ghstats::sim::copilot {
namespace {

constexpr std::size_t kPhases = 4;

// What all users did on one day.
struct DayTotal {
  Counters top{};
  Arrays arrays;
  Sessions cli;
  std::array<std::int64_t, kPhases> in_phase{};
};

DayTotal total_of(const Activity& activity, Day day) {
  std::vector<std::int64_t> times(activity.usages().size());
  for (std::int64_t user = 0; user < activity.users(); ++user) {
    if (activity.has_line(user, day)) ++times[activity.usage_of(user, day)];
  }
  DayTotal total;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] == 0) continue;
    const auto& usage = activity.usages()[i];
    add(total.top, usage.top, times[i]);
    add(total.arrays, usage.arrays, times[i]);
    total.cli.add(usage.cli, times[i]);
    total.in_phase[static_cast<std::size_t>(usage.phase)] += times[i];
  }
  return total;
}

void append_field(std::string& out, std::string_view name, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), R"("{}":{},)", name, value);
}

constexpr std::size_t index_of(Activeness way) {
  std::size_t bit = 0;
  while ((way >> bit & 1U) == 0) ++bit;
  return bit;
}

void append_active_users(std::string& out, const ActiveUsers& active) {
  struct Span {
    std::string_view name;
    const WayCounts& counts;
  };
  for (const auto& span :
       {Span{"daily", active.daily}, Span{"weekly", active.weekly}, Span{"monthly", active.monthly}}) {
    const auto tell = [&](std::string_view middle, Activeness way) {
      append_field(out, fmt::format("{}_{}_users", span.name, middle), span.counts[index_of(way)]);
    };
    tell("active", kUsed);
    tell("active_copilot_cloud_agent", kCloudAgent);
    tell("active_copilot_code_review", kReviewActive);
    tell("passive_copilot_code_review", kReviewPassive);
  }
  append_field(out, "monthly_active_chat_users", active.monthly[index_of(kChat)]);
  append_field(out, "monthly_active_agent_users", active.monthly[index_of(kAgent)]);
  append_field(out, "daily_active_copilot_app_users", active.daily[index_of(kApp)]);
  if (active.daily[index_of(kCli)] > 0) append_field(out, "daily_active_cli_users", active.daily[index_of(kCli)]);
}

// The averages are those of nobody: nothing is known about them but their names and that they are numbers.
void append_phases(std::string& out, const DayTotal& total) {
  if (std::all_of(total.in_phase.begin(), total.in_phase.end(), [](auto n) { return n == 0; })) return;
  out += R"("totals_by_ai_adoption_phase":[)";
  for (std::size_t phase = 0; phase < total.in_phase.size(); ++phase) {
    if (total.in_phase[phase] == 0) continue;
    fmt::format_to(std::back_inserter(out), R"({{"phase":"{}","phase_number":{},"total_engaged_users":{})",
                   phase_name(static_cast<int>(phase)), phase, total.in_phase[phase]);
    for (const auto* const average :
         {"user_initiated_interactions", "code_generation_activities", "code_acceptance_activities", "loc_added",
          "loc_deleted", "pull_requests_reviewed", "pull_requests_created", "pull_requests_merged"}) {
      fmt::format_to(std::back_inserter(out), R"(,"avg_{}":{}.5)", average, phase);
    }
    out += R"(,"avg_pull_requests_median_minutes_to_merge":null},)";
  }
  out.back() = ']';
  out += ',';
}

// Numbers of their own: no user's record tells of pull requests.
void append_pull_requests(std::string& out, const Activity& activity, Day day, std::int64_t active_users) {
  Random random(activity.number_of(day));
  const auto part_of = [&](std::int64_t whole) { return random.between(0, whole); };
  const auto created = random.between(active_users / 2, 2 * active_users);
  const auto reviewed = random.between(active_users / 3, 3 * active_users);
  const auto merged = part_of(created);
  const auto created_by_copilot = part_of(created);
  const auto reviewed_by_copilot = part_of(reviewed);
  const auto suggestions = 3 * reviewed;
  const auto copilot_suggestions = part_of(suggestions);
  const auto copilot_applied = part_of(copilot_suggestions);
  out += R"("pull_requests":{)";
  append_field(out, "total_created", created);
  append_field(out, "total_reviewed", reviewed);
  append_field(out, "total_merged", merged);
  append_field(out, "total_suggestions", suggestions);
  append_field(out, "total_applied_suggestions", std::max(copilot_applied, part_of(suggestions)));
  append_field(out, "total_created_by_copilot", created_by_copilot);
  append_field(out, "total_reviewed_by_copilot", reviewed_by_copilot);
  append_field(out, "total_merged_created_by_copilot", part_of(std::min(merged, created_by_copilot)));
  append_field(out, "total_merged_reviewed_by_copilot", part_of(std::min(merged, reviewed_by_copilot)));
  append_field(out, "total_copilot_suggestions", copilot_suggestions);
  append_field(out, "total_copilot_applied_suggestions", copilot_applied);
  // Of nothing there is no median; now and then the field is missing instead.
  if (merged > 0 || random.chance(0.5)) {
    for (const auto* const which : {"", "_copilot_authored", "_copilot_reviewed"}) {
      const auto minutes = merged > 0 && random.chance(0.7) ? fmt::format("{}.5", part_of(5000)) : std::string("null");
      fmt::format_to(std::back_inserter(out), R"("median_minutes_to_merge{}":{},)", which, minutes);
    }
  }
  fmt::format_to(std::back_inserter(out),
                 R"("copilot_suggestions_by_comment_type":[{{"comment_type":"bug_risk","total_copilot_suggestions":{},)"
                 R"("total_copilot_applied_suggestions":{}}}]}})",
                 copilot_suggestions, copilot_applied);
}

void append_day_total(std::string& out, const Activity& activity, const Owner& owner, Day day,
                      const ActiveUsers& active) {
  const auto total = total_of(activity, day);
  fmt::format_to(std::back_inserter(out), R"({{"day":"{}",)", format_day(day));
  out += owner_fields(owner, day);
  append_active_users(out, active);
  append_counters(out, total.top, true);
  out += ',';
  append_arrays(out, total.arrays);
  if (total.cli.sessions > 0) {
    out += R"("totals_by_cli":)";
    append_sessions(out, total.cli, "");
    out += ',';
  }
  append_phases(out, total);
  append_pull_requests(out, activity, day, active.daily[index_of(kUsed)]);
  out += '}';
}

}  // namespace

std::string aggregate_line(const Activity& activity, const Owner& owner, const Report& report, Day end) {
  const auto first = first_day_of(report, activity.setup(), end);
  const auto active = count_active_users(activity, first, end);
  std::string out;
  if (report.one_day) {
    append_day_total(out, activity, owner, end, active.front());
    return out + '\n';
  }
  out = fmt::format(R"({{"report_start_day":"{}","report_end_day":"{}","created_at":"{}T04:12:00Z",)",
                    format_day(end - std::chrono::days{kPeriodDays - 1}), format_day(end),
                    format_day(end + std::chrono::days{2}));
  out += owner_fields(owner, end);
  out += R"("copilot_feature_engagement":{},"day_totals":[)";
  for (auto day = first; day <= end; day += std::chrono::days{1}) {
    if (day != first) out += ',';
    append_day_total(out, activity, owner, day, active[static_cast<std::size_t>((day - first).count())]);
  }
  return out + "]}\n";
}

}  // namespace ghstats::sim::copilot
