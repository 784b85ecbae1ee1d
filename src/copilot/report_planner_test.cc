#include "copilot/report_planner.h"

#include <gmock/gmock.h>

#include "copilot/testing/planner_fixture.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using std::chrono::days;
using store::testing::Verb;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::Users;

using ReportPlanner = testing::PlannerFixture;
using ReportPlannerAfterOthers = testing::PlannerFixture;
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
  for (int i = 0; i < 9; ++i) {
    fetch_.hang_next();
    time_.pass(1min);
    ASSERT_EQ(fetch_.hanging, 1U);
    time_.pass(5min);
    fetch_.release();
    time_.pass();
  }
  std::map<std::string, int> times;
  for (const std::string& path : fetch_.asked) ++times[path];
  ASSERT_THAT(times, SizeIs(3));
  for (const auto& [path, count] : times) EXPECT_GE(count, 4) << path;
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

TEST_F(ReportPlannerAfterOthers, GoesOnWhereTheLeaderBeforeEnded) {
  github_has(ago(2), {{"ann", 1}});
  start();
  stop();
  time_.pass(2h);
  told_.clear();
  start();
  EXPECT_EQ(asked(), 1U);
  EXPECT_THAT(told_, ElementsAre("acme users-28-day success"));
  time_.pass(4h - 1s);
  EXPECT_EQ(asked(), 1U);
  time_.pass(1s);
  EXPECT_EQ(asked(), 2U);
  EXPECT_THAT(counted(Family::kCopilotScrapeRuns),
              UnorderedElementsAre(::testing::Pair("users success", 1), ::testing::Pair("users unchanged", 1)));
}

TEST_F(ReportPlannerAfterOthers, ASuccessInTheFutureOrLongAgoIsNotWaitedFor) {
  github_has(ago(2), {{"ann", 1}});
  start();
  stop();
  github_.clock.jump(-3h);
  start();
  EXPECT_EQ(asked(), 2U);
  stop();
  github_.clock.jump(24h * 1000);
  start();
  EXPECT_EQ(asked(), 3U);
}

TEST_F(ReportPlannerAfterOthers, AClockThatJumpsChangesNoDistance) {
  github_has(ago(2), {{"ann", 1}});
  start();
  github_.clock.jump(24h * 365);
  time_.pass(6h - 1ns);
  EXPECT_EQ(asked(), 1U);
  github_.clock.jump(-24h * 365);
  time_.pass(1ns);
  EXPECT_EQ(asked(), 2U);
}

TEST_F(ReportPlannerAfterOthers, WhatAStoreHasLostIsReadAgainAtOnce) {
  github_has(ago(2), {{"ann", 1}});
  start();
  time_.pass(1h);
  lose_store();
  EXPECT_THAT(users(), IsEmpty());
  store_returned_.bump();
  time_.pass();
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
  EXPECT_EQ(asked(), 2U);
  store_returned_.bump();
  time_.pass();
  EXPECT_EQ(asked(), 2U) << "nothing was lost this time";
}

TEST_F(ReportPlannerAfterOthers, AStoreThatReturnsWithAnOlderReportIsToldTheNewerOneAtOnce) {
  github_has(ago(2), {{"ann", 1}});
  start();
  const auto old = memory_.get();
  const auto backup = empty_store();
  time_.pass(24h);
  store_.replace(*backup);
  github_has(ago(2), {{"ann", 2}});
  store_returned_.bump();
  time_.pass();
  ASSERT_EQ(users(), (Users{{"ann", 2}}));
  store_.replace(*old);
  ASSERT_EQ(users(), (Users{{"ann", 1}}));
  store_returned_.bump();
  time_.pass(10min);
  EXPECT_EQ(users(), (Users{{"ann", 2}}));
}

TEST_F(ReportPlannerAfterOthers, AStoreThatLosesAllAgainAndAgainMakesNoStorm) {
  github_has(ago(2), {{"ann", 1}});
  start();
  for (int second = 0; second < 3600; ++second) {
    if (second % 10 == 0) lose_store();
    store_returned_.bump();
    time_.pass(1s);
  }
  EXPECT_GE(asked(), 4U);
  EXPECT_LE(asked(), 5U);
}

TEST_F(ReportPlannerAfterOthers, WithoutTheStoresAnswerNothingIsAskedFor) {
  github_has(ago(2), {{"ann", 1}});
  store_.fail_every(Verb::kEditions, kStoreGone);
  start();
  time_.pass(1h);
  EXPECT_EQ(asked(), 0U);
  EXPECT_EQ(warnings("which Copilot reports are shown is not known"), 1U);
  store_.recover();
  time_.pass(5s);
  EXPECT_EQ(asked(), 1U);
  store_.fail_all(kStoreGone);
  time_.pass(24h);
  EXPECT_EQ(asked(), 1U);
  store_.recover();
  time_.pass(5s);
  EXPECT_EQ(asked(), 2U);
}

TEST_F(ReportPlannerAfterOthers, WhatTheStoreDoesNotTakeIsReadAgainLaterAndIsNoMiss) {
  github_has(ago(2), {{"ann", 1}});
  store_.fail_next(Verb::kCommit, {ErrorCode::kTooLarge, "too large"});
  start();
  EXPECT_EQ(asked(), 1U);
  EXPECT_THAT(users(), IsEmpty());
  time_.pass(10min);
  EXPECT_EQ(asked(), 2U);
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
  EXPECT_THAT(misses_, IsEmpty());
}

