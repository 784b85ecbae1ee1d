// The records have the fields that GitHub's have, by name and type (facts/github-api.md 4.3).
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "sim/copilot/aggregate.h"
#include "sim/copilot/testing/report_lines.h"

namespace ghstats::sim::copilot {
namespace {

namespace json = boost::json;
using json::kind;
using namespace testing;  // NOLINT(google-build-using-namespace): what this test is about

using Types = std::map<std::string, std::set<kind>>;

const std::set<kind> kInt{kind::int64};
const std::set<kind> kText{kind::string};
const std::set<kind> kFlag{kind::bool_};
const std::set<kind> kFlagOrNull{kind::bool_, kind::null};
const std::set<kind> kNumber{kind::int64, kind::double_};
const std::set<kind> kNumberOrNull{kind::int64, kind::double_, kind::null};
const std::set<kind> kList{kind::array};
const std::set<kind> kObject{kind::object};

Types with_counters(Types types, bool interactions = true) {
  for (const auto name : kCounterNames) {
    if (interactions || name != kCounterNames[0]) types[std::string(name)] = kInt;
  }
  return types;
}

// All fields of `types` are there with these types; no others but `optional` ones.
void expect_fields(const json::object& record, const Types& types, const Types& optional = {}) {
  for (const auto& [name, allowed] : types) {
    ASSERT_TRUE(record.contains(name)) << name << " is missing in " << json::serialize(record);
    EXPECT_TRUE(allowed.contains(record.at(name).kind())) << name << " in " << json::serialize(record);
  }
  for (const auto& [name, value] : record) {
    const auto known = optional.find(std::string(name));
    const bool fits =
        types.contains(std::string(name)) || (known != optional.end() && known->second.contains(value.kind()));
    EXPECT_TRUE(fits) << std::string(name) << " in " << json::serialize(record);
  }
}

void expect_sessions(const json::object& sessions, const Types& optional) {
  expect_fields(sessions,
                {{"session_count", kInt}, {"request_count", kInt}, {"prompt_count", kInt}, {"token_usage", kObject}},
                optional);
  expect_fields(sessions.at("token_usage").as_object(),
                {{"output_tokens_sum", kInt}, {"prompt_tokens_sum", kInt}, {"avg_tokens_per_request", kNumberOrNull}});
}

// `of_user`: rows by IDE may tell versions.
void expect_arrays(const json::object& record, bool of_user) {
  for (const auto& row : record.at("totals_by_ide").as_array()) {
    Types versions;
    if (of_user) versions = {{"last_known_ide_version", kObject}, {"last_known_plugin_version", kObject}};
    expect_fields(row.as_object(), with_counters({{"ide", kText}}), versions);
    if (const auto* const version = row.as_object().if_contains("last_known_ide_version")) {
      expect_fields(version->as_object(), {{"ide_version", kText}, {"sampled_at", kText}});
    }
    if (const auto* const version = row.as_object().if_contains("last_known_plugin_version")) {
      expect_fields(version->as_object(), {{"plugin", kText}, {"plugin_version", kText}, {"sampled_at", kText}});
    }
  }
  const std::map<std::string, Types> arrays{
      {"totals_by_feature", with_counters({{"feature", kText}})},
      {"totals_by_language_feature", with_counters({{"language", kText}, {"feature", kText}}, false)},
      {"totals_by_language_model", with_counters({{"language", kText}, {"model", kText}}, false)},
      {"totals_by_model_feature", with_counters({{"model", kText}, {"feature", kText}})}};
  for (const auto& [name, types] : arrays) {
    for (const auto& row : record.at(name).as_array()) expect_fields(row.as_object(), types);
  }
}

Types user_fields() {
  Types types = with_counters({{"enterprise_id", kText},
                               {"organization_id", kText},
                               {"user_id", kInt},
                               {"user_login", kText},
                               {"day", kText},
                               {"ai_adoption_phase", kObject},
                               {"ai_credits_used", kNumber},
                               {"etl_id", kText},
                               {"day_partition", kText},
                               {"entity_id_partition", kInt},
                               {"totals_by_copilot_app", kObject},
                               {"totals_by_3rd_party_agent", kList}});
  for (const auto* const flag : {"used_agent", "used_chat", "used_cli", "used_copilot_coding_agent",
                                 "used_copilot_cloud_agent", "used_copilot_app"}) {
    types[flag] = kFlag;
  }
  types["used_copilot_code_review_active"] = types["used_copilot_code_review_passive"] = kFlagOrNull;
  for (const auto& array : kArrays) types[std::string(array.name)] = kList;
  for (const std::string what : {"custom_agent", "mcp", "plugin", "skill", "slash_cmd"}) {
    types["distinct_" + what + "_use_count"] = kInt;
    types["totals_by_" + what] = kList;
  }
  return types;
}

void expect_user_record(const json::object& record, const Types& types) {
  expect_fields(record, types, {{"totals_by_cli", kObject}});
  expect_arrays(record, true);
  expect_fields(record.at("ai_adoption_phase").as_object(),
                {{"phase_number", kInt}, {"phase", kText}, {"version", kText}});
  EXPECT_EQ(record.at("used_copilot_coding_agent"), record.at("used_copilot_cloud_agent"));
  expect_sessions(record.at("totals_by_copilot_app").as_object(), {});
  if (const auto* const cli = record.if_contains("totals_by_cli")) {
    expect_sessions(cli->as_object(), {{"last_known_cli_version", kObject}});
    expect_fields(cli->at("last_known_cli_version").as_object(), {{"cli_version", kText}, {"sampled_at", kText}});
  }
  EXPECT_EQ(record.at("used_cli").as_bool(), record.contains("totals_by_cli"));
  for (const std::string what : {"custom_agent", "mcp", "plugin", "skill", "slash_cmd"}) {
    for (const auto& row : record.at("totals_by_" + what).as_array()) {
      expect_fields(row.as_object(), {{what, kText}, {"interaction_count", kInt}});
    }
  }
  for (const auto& row : record.at("totals_by_3rd_party_agent").as_array()) {
    expect_fields(row.as_object(),
                  {{"agent_id", kText}, {"agent_name", kText}, {"user_initiated_interaction_count", kInt}});
  }
}

Types day_total_fields() {
  Types types = with_counters({{"day", kText},
                               {"enterprise_id", kText},
                               {"organization_id", kText},
                               {"pull_requests", kObject},
                               {"etl_id", kText},
                               {"day_partition", kText},
                               {"entity_id_partition", kInt},
                               {"monthly_active_chat_users", kInt},
                               {"monthly_active_agent_users", kInt},
                               {"daily_active_copilot_app_users", kInt}});
  for (const std::string span : {"daily", "weekly", "monthly"}) {
    for (const auto* const what :
         {"active", "active_copilot_cloud_agent", "active_copilot_code_review", "passive_copilot_code_review"}) {
      types[span + '_' + what + "_users"] = kInt;
    }
  }
  for (const auto& array : kArrays) types[std::string(array.name)] = kList;
  return types;
}

void expect_pull_requests(const json::object& pull_requests) {
  Types types{{"copilot_suggestions_by_comment_type", kList}};
  for (const auto* const name :
       {"total_created", "total_reviewed", "total_merged", "total_suggestions", "total_applied_suggestions",
        "total_created_by_copilot", "total_reviewed_by_copilot", "total_merged_created_by_copilot",
        "total_merged_reviewed_by_copilot", "total_copilot_suggestions", "total_copilot_applied_suggestions"}) {
    types[name] = kInt;
  }
  expect_fields(pull_requests, types,
                {{"median_minutes_to_merge", kNumberOrNull},
                 {"median_minutes_to_merge_copilot_authored", kNumberOrNull},
                 {"median_minutes_to_merge_copilot_reviewed", kNumberOrNull}});
  for (const auto& row : pull_requests.at("copilot_suggestions_by_comment_type").as_array()) {
    expect_fields(
        row.as_object(),
        {{"comment_type", kText}, {"total_copilot_suggestions", kInt}, {"total_copilot_applied_suggestions", kInt}});
  }
}

void expect_day_total(const json::object& record, const Types& types) {
  expect_fields(record, types,
                {{"totals_by_cli", kObject}, {"daily_active_cli_users", kInt}, {"totals_by_ai_adoption_phase", kList}});
  expect_arrays(record, false);
  expect_pull_requests(record.at("pull_requests").as_object());
  if (const auto* const cli = record.if_contains("totals_by_cli")) expect_sessions(cli->as_object(), {});
  const auto* const phases = record.if_contains("totals_by_ai_adoption_phase");
  for (const auto& row : phases == nullptr ? json::array{} : phases->as_array()) {
    Types fields{{"phase", kText},
                 {"phase_number", kInt},
                 {"total_engaged_users", kInt},
                 {"avg_pull_requests_median_minutes_to_merge", kNumberOrNull}};
    for (const auto* const average :
         {"user_initiated_interactions", "code_generation_activities", "code_acceptance_activities", "loc_added",
          "loc_deleted", "pull_requests_reviewed", "pull_requests_created", "pull_requests_merged"}) {
      fields[std::string("avg_") + average] = kNumber;
    }
    expect_fields(row.as_object(), fields);
  }
}

TEST(CopilotRecords, OfUsersOnOneDayHaveGitHubsFields) {
  const auto records = records_of(text_of(activity_of({.users = 300}), kAcme, users_1()));
  ASSERT_EQ(records.size(), 300U);
  for (const auto& record : records) {
    expect_user_record(record, user_fields());
    EXPECT_EQ(record.at("day"), "2026-11-18");
    EXPECT_EQ(record.at("organization_id"), "500");
    EXPECT_EQ(record.at("entity_id_partition"), 500);
  }
}

TEST(CopilotRecords, OfUsersInAPeriodHaveItsDaysToo) {
  auto types = user_fields();
  types["report_start_day"] = types["report_end_day"] = kText;
  const auto records = records_of(text_of(activity_of({.users = 3}), kAcme, users_28()));
  ASSERT_EQ(records.size(), 3U * 28);
  for (const auto& record : records) {
    expect_user_record(record, types);
    EXPECT_EQ(record.at("report_start_day"), "2026-10-22");
    EXPECT_EQ(record.at("report_end_day"), "2026-11-18");
    EXPECT_EQ(record.at("day_partition"), record.at("day"));
  }
}

TEST(CopilotRecords, OfUsersMayBeAboutTheWholePeriod) {
  auto types = user_fields();
  types.erase("day");
  types["report_start_day"] = types["report_end_day"] = kText;
  const auto records = records_of(text_of(activity_of({.users = 40, .one_line_per_user = true}), kAcme, users_28()));
  ASSERT_EQ(records.size(), 40U);
  for (const auto& record : records) expect_user_record(record, types);
}

TEST(CopilotRecords, OfAnEnterpriseTellNoOrganisation) {
  auto types = user_fields();
  types.erase("organization_id");
  const auto activity = activity_of({.users = 5});
  for (const auto& record : records_of(text_of(activity, kMegacorp, {OwnerKind::kEnterprise, true, true}))) {
    expect_user_record(record, types);
    EXPECT_EQ(record.at("enterprise_id"), "7");
  }
  auto day_types = day_total_fields();
  day_types.erase("organization_id");
  const auto line = aggregate_line(*activity, kMegacorp, {OwnerKind::kEnterprise, false, true}, kEnd);
  expect_day_total(json::parse(line).as_object(), day_types);
}

TEST(CopilotRecords, AboutEverybodyOnOneDayHaveGitHubsFields) {
  for (const std::int64_t users : {0, 1, 200}) {
    const auto line = aggregate_line(*activity_of({.users = users}), kAcme, everybody_1(), kEnd);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    expect_day_total(json::parse(line).as_object(), day_total_fields());
  }
}

TEST(CopilotRecords, AboutEverybodyInAPeriodHaveCountersInTheirDaysOnly) {
  const auto record = json::parse(aggregate_line(*activity_of({.users = 20}), kAcme, everybody_28(), kEnd)).as_object();
  expect_fields(record, {{"report_start_day", kText},
                         {"report_end_day", kText},
                         {"enterprise_id", kText},
                         {"organization_id", kText},
                         {"created_at", kText},
                         {"day_totals", kList},
                         {"copilot_feature_engagement", kObject},
                         {"etl_id", kText},
                         {"day_partition", kText},
                         {"entity_id_partition", kInt}});
  ASSERT_EQ(record.at("day_totals").as_array().size(), 28U);
  EXPECT_EQ(record.at("day_totals").at(0).at("day"), "2026-10-22");
  bool median_is_null = false;
  bool median_is_missing = false;
  for (const auto& day_total : record.at("day_totals").as_array()) {
    expect_day_total(day_total.as_object(), day_total_fields());
    const auto* const median = day_total.at("pull_requests").as_object().if_contains("median_minutes_to_merge");
    median_is_null |= median != nullptr && median->is_null();
    median_is_missing |= median == nullptr;
  }
  EXPECT_TRUE(median_is_null);
  // Without pull requests.
  const auto idle = json::parse(aggregate_line(*activity_of({.users = 0}), kAcme, everybody_28(), kEnd)).as_object();
  for (const auto& day_total : idle.at("day_totals").as_array()) {
    median_is_missing |= !day_total.at("pull_requests").as_object().contains("median_minutes_to_merge");
  }
  EXPECT_TRUE(median_is_missing);
}

// Which rows of which arrays there are.
TEST(CopilotRecords, HaveTheGapsOfRealOnes) {
  int silent = 0;
  int without_arrays = 0;
  int without_cli = 0;
  for (const auto& record : records_of(text_of(activity_of({.users = 300}), kAcme, users_1()))) {
    const bool counted = counters_of(record) != Counters{};
    const auto& features = record.at("totals_by_feature").as_array();
    silent += counted ? 0 : 1;
    without_arrays += counted && features.empty() ? 1 : 0;
    without_cli += record.contains("totals_by_cli") ? 0 : 1;
    for (const auto& row : record.at("totals_by_model_feature").as_array()) {
      EXPECT_NE(row.at("feature"), "code_completion");
    }
    for (const auto& row : record.at("totals_by_language_feature").as_array()) {
      EXPECT_NE(row.at("feature"), "copilot_cli");
    }
    Counters by_feature{};
    Counters by_ide{};
    Counters at_the_terminal{};
    for (const auto& row : features) {
      add(by_feature, counters_of(row.as_object()));
      const bool outside = row.at("feature") == "copilot_cli" || row.at("feature") == "copilot_app";
      if (outside) add(at_the_terminal, counters_of(row.as_object()));
    }
    for (const auto& row : record.at("totals_by_ide").as_array()) add(by_ide, counters_of(row.as_object()));
    add(by_ide, at_the_terminal);
    EXPECT_EQ(by_ide, by_feature);
    if (!features.empty()) EXPECT_EQ(by_feature, counters_of(record));
  }
  EXPECT_GT(silent, 0);
  EXPECT_GT(without_arrays, 0);
  EXPECT_GT(without_cli, 0);
}

}  // namespace
}  // namespace ghstats::sim::copilot
