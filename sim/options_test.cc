#include "sim/options.h"

#include <gtest/gtest.h>

namespace ghstats::sim {
namespace {

Result<Options> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "ghsim");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, AreGitHubsOwnNumbersWhereItHasThem) {
  const auto options = parse({});
  ASSERT_TRUE(options.has_value());
  EXPECT_TRUE(options->service.rate_limit_headers);
  EXPECT_EQ(options->service.statistics.accepted_answers, 1);
  EXPECT_EQ(options->service.statistics.computing_time, std::chrono::seconds{0});
  EXPECT_EQ(options->service.statistics.max_commits, 10'000);
  EXPECT_EQ(options->service.forbidden_grace, Duration{1000});
}

TEST(Options, SetStatisticsAndLimits) {
  const auto options = parse({"--stats-202", "3", "--stats-seconds", "40", "--stats-max-commits", "50",
                              "--forbidden-grace-ms", "250", "--no-rate-limit-headers"});
  ASSERT_TRUE(options.has_value());
  EXPECT_FALSE(options->service.rate_limit_headers);
  EXPECT_EQ(options->service.statistics.accepted_answers, 3);
  EXPECT_EQ(options->service.statistics.computing_time, std::chrono::seconds{40});
  EXPECT_EQ(options->service.statistics.max_commits, 50);
  EXPECT_EQ(options->service.forbidden_grace, Duration{250});
}

TEST(Options, GiveNobodyCopilotUnlessTold) {
  EXPECT_EQ(parse({})->copilot_users, 0);
  EXPECT_TRUE(parse({})->enterprises.empty());
  const auto options = parse({"--copilot-users", "9", "--enterprise", "a", "--enterprise", "b"});
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->copilot_users, 9);
  EXPECT_EQ(options->enterprises, (std::vector<std::string>{"a", "b"}));
}

TEST(Options, RefuseNegativeNumbersOfAnswersAndTime) {
  for (const auto* const option : {"--stats-202", "--stats-seconds", "--forbidden-grace-ms", "--copilot-users"}) {
    EXPECT_EQ(parse({option, "-1"}).error().code, ErrorCode::kInvalidArgument) << option;
  }
}

}  // namespace
}  // namespace ghstats::sim
