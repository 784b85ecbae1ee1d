#include "work/reason.h"

#include <gtest/gtest.h>

namespace ghstats::work {
namespace {

TEST(Reason, IsTheClosedListOfTheContract) {
  for (const std::string_view name : kReasons) {
    ASSERT_TRUE(parse_reason(name)) << name;
    EXPECT_EQ(to_string(*parse_reason(name)), name);
  }
  EXPECT_EQ(to_string(Reason::kScrapeError), "scrape_error");
  EXPECT_EQ(to_string(Reason::kContributorStatsFailed), "contributor_stats_failed");
  EXPECT_EQ(to_string(Reason::kActivityIssueCommentsFailed), "activity_issue_comments_failed");
  EXPECT_EQ(to_string(Reason::kCopilotReportParseError), "copilot_report_parse_error");
  EXPECT_FALSE(parse_reason("Rate_Limited"));
}

TEST(Reason, SaysWhatItIsAboutAsItsNameDoes) {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    const std::string_view name = kReasons.at(i);
    Subject subject = Subject::kActivity;
    if (name.starts_with("contributor_stats") || name.starts_with("fallback")) subject = Subject::kLinesOfCode;
    if (name.starts_with("copilot")) subject = Subject::kCopilot;
    EXPECT_EQ(subject_of(static_cast<Reason>(i)), subject) << name;
  }
}

TEST(Reason, OfAFamilyIsTheOneThatItsRowNames) {
  for (const kinds::FamilyRow& family : kinds::kFamilyRows) {
    EXPECT_EQ(to_string(reason_of(family.family)), family.miss_reason);
    EXPECT_EQ(subject_of(reason_of(family.family)), Subject::kActivity) << family.name;
  }
}

}  // namespace
}  // namespace ghstats::work
