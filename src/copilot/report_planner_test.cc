#include "copilot/report_planner.h"

#include <gmock/gmock.h>

#include "copilot/testing/planner_fixture.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Users;

using ReportPlanner = testing::PlannerFixture;
using ReportPlannerGauges = testing::PlannerFixture;

const Error kStoreGone{ErrorCode::kUnavailable, "the store is gone"};

TEST_F(ReportPlanner, ReadsEachReportAtOnceAndThenOnTheInterval) {
  want({kKind, ReportKind::kOrg28Days});
  github_has(ago(2), {{"ann", 1}});
  github_has(ago(2), {{"", 7}}, ReportKind::kOrg28Days);
  start();
  EXPECT_EQ(asked(), 2U);
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
  EXPECT_EQ(users(ReportKind::kOrg28Days), (Users{{"", 7}}));
  time_.pass(6h - 1ns);
  EXPECT_EQ(asked(), 2U);
  time_.pass(1ns);
  EXPECT_EQ(asked(), 4U);
  time_.pass(24h);
  EXPECT_EQ(asked(), 12U);
  EXPECT_EQ(fetch_.most_at_once, 1U);
}

TEST_F(ReportPlanner, ANewReportIsShownAtTheNextInterval) {
  github_has(ago(2), {{"ann", 1}, {"bob", 1}});
  start();
  time_.pass(12h);
  github_has(ago(2), {{"ann", 2}});
  time_.pass(6h);
  EXPECT_EQ(users(), (Users{{"ann", 2}}));
}

TEST_F(ReportPlanner, AFailureComesAgainSoonerAndIsHandedOnWithItsDays) {
  github_fails(problem(FetchStep::kDownload));
  start();
  ASSERT_THAT(misses_, SizeIs(1));
  EXPECT_EQ(misses_[0].reason, work::Reason::kCopilotReportDownloadError);
  EXPECT_EQ(misses_[0].copilot.window_end_day, format_day(ago(1)));
  time_.pass(10min - 1ns);
  EXPECT_EQ(asked(), 1U);
  time_.pass(1ns);
  EXPECT_EQ(asked(), 2U);
  time_.pass(20min);
  EXPECT_EQ(asked(), 3U);
  github_has(ago(2), {{"ann", 1}});
  time_.pass(40min);
  EXPECT_EQ(asked(), 4U);
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
  EXPECT_THAT(misses_, SizeIs(3));
  time_.pass(6h - 1ns);
  EXPECT_EQ(asked(), 4U) << "after a success one interval";
}

TEST_F(ReportPlanner, WhatIsRefusedIsAskedForOnTheIntervalAndComplainedOfOnce) {
  github_fails(problem(FetchStep::kLinks, ErrorCode::kPermissionDenied, true));
  start();
  time_.pass(24h);
  EXPECT_EQ(asked(), 5U);
  EXPECT_THAT(misses_, IsEmpty());
  EXPECT_EQ(warnings(), 1U);
  github_fails(problem(FetchStep::kDownload));
  time_.pass(6h);
  EXPECT_EQ(warnings(), 1U) << "the same words";
  github_fails(std::unexpected(FetchProblem{.error = {ErrorCode::kUnavailable, "another"}}));
  time_.pass(6h);
  EXPECT_EQ(warnings(), 2U);
  github_has(ago(2), {{"ann", 1}});
  time_.pass(24h);
  github_fails(std::unexpected(FetchProblem{.error = {ErrorCode::kUnavailable, "another"}}));
  time_.pass(6h);
  EXPECT_EQ(warnings(), 3U) << "news after a success";
}

TEST_F(ReportPlanner, OneThatTakesAnIntervalDoesNotKeepTheOthersFromBeingRead) {
  want({kKind, ReportKind::kOrg28Days, ReportKind::kEnterprise28Days});
  settings_.interval = 1min;
  for (const ReportKind kind : {kKind, ReportKind::kOrg28Days, ReportKind::kEnterprise28Days}) {
    github_has(ago(2), {{"ann", 1}}, kind);
  }
  start();
  fetch_.hang_next();
  time_.pass(1min);
  for (int i = 0; i < 9; ++i) {
    ASSERT_EQ(fetch_.hanging, 1U);
    time_.pass(5min);
    fetch_.hang_next();  // the one after it
    fetch_.release();
    time_.pass();
  }
  std::map<std::string, int> times;
  for (const std::string& path : fetch_.asked) ++times[path];
  ASSERT_THAT(times, SizeIs(3));
  for (const auto& [path, count] : times) EXPECT_GE(count, 3) << path;
  EXPECT_EQ(fetch_.most_at_once, 1U);
}

TEST_F(ReportPlanner, APausedOwnerIsNotAskedUntilThePauseIsOver) {
  want({kKind});
  targets_.push_back(target(kKind, "globex"));
  github_has(ago(2), {{"ann", 1}});
  github_has(ago(2), {{"zoe", 1}}, kKind, "globex");
  paused_["acme"] = github_.clock.steady_now() + 20min;
  start();
  EXPECT_THAT(users(kKind, "globex"), SizeIs(1));
  EXPECT_THAT(users(), IsEmpty());
  time_.pass(20min - 1ns);
  EXPECT_EQ(asked(), 1U);
  time_.pass(1ns);
  EXPECT_THAT(users(), SizeIs(1));
}

