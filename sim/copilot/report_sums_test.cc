// Reports add up, and the truth about them is what a reader of their lines would find.
#include <gmock/gmock.h>

#include <set>

#include "sim/copilot/aggregate.h"
#include "sim/copilot/testing/report_lines.h"
#include "sim/copilot/truth.h"

namespace ghstats::sim::copilot {
namespace {

namespace json = boost::json;
using namespace testing;  // NOLINT(google-build-using-namespace): what this test is about

Counters sum_of(const std::vector<json::object>& records) {
  Counters sum{};
  for (const auto& record : records) add(sum, counters_of(record));
  return sum;
}

std::vector<json::object> day_totals_of(const Activity& activity, Day end = kEnd) {
  std::vector<json::object> out;
  const auto line = json::parse(aggregate_line(activity, kAcme, everybody_28(), end));
  for (const auto& record : line.at("day_totals").as_array()) out.push_back(record.as_object());
  return out;
}

// "totals_by_ide|vscode||loc_added_sum" -> sum over the records.
std::map<std::string, std::int64_t> rows_of(const std::vector<json::object>& records) {
  std::map<std::string, std::int64_t> sums;
  for (const auto& record : records) {
    for (const auto& array : kArrays) {
      for (const auto& row : record.at(array.name).as_array()) {
        std::string key = std::string(array.name) + '|' + std::string(row.at(array.first).as_string()) + '|';
        if (!array.second.empty()) key += std::string(row.at(array.second).as_string());
        for (const auto name : kCounterNames) {
          const auto* const value = row.as_object().if_contains(name);
          if (value != nullptr) sums[key + '|' + std::string(name)] += value->as_int64();
        }
      }
    }
  }
  return sums;
}

std::vector<json::object> in_one_list(const json::value& truth) {
  return {truth.at("rows").as_object()};
}

// From few people with a line a day to many of whom some have gone.
std::vector<ReportSetup> some_setups() {
  return {{.users = 1},
          {.users = 1, .seed = 9, .days = 1},
          {.users = 30, .seed = 2, .shards = 5},
          {.users = 50, .days = 9, .lines_per_user = 4, .shards = 3},
          {.users = 50, .one_line_per_user = true, .shards = 2},
          {.users = 20, .first_day = day("2026-11-10")},
          {.users = 20, .without_users = {"dev-1", "dev-20"}}};
}

TEST(CopilotReports, AboutEverybodyAreTheSumsOfAllUsers) {
  for (const auto& setup : some_setups()) {
    const auto activity = activity_of(setup);
    const auto users = records_of(text_of(activity, kAcme, users_28()));
    const auto everybody = day_totals_of(*activity);
    EXPECT_EQ(sum_of(users), sum_of(everybody));
    EXPECT_EQ(rows_of(users), rows_of(everybody));
    EXPECT_NE(sum_of(users), Counters{}) << "nothing is compared";

    const auto that_day = records_of(text_of(activity, kAcme, users_1()));
    const auto total = json::parse(aggregate_line(*activity, kAcme, everybody_1(), kEnd)).as_object();
    EXPECT_EQ(sum_of(that_day), counters_of(total));
    EXPECT_EQ(rows_of(that_day), rows_of({total}));
  }
}

TEST(CopilotReports, AboutOneDayAreThatDayOfTheReportAboutAPeriod) {
  const auto activity = activity_of({.users = 12, .shards = 2});
  const auto days = day_totals_of(*activity);
  for (const std::size_t back : {0U, 1U, 13U, 27U}) {
    const auto that_day = kEnd - std::chrono::days{static_cast<int>(back)};
    const auto line = json::parse(aggregate_line(*activity, kAcme, everybody_1(), that_day));
    EXPECT_EQ(line.as_object(), days[days.size() - 1 - back]);
  }
}

TEST(CopilotReports, HaveAsManyLinesAsWasAskedFor) {
  const auto lines = [](copilot::ReportSetup setup, const Report& report) {
    return records_of(text_of(activity_of(std::move(setup)), kAcme, report)).size();
  };
  EXPECT_EQ(lines({.users = 10}, users_28()), 280U);
  EXPECT_EQ(lines({.users = 10, .days = 5}, users_28()), 50U);
  EXPECT_EQ(lines({.users = 10, .days = 5, .lines_per_user = 2}, users_28()), 20U);
  EXPECT_EQ(lines({.users = 10, .one_line_per_user = true}, users_28()), 10U);
  EXPECT_EQ(lines({.users = 10}, users_1()), 10U);
  EXPECT_EQ(lines({.users = 10, .without_users = {"dev-3", "nobody"}}, users_1()), 9U);
}

TEST(CopilotReports, SpreadEveryUserOverTheFiles) {
  const auto activity = activity_of({.users = 2, .shards = 3});
  for (int shard = 0; shard < 3; ++shard) {
    UserLines lines(activity, kAcme, users_28(), kEnd, shard);
    std::string text;
    while (lines.read(text)) {
    }
    std::set<std::int64_t> users;
    for (const auto& record : records_of(text)) users.insert(record.at("user_id").as_int64());
    EXPECT_EQ(users.size(), 2U) << shard;
  }
}

TEST(CopilotReports, AreTheSameForTheSameSeed) {
  const auto text = [](std::uint64_t seed) {
    const auto activity = activity_of({.users = 5, .seed = seed});
    return text_of(activity, kAcme, users_28()) + aggregate_line(*activity, kAcme, everybody_28(), kEnd);
  };
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));
}