TEST_F(ReportPlannerAfterOthers, WithOtherOptionsReportsAreReadAgainAndShownUntilThen) {
  github_has(ago(2), {{"ann", 1}});
  start();
  stop();
  settings_.options.user_label = UserLabel::kNone;
  github_fails(problem(FetchStep::kDownload));
  start();
  EXPECT_EQ(asked(), 2U);
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
  EXPECT_THAT(misses_, SizeIs(1));
  github_has(ago(3), {{"", 1}});
  time_.pass(10min);
  EXPECT_EQ(users(), (Users{{"", 1}})) << "also of a day before";
  time_.pass(5h);
  EXPECT_EQ(asked(), 3U);
}

TEST_F(ReportPlannerAfterOthers, AStandInOfOtherOptionsEndsAndStillKeepsOutOlderOnes) {
  github_has(ago(3), {{"ann", 1}});
  start();
  stand_in(ago(1), {{"ann", 5}});
  stop();
  settings_.options.user_label = UserLabel::kId;
  github_fails(problem(FetchStep::kDownload));
  start();
  EXPECT_THAT(users(kOneDay), IsEmpty());
  EXPECT_EQ(stand_in(ago(2), {{"1", 6}}), work::Outcome::kAlreadyHealed);
  EXPECT_EQ(stand_in(ago(1), {{"1", 7}}), work::Outcome::kDone);
  EXPECT_EQ(users(kOneDay), (Users{{"1", 7}}));
  time_.pass(6h);
  EXPECT_EQ(users(kOneDay), (Users{{"1", 7}})) << "of these options";
}

TEST_F(ReportPlannerAfterOthers, WhatKeepsOutALateWorkerOutlivesOtherOptions) {
  github_has(ago(1), {{"ann", 1}});
  start();
  stop();
  settings_.options.user_label = UserLabel::kId;
  github_fails(problem(FetchStep::kDownload));
  start();
  EXPECT_EQ(commit_stand_in(ago(1)), 1U) << "outdated";
  EXPECT_THAT(users(kOneDay), IsEmpty());
}

TEST_F(ReportPlannerAfterOthers, AStandInThatAWorkerOfOldOptionsWritesEndsAtTheNextLook) {
  github_has(ago(2), {{"ann", 1}});
  start();
  settings_.options.user_label = UserLabel::kId;
  EXPECT_EQ(stand_in(ago(1), {{"1", 6}}), work::Outcome::kDone);
  time_.pass(6h);
  EXPECT_THAT(users(kOneDay), IsEmpty());
}

TEST_F(ReportPlannerAfterOthers, ReportsThatAreNotWantedAnyMoreEndAndNothingElseDoes) {
  want({kKind, ReportKind::kOrg28Days, ReportKind::kEnterpriseUsers28Days});
  targets_.push_back(target(kKind, "acme2"));
  github_has(ago(2), {{"ann", 1}});
  github_has(ago(2), {{"", 1}}, ReportKind::kOrg28Days);
  github_has(ago(2), {{"eve", 1}}, ReportKind::kEnterpriseUsers28Days);
  github_has(ago(2), {{"zoe", 1}}, kKind, "acme2");
  store::Batch other;
  other.value_sets = {{"copilots/x", {{{Family::kScrapeDuration, {"acme"}}, 1}}},
                      {"cycle/acme", {{{Family::kScrapeDuration, {"acme"}}, 1}}}};
  ASSERT_TRUE(run(store_.commit(other, authority_)));
  start();
  stand_in(ago(1), {{"ann", 9}});
  stop();
  targets_ = {target()};
  start();
  EXPECT_THAT(slots(), ElementsAre("copilot/gauges", "copilot/org/acme/users-1-day", "copilot/org/acme/users-28-day",
                                   "copilot/org/acme/users-28-day/success"));
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
  EXPECT_EQ(users(kOneDay), (Users{{"ann", 9}}));
  EXPECT_THAT(users(kKind, "acme2"), IsEmpty());
  const auto rest = run(store_.editions("c"));
  EXPECT_EQ(std::ranges::count_if(*rest,
                                  [](const auto& known) {
                                    return known.slot.starts_with("cycle/") || known.slot.starts_with("copilots/");
                                  }),
            2);
}

TEST_F(ReportPlannerAfterOthers, WithoutReportsEverythingEndsAndNothingIsAskedFor) {
  github_has(ago(2), {{"ann", 1}});
  start();
  stand_in(ago(1), {{"ann", 9}});
  stop();
  targets_.clear();
  fetch_.asked.clear();
  start();
  EXPECT_THAT(slots(), IsEmpty());
  stand_in(ago(1), {{"ann", 9}});
  fetch_.asked.clear();
  time_.pass(6h);
  EXPECT_THAT(slots(), IsEmpty()) << "of a worker that knows no better";
  stand_in(ago(1), {{"ann", 9}});
  fetch_.asked.clear();
  store_returned_.bump();
  time_.pass();
  EXPECT_THAT(slots(), IsEmpty()) << "of a store that has come back as it was";
  EXPECT_EQ(asked(), 0U);
}

TEST_F(ReportPlannerAfterOthers, ANoteThatNobodyHereUnderstandsIsReadAgain) {
  github_has(ago(2), {{"ann", 1}});
  const ShownReport same{.last_day = ago(2), .options = fingerprint(settings_.options)};
  store::Batch of_another_version;
  of_another_version.value_sets = {{report_slot(kKind, "acme"), {}, edition_of(same)},
                                   {success_slot(kKind, "acme"), {}, success_edition(now())}};
  of_another_version.value_sets[0].edition->note = "report 99 of the future";
  ASSERT_TRUE(run(store_.commit(of_another_version, authority_)));
  start();
  EXPECT_EQ(asked(), 1U);
  EXPECT_EQ(users(), (Users{{"ann", 1}}));
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
