#include "copilot/record_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "copilot/testing/examples.h"

namespace ghstats::copilot {
namespace {

using ::testing::HasSubstr;

// A record and what it lives in.
struct Parsed {
  explicit Parsed(ReportKind kind, std::string_view text) : parser(kind), line(text), record(parser.parse(line)) {}

  [[nodiscard]] const Usage& usage(std::size_t i = 0) const { return record->usages[i]; }
  [[nodiscard]] const std::vector<UsageRow>& rows(Array array) const { return usage().arrays[index_of(array)]; }

  RecordParser parser;
  std::string line;
  std::expected<Record, LineError> record;
};

DropReason reason_for(ReportKind kind, std::string_view text) {
  const Parsed parsed(kind, text);
  EXPECT_FALSE(parsed.record.has_value()) << text;
  return parsed.record ? DropReason::kLineTooLong : parsed.record.error().reason;
}
std::string detail_for(std::string_view text) {
  const Parsed parsed(ReportKind::kOrgUsers28Days, text);
  return parsed.record ? "good" : parsed.record.error().detail;
}

// In the order of GitHub's reference.
Counters seven(std::uint64_t interactions, std::uint64_t generations, std::uint64_t acceptances, std::uint64_t to_add,
               std::uint64_t to_delete, std::uint64_t added, std::uint64_t deleted) {
  return {.values = {interactions, generations, acceptances, to_add, to_delete, added, deleted}, .told = 0x7f};
}
Counters six(std::uint64_t generations, std::uint64_t acceptances, std::uint64_t to_add, std::uint64_t to_delete,
             std::uint64_t added, std::uint64_t deleted) {
  return {.values = {0, generations, acceptances, to_add, to_delete, added, deleted}, .told = 0x7e};
}

TEST(RecordParser, ReadsEveryShownFieldOfAUsersRecord) {
  for (const ReportKind kind : {ReportKind::kOrgUsers1Day, ReportKind::kEnterpriseUsers28Days}) {
    const Parsed parsed(kind, testing::kUsers1DayExample);
    ASSERT_TRUE(parsed.record) << parsed.record.error().detail;
    EXPECT_EQ(parsed.record->user_login, "login1");
    EXPECT_EQ(parsed.record->user_id, "1");
    EXPECT_EQ(parsed.record->report_start_day, "");
    EXPECT_EQ(parsed.record->report_end_day, "");
    ASSERT_EQ(parsed.record->usages.size(), 1U);
    EXPECT_EQ(parsed.usage().day, "2025-10-01");
    EXPECT_EQ(parsed.usage().counters, seven(1, 3, 3, 34, 6, 32, 6));
    EXPECT_EQ(parsed.usage().pull_requests, PullRequests{});
    ASSERT_EQ(parsed.rows(Array::kFeature).size(), 2U);
    EXPECT_EQ(parsed.rows(Array::kFeature)[0].labels, Labels{.feature = "code_completion"});
    EXPECT_EQ(parsed.rows(Array::kFeature)[0].counters, seven(0, 1, 1, 10, 0, 8, 0));
    EXPECT_EQ(parsed.rows(Array::kFeature)[1].labels, Labels{.feature = "copilot_app"});
    EXPECT_EQ(parsed.rows(Array::kFeature)[1].counters, seven(1, 2, 2, 24, 6, 24, 6));
    ASSERT_EQ(parsed.rows(Array::kIde).size(), 1U);
    EXPECT_EQ(parsed.rows(Array::kIde)[0].labels, Labels{.ide = "vscode"});
    EXPECT_EQ(parsed.rows(Array::kIde)[0].counters, seven(0, 1, 1, 10, 0, 8, 0));
    ASSERT_EQ(parsed.rows(Array::kLanguageFeature).size(), 2U);
    EXPECT_EQ(parsed.rows(Array::kLanguageFeature)[0].labels,
              (Labels{.feature = "code_completion", .language = "unknown"}));
    EXPECT_EQ(parsed.rows(Array::kLanguageFeature)[0].counters, six(1, 1, 10, 0, 8, 0));
    EXPECT_EQ(parsed.rows(Array::kLanguageFeature)[1].labels,
              (Labels{.feature = "copilot_app", .language = "markdown"}));
    EXPECT_EQ(parsed.rows(Array::kLanguageFeature)[1].counters, six(2, 2, 24, 6, 24, 6));
    EXPECT_TRUE(parsed.rows(Array::kLanguageModel).empty());
    EXPECT_TRUE(parsed.rows(Array::kModelFeature).empty());
  }
}

void expect_enterprise_day(const Usage& usage) {
  EXPECT_EQ(usage.day, "2025-10-01");
  EXPECT_EQ(usage.counters, seven(0, 2, 2, 35, 0, 30, 0));
  // total_created, total_reviewed, total_created_by_copilot, total_reviewed_by_copilot
  EXPECT_EQ(usage.pull_requests, (PullRequests{.values = {2, 1, 1, 1}, .told = 0xf}));
  const auto& by_feature = usage.arrays[index_of(Array::kFeature)];
  ASSERT_EQ(by_feature.size(), 1U);
  EXPECT_EQ(by_feature[0].labels, Labels{.feature = "code_completion"});
  EXPECT_EQ(by_feature[0].counters, seven(0, 2, 2, 35, 0, 30, 0));
  const auto& by_ide = usage.arrays[index_of(Array::kIde)];
  ASSERT_EQ(by_ide.size(), 1U);
  EXPECT_EQ(by_ide[0].labels, Labels{.ide = "vscode"});
  EXPECT_EQ(by_ide[0].counters, seven(0, 2, 2, 35, 0, 30, 0));
  const auto& by_language = usage.arrays[index_of(Array::kLanguageFeature)];
  ASSERT_EQ(by_language.size(), 1U);
  EXPECT_EQ(by_language[0].labels, (Labels{.feature = "code_completion", .language = "unknown"}));
  EXPECT_EQ(by_language[0].counters, six(2, 2, 35, 0, 30, 0));
}

TEST(RecordParser, ReadsEveryShownFieldOfAnEntitysDay) {
  const Parsed parsed(ReportKind::kEnterprise1Day, testing::kEnterprise1DayExample);
  ASSERT_TRUE(parsed.record) << parsed.record.error().detail;
  ASSERT_EQ(parsed.record->usages.size(), 1U);
  expect_enterprise_day(parsed.usage());
}

TEST(RecordParser, ReadsEveryShownFieldOfAnEntitysPeriod) {
  const Parsed parsed(ReportKind::kEnterprise28Days, testing::kEnterprise28DayExample);
  ASSERT_TRUE(parsed.record) << parsed.record.error().detail;
  EXPECT_EQ(parsed.record->report_start_day, "2025-09-04");
  EXPECT_EQ(parsed.record->report_end_day, "2025-10-01");
  ASSERT_EQ(parsed.record->usages.size(), 1U);
  expect_enterprise_day(parsed.usage());
}

TEST(RecordParser, ReadsLanguagesAndModels) {
  const Parsed parsed(
      ReportKind::kOrgUsers1Day,
      R"({"loc_added_sum":1,"totals_by_language_model":[{"language":"go","model":"gpt-5","feature":"x",)"
      R"("loc_added_sum":2}],"totals_by_model_feature":[{"model":"auto","feature":"chat_inline",)"
      R"("user_initiated_interaction_count":3}]})");
  ASSERT_TRUE(parsed.record);
  EXPECT_EQ(parsed.rows(Array::kLanguageModel)[0].labels, (Labels{.language = "go", .model = "gpt-5"}));
  EXPECT_EQ(parsed.rows(Array::kModelFeature)[0].labels, (Labels{.feature = "chat_inline", .model = "auto"}));
  EXPECT_EQ(parsed.rows(Array::kModelFeature)[0].counters.values[kInteractions], 3U);
}

TEST(RecordParser, IgnoresWhatItDoesNotKnowWhereverItStands) {
  const Parsed parsed(ReportKind::kOrg28Days,
                      R"({"schema":{"v":[3,{"day_totals":[]}]},"day_totals":[{"copilot_feature_engagement":{"a":[1]},)"
                      R"("loc_added_sum":5,"totals_by_ide":[{"ide":"zed","last_known_ide_version":{"ide":"x"},)"
                      R"("loc_added_sum":4,"new":[[]]}],"day":"2025-10-01","median":null}],"new":-1})");
  ASSERT_TRUE(parsed.record) << parsed.record.error().detail;
  EXPECT_EQ(parsed.usage().counters.values[5], 5U);
  EXPECT_EQ(parsed.rows(Array::kIde)[0].labels.ide, "zed");
  EXPECT_EQ(parsed.rows(Array::kIde)[0].counters.values[5], 4U);
}

TEST(RecordParser, TakesNullAndMissingForNotTold) {
  const Parsed parsed(ReportKind::kEnterprise1Day,
                      R"({"day":null,"loc_added_sum":null,"loc_deleted_sum":7,"totals_by_ide":null,"pull_requests":)"
                      R"({"median_minutes_to_merge":null,"total_created":null,"total_reviewed":2},)"
                      R"("totals_by_feature":[{"feature":null,"loc_deleted_sum":1},{"loc_deleted_sum":null}]})");
  ASSERT_TRUE(parsed.record) << parsed.record.error().detail;
  EXPECT_EQ(parsed.usage().day, "");
  EXPECT_EQ(parsed.usage().counters.told, 1U << 6U);
  EXPECT_EQ(parsed.usage().counters.values[6], 7U);
  EXPECT_EQ(parsed.usage().pull_requests.told, 2U);
  EXPECT_TRUE(parsed.rows(Array::kIde).empty());
  ASSERT_EQ(parsed.rows(Array::kFeature).size(), 2U);
  EXPECT_EQ(parsed.rows(Array::kFeature)[0].labels, Labels{});
  EXPECT_EQ(parsed.rows(Array::kFeature)[1].counters.told, 0);
}

TEST(RecordParser, TakesWholeNumbersOf64BitsExactly) {
  const auto read = [](std::string_view number) {
    const Parsed parsed(ReportKind::kOrg1Day, R"({"loc_added_sum":)" + std::string(number) + "}");
    EXPECT_TRUE(parsed.record) << number;
    return parsed.record ? parsed.usage().counters.values[5] : 0;
  };
  EXPECT_EQ(read("9007199254740993"), 9007199254740993U);  // 2^53 + 1
  EXPECT_EQ(read("9223372036854775807"), 9223372036854775807U);
  EXPECT_EQ(read("18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(read("35.0"), 35U);
  EXPECT_EQ(read("1e3"), 1000U);
  EXPECT_EQ(read("1.8e19"), 18000000000000000000U);
  EXPECT_EQ(read("0"), 0U);
  EXPECT_EQ(read("-0"), 0U);
}

TEST(RecordParser, RefusesOtherNumbers) {
  for (const std::string_view number :
       {"-1", "-9223372036854775808", "1.5", "-0.5", "18446744073709551616", "1e20", "1e400", "-1e400",
        "123456789012345678901234567890", "\"3\"", "true", "[]", "{}"}) {
    EXPECT_EQ(reason_for(ReportKind::kOrg1Day, R"({"loc_deleted_sum":1,"loc_added_sum":)" + std::string(number) + "}"),
              DropReason::kBadValue)
        << number;
  }
  for (const std::string_view number : {"NaN", "Infinity", "-", "nul", "01x"}) {
    const Parsed parsed(ReportKind::kOrg1Day, R"({"loc_deleted_sum":1,"loc_added_sum":)" + std::string(number) + "}");
    EXPECT_FALSE(parsed.record) << number;
  }
}

TEST(RecordParser, RefusesADayThatIsNone) {
  for (const std::string_view day : {"2025-02-29", "2025-13-01", "2025-10-00", "2025-1-01", "2025-10-01T00:00:00Z",
                                     "yesterday", "2025/10/01", "+025-10-01"}) {
    EXPECT_EQ(reason_for(ReportKind::kOrg1Day, R"({"loc_added_sum":1,"day":")" + std::string(day) + "\"}"),
              DropReason::kBadValue)
        << day;
    EXPECT_EQ(reason_for(ReportKind::kOrg28Days, R"({"day_totals":[],"report_end_day":")" + std::string(day) + "\"}"),
              DropReason::kBadValue)
        << day;
  }
  EXPECT_EQ(reason_for(ReportKind::kOrg1Day, R"({"loc_added_sum":1,"day":20251001})"), DropReason::kBadValue);
  EXPECT_TRUE(Parsed(ReportKind::kOrg1Day, R"({"loc_added_sum":1,"day":"2024-02-29"})").record);
}

TEST(RecordParser, RefusesOtherTypesOfWhatItReads) {
  for (const std::string_view field :
       {R"("totals_by_ide":{})", R"("totals_by_ide":[1])", R"("totals_by_ide":[null])", R"("pull_requests":[])",
        R"("totals_by_feature":[{"feature":3}])", R"("totals_by_model_feature":[{"loc_added_sum":-3}])",
        R"("pull_requests":{"total_created":"2"})"}) {
    EXPECT_EQ(reason_for(ReportKind::kOrg1Day, R"({"loc_added_sum":1,)" + std::string(field) + "}"),
              DropReason::kBadValue)
        << field;
  }
  EXPECT_EQ(reason_for(ReportKind::kOrgUsers1Day, R"({"loc_added_sum":1,"user_login":1})"), DropReason::kBadValue);
  EXPECT_EQ(reason_for(ReportKind::kOrg28Days, R"({"day_totals":{}})"), DropReason::kBadValue);
  for (const std::string_view line : {"[]", "1", "\"text\"", "null", "true"}) {
    EXPECT_EQ(reason_for(ReportKind::kOrg1Day, line), DropReason::kBadValue) << line;
  }
}

TEST(RecordParser, RefusesWhatIsNotJson) {
  const std::string whole(testing::kUsers1DayExample);
  for (std::size_t size = 1; size < whole.size(); size += 7) {
    EXPECT_FALSE(Parsed(ReportKind::kOrgUsers1Day, whole.substr(0, size)).record) << size;
  }
  EXPECT_EQ(reason_for(ReportKind::kOrg1Day, R"({"loc_added_sum":1)"), DropReason::kNotJson);
  EXPECT_EQ(reason_for(ReportKind::kOrg1Day, "<html>expired</html>"), DropReason::kNotJson);
  EXPECT_EQ(reason_for(ReportKind::kOrg1Day, R"({"loc_added_sum":1}{"loc_added_sum":1})"), DropReason::kNotJson);
  EXPECT_EQ(reason_for(ReportKind::kOrg1Day, "{\"loc_added_sum\":1,\"x\":\"\xff\"}"), DropReason::kNotJson);
}

TEST(RecordParser, RefusesARecordWithoutASingleNumber) {
  EXPECT_EQ(reason_for(ReportKind::kOrgUsers1Day, R"({"user_login":"a","day":"2025-10-01"})"),
            DropReason::kMissingField);
  EXPECT_EQ(reason_for(ReportKind::kOrg28Days, R"({"report_end_day":"2025-10-01"})"), DropReason::kMissingField);
  EXPECT_EQ(reason_for(ReportKind::kOrg28Days, R"({"day_totals":null})"), DropReason::kMissingField);
  EXPECT_EQ(reason_for(ReportKind::kOrg28Days, R"({"day_totals":[{"loc_added_sum":1},{"day":"2025-10-02"}]})"),
            DropReason::kMissingField);
  const Parsed empty(ReportKind::kOrg28Days, R"({"day_totals":[]})");
  ASSERT_TRUE(empty.record);
  EXPECT_TRUE(empty.record->usages.empty());
}

TEST(RecordParser, ReadsUserIdsAsNumbersAndAsTexts) {
  EXPECT_EQ(Parsed(ReportKind::kOrgUsers1Day, R"({"loc_added_sum":1,"user_id":"17"})").record->user_id, "17");
  EXPECT_EQ(Parsed(ReportKind::kOrgUsers1Day, R"({"loc_added_sum":1,"user_id":18446744073709551615})").record->user_id,
            "18446744073709551615");
  EXPECT_EQ(Parsed(ReportKind::kOrgUsers1Day, R"({"loc_added_sum":1,"user_id":null})").record->user_id, "");
}

TEST(RecordParser, TakesTheLastOfAFieldThatComesTwice) {
  const Parsed parsed(ReportKind::kOrg1Day,
                      R"({"loc_added_sum":1,"totals_by_ide":[{"ide":"a","loc_added_sum":1}],"loc_added_sum":2,)"
                      R"("totals_by_ide":[{"ide":"b","loc_added_sum":2}]})");
  ASSERT_TRUE(parsed.record);
  EXPECT_EQ(parsed.usage().counters.values[5], 2U);
  ASSERT_EQ(parsed.rows(Array::kIde).size(), 1U);
  EXPECT_EQ(parsed.rows(Array::kIde)[0].labels.ide, "b");
}

TEST(RecordParser, ReadsEscapedTexts) {
  const Parsed parsed(
      ReportKind::kOrgUsers1Day,
      R"({"loc_\u0061dded_sum":1,"user_login":"\u00e4\"\n","totals_by_ide":[{"ide":"C\u002b\u002b"}]})");
  ASSERT_TRUE(parsed.record) << parsed.record.error().detail;
  EXPECT_EQ(parsed.usage().counters.values[5], 1U);
  EXPECT_EQ(parsed.record->user_login, "\xc3\xa4\"\n");
  EXPECT_EQ(parsed.rows(Array::kIde)[0].labels.ide, "C++");
}

TEST(RecordParser, ReadsTheNextLineAfterABadOneAndForgetsTheOneBefore) {
  RecordParser parser(ReportKind::kOrgUsers1Day);
  std::string first(testing::kUsers1DayExample);
  std::string bad = R"({"user_login":"b","loc_added_sum":-1})";
  std::string last = R"({"user_login":"c","loc_added_sum":1})";
  ASSERT_TRUE(parser.parse(first));
  EXPECT_EQ(first, testing::kUsers1DayExample);
  ASSERT_FALSE(parser.parse(bad));
  const auto record = parser.parse(last);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->user_login, "c");
  EXPECT_EQ(record->user_id, "");
  ASSERT_EQ(record->usages.size(), 1U);
  EXPECT_EQ(record->usages[0].day, "");
  EXPECT_EQ(record->usages[0].counters.told, 1U << 5U);
  for (const auto& rows : record->usages[0].arrays) EXPECT_TRUE(rows.empty());
}

