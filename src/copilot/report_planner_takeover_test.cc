// What a leader makes of what the store has: of the leader before, of workers, of losses.
#include <gmock/gmock.h>

#include "copilot/report_planner.h"
#include "copilot/testing/planner_fixture.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::Users;

using ReportPlannerAfterOthers = testing::PlannerFixture;

const Error kStoreGone{ErrorCode::kUnavailable, "the store is gone"};

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

}  // namespace
}  // namespace ghstats::copilot