TEST(CopilotReports, KeepTheirDaysWhenTheNextReportIsMade) {
  const auto activity = activity_of({.users = 8});
  const auto earlier = day_totals_of(*activity);
  const auto later = day_totals_of(*activity, kEnd + std::chrono::days{1});
  EXPECT_EQ(earlier[1], later[0]);
  EXPECT_EQ(earlier[27], later[26]);
}

TEST(CopilotReports, CountDifferentPeopleOfADayAWeekAndAPeriod) {
  const auto activity = activity_of({.users = 40, .days = 20, .lines_per_user = 3});
  std::map<std::string, std::set<std::int64_t>> people;
  for (int back = 0; back < 28; ++back) {
    for (const auto& record : records_of(text_of(activity, kAcme, users_1(), kEnd - std::chrono::days{back}))) {
      const auto who = record.at("user_id").as_int64();
      const bool active = counters_of(record) != Counters{};
      if (active) people["monthly_active_users"].insert(who);
      if (active && back < 7) people["weekly_active_users"].insert(who);
      if (active && back == 0) people["daily_active_users"].insert(who);
      if (record.at("used_chat").as_bool()) people["monthly_active_chat_users"].insert(who);
      if (record.at("used_agent").as_bool()) people["monthly_active_agent_users"].insert(who);
      const bool reviewed = record.at("used_copilot_code_review_active") == true;
      if (reviewed && back < 7) people["weekly_active_copilot_code_review_users"].insert(who);
      if (record.at("used_cli").as_bool() && back == 0) people["daily_active_cli_users"].insert(who);
    }
  }
  const auto total = json::parse(aggregate_line(*activity, kAcme, everybody_1(), kEnd)).as_object();
  for (const auto& [name, who] : people) {
    EXPECT_EQ(total.at(name).as_int64(), static_cast<std::int64_t>(who.size())) << name;
    EXPECT_GT(who.size(), 0U) << name;
  }
  EXPECT_EQ(people.size(), 7U);
  EXPECT_LT(people["weekly_active_users"].size(), people["monthly_active_users"].size()) << "nothing is told apart";
}

