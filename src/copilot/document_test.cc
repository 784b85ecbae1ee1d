#include "copilot/document.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "copilot/report_kind.h"
#include "copilot/report_options.h"

namespace ghstats::copilot {
namespace {

using ::testing::HasSubstr;

TEST(CopilotDocument, HasARowForEveryReportFieldArrayAndReason) {
  const std::string document = copilot_document();
  for (const ReportRow& report : kReports) EXPECT_THAT(document, HasSubstr(fmt::format("`{}`", report.path)));
  for (const ArrayRow& array : kArrays) EXPECT_THAT(document, HasSubstr(fmt::format("\n| `{}` | ", array.field)));
  for (const CounterRow& counter : kCounters)
    EXPECT_THAT(document, HasSubstr(fmt::format("\n| `{}` | ", counter.field)));
}

TEST(CopilotDocument, SaysHowLongALineMayBe) {
  EXPECT_THAT(copilot_document(), HasSubstr(fmt::format("longer than {} MiB", ReportOptions{}.max_line_bytes >> 20U)));
}

TEST(CopilotDocument, ShowsWhatTheExampleBecomes) {
  const std::string document = copilot_document();
  const std::string start =
      R"(gh_copilot_usage_code_generation_activity_count{org="acme",repo="*",scope="org",window="28d")";
  for (const std::string_view series :
       {R"(} 1)", R"(,feature="chat_panel_agent_mode"} 3)", R"(,feature="code_completion"} 1)",
        R"(,feature="code_completion",language="go"} 4)", R"(,feature="code_completion",language="python"} 1)"}) {
    EXPECT_THAT(document, HasSubstr("\n" + start + std::string(series) + "\n"));
  }
  std::size_t count = 0;
  for (auto at = document.find("\n" + start); at != std::string::npos; at = document.find("\n" + start, at + 1))
    ++count;
  EXPECT_EQ(count, 5U);
}

}  // namespace
}  // namespace ghstats::copilot
