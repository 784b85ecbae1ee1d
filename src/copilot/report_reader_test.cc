#include "copilot/report_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "copilot/testing/examples.h"

namespace ghstats::copilot {
namespace {

using metrics::Family;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Report read(ReportKind kind, std::string_view body, ReportOptions options = {}) {
  ReportReader reader(kind, "acme", std::move(options));
  reader.push(body);
  reader.end_file();
  auto report = reader.finish();
  EXPECT_TRUE(report) << report.error().message;
  return report.value_or(Report{});
}

double sum_of(const Report& report, Family family) {
  double sum = 0;
  for (const metrics::Sample& sample : report.samples) sum += sample.key.family == family ? sample.value : 0;
  return sum;
}

TEST(ReportReader, ShowsGitHubsExampleOfUsers) {
  const Report report = read(ReportKind::kOrgUsers1Day, testing::kUsers1DayExample);
  EXPECT_EQ(report.samples.size(), 7U);
  const std::vector<std::string> labels = {"acme", "*", "login1", "users", "1d", "", "", "", "", ""};
  for (const metrics::Sample& sample : report.samples) EXPECT_EQ(sample.key.labels, labels);
  EXPECT_EQ(sum_of(report, Family::kCopilotInteractions), 1);
  EXPECT_EQ(sum_of(report, Family::kCopilotCodeGenerations), 3);
  EXPECT_EQ(sum_of(report, Family::kCopilotCodeAcceptances), 3);
  EXPECT_EQ(sum_of(report, Family::kCopilotLocSuggestedToAdd), 34);
  EXPECT_EQ(sum_of(report, Family::kCopilotLocSuggestedToDelete), 6);
  EXPECT_EQ(sum_of(report, Family::kCopilotLocAdded), 32);
  EXPECT_EQ(sum_of(report, Family::kCopilotLocDeleted), 6);
  EXPECT_EQ(report.first_day, "2025-10-01");
  EXPECT_EQ(report.last_day, "2025-10-01");
}

// totals_by_ide holds less than the total in it: the Copilot app is no IDE.
TEST(ReportReader, ShowsWhatGitHubsExampleTellsOfNoIde) {
  const Report report = read(ReportKind::kOrgUsers1Day, testing::kUsers1DayExample, {.breakdowns = kIde});
  std::map<std::string, double> added;
  for (const metrics::Sample& sample : report.samples) {
    if (sample.key.family == Family::kCopilotLocAdded) added[sample.key.labels[5]] += sample.value;
  }
  EXPECT_EQ(added, (std::map<std::string, double>{{"", 24}, {"vscode", 8}}));
}

// github-api.md 4.4, 1 and 3: numbers of entities stand in day_totals[], those of pull requests in pull_requests{}.
TEST(ReportReader, ShowsAnEntitysPeriodFromItsDays) {
  const Report report = read(ReportKind::kEnterprise28Days, testing::kEnterprise28DayExample);
  EXPECT_EQ(report.samples.size(), 11U);
  EXPECT_EQ(sum_of(report, Family::kCopilotCodeGenerations), 2);
  EXPECT_EQ(sum_of(report, Family::kCopilotLocSuggestedToAdd), 35);
  EXPECT_EQ(sum_of(report, Family::kCopilotPullRequestsCreated), 2);
  EXPECT_EQ(sum_of(report, Family::kCopilotPullRequestsReviewed), 1);
  EXPECT_EQ(sum_of(report, Family::kCopilotPullRequestsCreatedByCopilot), 1);
  EXPECT_EQ(sum_of(report, Family::kCopilotPullRequestsReviewedByCopilot), 1);
  EXPECT_EQ(report.first_day, "2025-09-04");
  EXPECT_EQ(report.last_day, "2025-10-01");
  for (const metrics::Sample& sample : report.samples) {
    EXPECT_EQ(sample.key.labels[3], "enterprise");
    EXPECT_EQ(sample.key.labels[2], "");
  }
}

TEST(ReportReader, TakesNoNumbersOfPullRequestsFromTheTopOfARecord) {
  const Report report = read(ReportKind::kOrg1Day, R"({"loc_added_sum":1,"pull_requests_total_created":9,)"
                                                   R"("total_pull_requests_created":9,"total_created":9})");
  EXPECT_EQ(report.samples.size(), 1U);
}

// 4.4, 2: breakdowns stand in the arrays; a record has no label of its own.
TEST(ReportReader, TakesLabelsFromTheArraysAlone) {
  const Report report =
      read(ReportKind::kOrg1Day,
           R"({"loc_added_sum":3,"feature":"wrong","ide":"wrong","editor_name":"wrong","language":"wrong",)"
           R"("model":"wrong","chat_mode":"wrong","totals_by_feature":[{"feature":"right","loc_added_sum":3}]})",
           {.breakdowns = kIde | kFeature | kLanguage | kModel});
  ASSERT_EQ(report.samples.size(), 1U);
  EXPECT_EQ(report.samples[0].key.labels,
            (std::vector<std::string>{"acme", "*", "", "org", "1d", "", "right", "", "", ""}));
}

// 4.4, 4: a line for each day, or one for the period.
TEST(ReportReader, AddsUpTheDaysOfAUser) {
  std::string body;
  for (int day = 1; day <= 28; ++day) {
    body += fmt::format(R"({{"user_login":"a","day":"2025-10-{:02}","loc_added_sum":{}}})", day, day) + "\n";
  }
  body += R"({"user_login":"b","report_start_day":"2025-10-01","report_end_day":"2025-10-28","loc_added_sum":406})";
  const Report report = read(ReportKind::kOrgUsers28Days, body);
  ASSERT_EQ(report.samples.size(), 2U);
  EXPECT_EQ(report.samples[0].value, 406);
  EXPECT_EQ(report.samples[1].value, 406);
}

// 4.4, 5 and 6: names of the closed /copilot/metrics API, `date` for `day`.
TEST(ReportReader, TakesNoRecordOfTheApiBefore) {
  ReportReader reader(ReportKind::kOrg1Day, "acme", {});
  reader.push(R"({"date":"2025-10-01","total_chats":3,"total_code_suggestions":4,"total_code_acceptances":2,)"
              R"("total_code_lines_accepted":9})");
  reader.end_file();
  const auto report = reader.finish();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(reader.counts().of(DropReason::kMissingField), 1U);
  const Report day = read(ReportKind::kOrg1Day, R"({"date":"2025-10-01","loc_added_sum":3})", {.day_label = true});
  EXPECT_EQ(day.samples[0].key.labels.back(), "");
}

// 4.4, 6: every file of download_links[], and lines beyond 16 MiB.
TEST(ReportReader, ReadsAllFilesAsOneReport) {
  ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {});
  for (const std::string_view file :
       {R"({"user_login":"a","loc_added_sum":1})", "", "\n", "{\"user_login\":\"a\",\"loc_added_sum\":2}\r\n"}) {
    reader.push(file);
    reader.end_file();
  }
  const auto report = reader.finish();
  ASSERT_TRUE(report);
  EXPECT_EQ(sum_of(*report, Family::kCopilotLocAdded), 3);
  EXPECT_EQ(reader.counts().taken, 2U);
}

TEST(ReportReader, ReadsALineOfSeventeenMebibytes) {
  std::string line = R"({"day_totals":[)";
  int days = 0;
  for (; line.size() < std::size_t{17} << 20U; ++days) {
    line += R"({"loc_added_sum":1,"totals_by_copilot_thing":[{"a":")" + std::string(100000, 'x') + R"("}]},)";
  }
  line += R"({"loc_added_sum":0}]})";
  const Report report = read(ReportKind::kOrg28Days, line);
  EXPECT_EQ(sum_of(report, Family::kCopilotLocAdded), days);
}

TEST(ReportReader, KeepsTheGoodLinesBesideTheBad) {
  ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {.max_users = 1, .max_line_bytes = 60});
  reader.push(
      "{\"user_login\":\"a\",\"loc_added_sum\":1}\n<html>\n{\"user_login\":\"a\",\"loc_added_sum\":-1}\n"
      "{\"loc_added_sum\":1}\n{\"user_login\":\"b\",\"loc_added_sum\":1}\n" +
      std::string(61, 'x') + "\n{\"user_login\":\"a\",\"loc_added_sum\":2}\n{\"user_login\":\"a\"");
  reader.end_file();
  const auto report = reader.finish();
  ASSERT_TRUE(report);
  EXPECT_EQ(sum_of(*report, Family::kCopilotLocAdded), 3);
  const LineCounts counts = reader.counts();
  EXPECT_EQ(counts.taken, 2U);
  EXPECT_EQ(counts.of(DropReason::kNotJson), 2U);
  EXPECT_EQ(counts.of(DropReason::kBadValue), 1U);
  EXPECT_EQ(counts.of(DropReason::kMissingField), 1U);
  EXPECT_EQ(counts.of(DropReason::kUserLimit), 1U);
  EXPECT_EQ(counts.of(DropReason::kLineTooLong), 1U);
  EXPECT_EQ(counts.of(DropReason::kRecordLimit), 0U);
}