TEST(CopilotTruth, IsWhatTheLinesOfAReportByUserAddUpTo) {
  for (const auto& setup : some_setups()) {
    const auto activity = activity_of(setup);
    const auto records = records_of(text_of(activity, kAcme, users_28()));
    const json::value truth = tell_truth(*activity, kAcme, {users_28(), kEnd, true, true});
    EXPECT_EQ(counters_of(truth.at("totals").as_object()), sum_of(records));
    EXPECT_EQ(rows_of(in_one_list(truth)), rows_of(records));
    EXPECT_EQ(truth.at("lines").as_int64(), static_cast<std::int64_t>(records.size()));

    std::map<std::string, Counters> by_user;
    std::map<std::string, Counters> by_day;
    for (const auto& record : records) {
      add(by_user[std::string(record.at("user_login").as_string())], counters_of(record));
      const auto* const that_day = record.if_contains("day");
      if (that_day != nullptr) add(by_day[std::string(that_day->as_string())], counters_of(record));
    }
    EXPECT_EQ(truth.at("users").as_int64(), static_cast<std::int64_t>(by_user.size()));
    ASSERT_EQ(truth.at("by_user").as_array().size(), by_user.size());
    for (const auto& user : truth.at("by_user").as_array()) {
      EXPECT_EQ(by_user.at(std::string(user.at("user_login").as_string())), counters_of(user.as_object()));
    }
    if (setup.one_line_per_user) continue;
    ASSERT_EQ(truth.at("by_day").as_array().size(), by_day.size());
    for (const auto& that_day : truth.at("by_day").as_array()) {
      EXPECT_EQ(by_day.at(std::string(that_day.at("day").as_string())), counters_of(that_day.as_object()));
    }
  }
}

TEST(CopilotTruth, IsWhatTheDaysOfAReportAboutEverybodyAddUpTo) {
  const auto activity = activity_of({.users = 25});
  const auto days = day_totals_of(*activity);
  const json::value truth = tell_truth(*activity, kAcme, {everybody_28(), kEnd, true, true});
  EXPECT_EQ(counters_of(truth.at("totals").as_object()), sum_of(days));
  EXPECT_EQ(rows_of(in_one_list(truth)), rows_of(days));
  for (const auto* const name : {"total_created", "total_reviewed", "total_created_by_copilot"}) {
    std::int64_t sum = 0;
    for (const auto& that_day : days) sum += that_day.at("pull_requests").at(name).as_int64();
    EXPECT_EQ(truth.at("pull_requests").at(name), sum);
    EXPECT_GT(sum, 0);
  }
  EXPECT_FALSE(truth.at("pull_requests").as_object().contains("median_minutes_to_merge"));
  ASSERT_EQ(truth.at("by_day").as_array().size(), days.size());
  for (std::size_t i = 0; i < days.size(); ++i) {
    EXPECT_EQ(counters_of(truth.at("by_day").at(i).as_object()), counters_of(days[i]));
    EXPECT_EQ(truth.at("by_day").at(i).at("pull_requests").at("total_merged"),
              days[i].at("pull_requests").at("total_merged"));
  }
}

TEST(CopilotReports, AreAsLargeAsWasAskedFor) {
  constexpr std::int64_t kWanted = 3'000'000;
  const auto text = text_of(activity_of({.users = 7, .total_bytes = kWanted}), kAcme, users_28());
  EXPECT_NEAR(static_cast<double>(text.size()), kWanted, 0.05 * kWanted);
  const auto padded = records_of(text_of(activity_of({.users = 1, .padding_bytes = 1000}), kAcme, users_1()));
  EXPECT_EQ(padded.at(0).at("padding").as_string().size(), 1000U);
}

TEST(CopilotReports, ComeInSmallPiecesHoweverLongALineIs) {
  const auto activity = activity_of({.users = 2, .days = 1, .padding_bytes = 5'000'000});
  UserLines lines(activity, kAcme, users_28(), kEnd, 0);
  std::string piece;
  std::size_t bytes = 0;
  std::size_t largest = 0;
  for (bool more = true; more;) {
    piece.clear();
    more = lines.read(piece);
    bytes += piece.size();
    largest = std::max(largest, piece.size());
  }
  EXPECT_GT(bytes, 10'000'000U);
  EXPECT_LT(largest, 150'000U);
}

}  // namespace
}  // namespace ghstats::sim::copilot