TEST(RecordParser, ReadsNoArrayThatIsNotAskedFor) {
  RecordParser parser(ReportKind::kOrgUsers1Day, 1U << index_of(Array::kFeature));
  std::string line(testing::kUsers1DayExample);
  const auto record = parser.parse(line);
  ASSERT_TRUE(record);
  for (const ArrayRow& array : kArrays) {
    EXPECT_EQ(record->usages[0].arrays[index_of(array.array)].size(), array.array == Array::kFeature ? 2U : 0U);
  }
  std::string wrong = R"({"loc_added_sum":1,"totals_by_ide":7,"totals_by_feature":[]})";
  EXPECT_TRUE(parser.parse(wrong));
}

TEST(RecordParser, NamesTheFieldAndNeverWhatIsInIt) {
  EXPECT_THAT(detail_for(R"({"user_login":"octocat","loc_added_sum":-17})"), "field 'loc_added_sum': negative");
  EXPECT_THAT(detail_for(R"({"user_login":"octocat","loc_added_sum":1,"day":"octoday"})"), HasSubstr("field 'day'"));
  for (const std::string_view line :
       {R"({"user_login":"octocat","loc_added_sum":"octocat"})", R"({"user_login":"octocat","day":"octocat")",
        R"({"user_login":["octocat"]})", R"(octocat)"}) {
    EXPECT_EQ(detail_for(line).find("octocat"), std::string::npos) << line;
    EXPECT_NE(detail_for(line), "good") << line;
  }
}

}  // namespace
}  // namespace ghstats::copilot