TEST(ReportReader, CountsEveryLineBeyondTheRecordLimit) {
  ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {.max_records = 2});
  for (int i = 0; i < 100; ++i) reader.push("{\"user_login\":\"a\",\"loc_added_sum\":1}\n");
  reader.push("not even JSON");
  reader.end_file();
  EXPECT_EQ(reader.counts().taken, 2U);
  EXPECT_EQ(reader.counts().of(DropReason::kRecordLimit), 99U);
  EXPECT_TRUE(reader.finish());
}

TEST(ReportReader, FailsWhenNoLineIsARecord) {
  ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {});
  reader.push("\n<Error><Code>AuthenticationFailed</Code>\n</Error>\n");
  reader.end_file();
  const auto report = reader.finish();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(report.error().message, HasSubstr("none of 2 lines is a record of this report: line 1: "));

  ReportReader long_lines(ReportKind::kOrgUsers28Days, "acme", {.max_line_bytes = 4});
  long_lines.push("12345\n");
  long_lines.end_file();
  EXPECT_FALSE(long_lines.finish());
}

TEST(ReportReader, FailsWhereThereWouldBeMoreSeriesThanAllowed) {
  const auto error_of = [](std::size_t max_series, ReportKind kind, const std::string& body) {
    ReportReader reader(kind, "acme", {.day_label = true, .max_series = max_series});
    reader.push(body);
    reader.end_file();
    const auto report = reader.finish();
    if (report && max_series != 0) EXPECT_EQ(report->samples.size(), max_series);
    return report ? std::nullopt : std::optional(report.error().code);
  };
  const std::string users =
      "{\"user_login\":\"a\",\"loc_added_sum\":1}\n{\"user_login\":\"a\",\"loc_deleted_sum\":1}\n"
      "{\"user_login\":\"a\",\"loc_added_sum\":2}\n{\"user_login\":\"b\",\"loc_added_sum\":1}\n";
  EXPECT_EQ(error_of(3, ReportKind::kOrgUsers28Days, users), std::nullopt);
  EXPECT_EQ(error_of(2, ReportKind::kOrgUsers28Days, users), ErrorCode::kTooLarge);
  EXPECT_EQ(error_of(0, ReportKind::kOrgUsers28Days, users), std::nullopt);
  const std::string days =
      R"({"day_totals":[{"day":"2025-10-01","loc_added_sum":1,"pull_requests":{"total_created":1}},)"
      R"({"day":"2025-10-02","pull_requests":{"total_created":1,"total_reviewed":1}}]})";
  EXPECT_EQ(error_of(4, ReportKind::kOrg28Days, days), std::nullopt);
  EXPECT_EQ(error_of(3, ReportKind::kOrg28Days, days), ErrorCode::kTooLarge);
}

TEST(ReportReader, TakesAReportWithoutLinesForOneWithoutUse) {
  ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {});
  reader.push("\n");
  reader.end_file();
  const auto report = reader.finish();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->samples, IsEmpty());
  EXPECT_EQ(report->last_day, "");
}

TEST(ReportReader, TakesAReportAboutEverybodyWithoutALineForDamaged) {
  for (const ReportKind kind : {ReportKind::kOrg28Days, ReportKind::kEnterprise1Day}) {
    ReportReader reader(kind, "acme", {});
    reader.push("\n");
    reader.end_file();
    const auto report = reader.finish();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kInvalidData);
  }
}

}  // namespace
}  // namespace ghstats::copilot