TEST_F(ReportPlanner, HealthIsToldOfEachRun) {
  github_has(ago(2), {{"ann", 1}});
  start();
  github_fails(problem(FetchStep::kLinks));
  time_.pass(6h);
  EXPECT_THAT(told_, ElementsAre("acme users-28-day success", "acme users-28-day failure"));
}

TEST_F(ReportPlannerGauges, TellTheReportOfAScopeThatWaitsLongestAndTheOldest) {
  want({kKind});
  targets_.push_back(target(kKind, "globex"));
  targets_.push_back(target(ReportKind::kOrg28Days));
  github_has(ago(2), {{"ann", 1}});
  github_has(ago(4), {{"zoe", 1}}, kKind, "globex");
  github_fails(NoReport{}, ReportKind::kOrg28Days);
  const auto began = static_cast<double>(to_unix_seconds(now()));
  start();
  github_fails(problem(FetchStep::kLinks), kKind, "globex");
  time_.pass(7h);
  EXPECT_EQ(gauge(Family::kCopilotLastSuccess, "users"), began);
  EXPECT_EQ(gauge(Family::kCopilotReportStaleness, "users"),
            std::chrono::duration<double>(now() - TimePoint{ago(3)}).count());
  EXPECT_EQ(gauge(Family::kCopilotLastSuccess, "org"), std::nullopt) << "there was none";
  EXPECT_EQ(gauge(Family::kCopilotReportStaleness, "org"), std::nullopt);
  github_has(ago(2), {{"zoe", 1}}, kKind, "globex");
  time_.pass(12h + 1min);
  EXPECT_GT(gauge(Family::kCopilotLastSuccess, "users").value_or(0), began + 6 * 3600);
}

TEST_F(ReportPlannerGauges, GoOnAtTheNextLeaderAndAfterALoss) {
  github_has(ago(2), {{"ann", 1}});
  const auto began = static_cast<double>(to_unix_seconds(now()));
  start();
  stop();
  time_.pass(1h);
  start();
  EXPECT_EQ(gauge(Family::kCopilotLastSuccess, "users"), began);
  stop();
  settings_.options.pull_requests = false;
  github_fails(problem(FetchStep::kLinks));
  start();
  EXPECT_EQ(gauge(Family::kCopilotLastSuccess, "users"), began) << "with other options, too";
  EXPECT_NE(gauge(Family::kCopilotReportStaleness, "users"), std::nullopt) << "of what is shown";
  lose_store();
  store_returned_.bump();
  time_.pass(1min);
  EXPECT_EQ(gauge(Family::kCopilotLastSuccess, "users"), began);
}

TEST_F(ReportPlannerGauges, AReportOfTodayIsNotOlderThanNothing) {
  github_has(ago(-1), {{"ann", 1}});
  start();
  time_.pass(1min);
  EXPECT_EQ(gauge(Family::kCopilotReportStaleness, "users"), 0);
}

TEST_F(ReportPlannerGauges, ThatTheyAreNotStoredIsSaidOnce) {
  github_has(ago(2), {{"ann", 1}});
  start();
  store_.fail_every(Verb::kCommit, kStoreGone);
  time_.pass(1h);
  EXPECT_EQ(warnings("the age of Copilot reports was not stored"), 1U);
  store_.recover();
  time_.pass(1min);
  EXPECT_NE(gauge(Family::kCopilotReportStaleness, "users"), std::nullopt);
}

TEST_F(ReportPlanner, IsCancelledInEveryWait) {
  github_has(ago(2), {{"ann", 1}});
  const auto nothing = [] {};
  struct Wait {
    const char* name;
    std::function<void()> arrange;
    std::function<void()> go_on;
  };
  const std::vector<Wait> waits = {
      {"for the store's editions", [this] { store_.hang_next(Verb::kEditions); }, nothing},
      {"for a store that fails", [this] { store_.fail_every(Verb::kEditions, kStoreGone); }, nothing},
      {"for GitHub", [this] { fetch_.hang_next(); }, nothing},
      {"for a commit", [this] { store_.hang_next(Verb::kCommit); }, nothing},
      {"for the interval", nothing, nothing},
      {"for what is handed on",
       [this] {
         github_fails(problem(FetchStep::kLinks));
         redo_later_hangs_ = true;
       },
       nothing},
      {"for nothing", [this] { targets_.clear(); }, nothing},
  };
  for (const Wait& wait : waits) {
    lose_store();
    wait.arrange();
    start();
    EXPECT_FALSE(ended_) << wait.name;
    stop();
    EXPECT_TRUE(ended_) << wait.name;
    store_.recover();
  }
}

TEST_F(ReportPlanner, ASupersededLeaderEndsWithItsFence) {
  github_has(ago(2), {{"ann", 1}});
  start();
  lead();
  github_has(ago(1), {{"ann", 2}});
  time_.pass(6h);
  EXPECT_TRUE(superseded_);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
}

}  // namespace
}  // namespace ghstats::copilot
