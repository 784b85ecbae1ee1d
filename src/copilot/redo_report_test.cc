#include "copilot/redo_report.h"

#include <gmock/gmock.h>

#include "async/task_group.h"
#include "copilot/testing/report_fixture.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using std::chrono::days;
using store::testing::Verb;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::Users;
using work::Outcome;

class RedoReport : public testing::ReportFixture {
 protected:
  [[nodiscard]] static work::CopilotReport missed(Day first, Day last) {
    return {.scope = "org",
            .scope_id = "acme",
            .report_type = "users-28-day",
            .window_start_day = format_day(first),
            .window_end_day = format_day(last)};
  }
  Result<Outcome> redo(work::CopilotReport missed) {
    return run(redo_report(environment(), kWorker, settings_, target(), std::move(missed)));
  }
  Result<Outcome> redo(Day first, Day last) { return redo(missed(first, last)); }
  Result<Outcome> redo_all() { return redo(ago(28), ago(1)); }

  void no_day_has_a_report() {
    for (int i = -40; i < 100; ++i) fetch_.answer(day_path(ago(i)), {NoReport{}});
  }
  // As a leader does.
  void show(Day last_day, const Users& users) {
    github_has(last_day, users);
    ASSERT_EQ(run(collect_report(environment(), authority_, settings_, target(), std::nullopt)).result,
              RunResult::kSuccess);
    fetch_.asked.clear();
  }
  Users stand_in() { return users(kOneDay); }

  // kDone is ended by `meanwhile`, which happens when the reports are read and nothing is stored yet.
  Result<Outcome> redo_while(Day first, Day last, const std::function<void()>& meanwhile) {
    async::TaskGroup group(github_.io.get_executor());
    std::optional<Result<Outcome>> ended;
    fetch_.hang_next();
    group.spawn([&]() -> async::Task<> {
      const CollectEnvironment environment = this->environment();
      ended = co_await redo_report(environment, kWorker, settings_, target(), missed(first, last));
    });
    time_.pass();
    EXPECT_EQ(fetch_.hanging, 1U);
    meanwhile();
    fetch_.release();
    run(group.join());
    return *ended;
  }
};

TEST_F(RedoReport, WithoutDaysOnlyTheNewestReportIsReadAndShown) {
  no_day_has_a_report();
  github_has_day(ago(3), {{"ann", 1}});
  github_has_day(ago(4), {{"ann", 10}});
  const auto done = redo_all();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done, Outcome::kDone);
  EXPECT_EQ(stand_in(), (Users{{"ann", 1}}));
  EXPECT_THAT(fetch_.asked, ElementsAre(day_path(ago(1)), day_path(ago(2)), day_path(ago(3))));
  EXPECT_EQ(shown(kOneDay), (ShownReport{.last_day = ago(3), .options = fingerprint(settings_.options)}));
  EXPECT_THAT(users(), IsEmpty()) << "the 28-day report is the leader's";
}

TEST_F(RedoReport, WithDaysAllOfThemAreOneSet) {
  settings_.options.day_label = true;
  no_day_has_a_report();
  github_has_day(ago(2), {{"ann", 1}}, format_day(ago(2)));
  github_has_day(ago(4), {{"ann", 2}, {"bob", 3}}, format_day(ago(4)));
  ASSERT_EQ(redo_all().value_or(Outcome::kGone), Outcome::kDone);
  EXPECT_EQ(stand_in(),
            (Users{{"ann" + format_day(ago(2)), 1}, {"ann" + format_day(ago(4)), 2}, {"bob" + format_day(ago(4)), 3}}));
  EXPECT_EQ(fetch_.asked.size(), 28U);
  EXPECT_EQ(store_.calls(Verb::kCommit), 1U);
  EXPECT_EQ(shown(kOneDay)->last_day, ago(2)) << "of the newest";
}

TEST_F(RedoReport, DaysThatRecordsLeaveOutAreTheOnesAskedFor) {
  settings_.options.day_label = true;
  github_has_day(ago(2), {{"ann", 1}});
  github_has_day(ago(1), {{"ann", 2}});
  ASSERT_EQ(redo(ago(2), ago(1)).value_or(Outcome::kGone), Outcome::kDone);
  EXPECT_EQ(stand_in(), (Users{{"ann" + format_day(ago(2)), 1}, {"ann" + format_day(ago(1)), 2}}));
}

TEST_F(RedoReport, TheReportOfAnotherDayThanAskedForIsAnError) {
  fetch_.answer(day_path(ago(1)), {report(kOneDay, ago(3), {{"ann", 1}})});
  const auto wrong = redo_all();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(wrong.error().message,
            "users-1-day of 'acme' for " + format_day(ago(1)) + " is that of " + format_day(ago(3)));
  EXPECT_THAT(slots(), IsEmpty());
}

TEST_F(RedoReport, DaysThatThe28DayReportCoversAreHealed) {
  no_day_has_a_report();
  show(ago(3), {{"ann", 5}});
  EXPECT_EQ(redo(ago(6), ago(3)).value_or(Outcome::kDone), Outcome::kAlreadyHealed);
  EXPECT_THAT(fetch_.asked, IsEmpty());
  github_has_day(ago(3), {{"ann", 1}});
  EXPECT_EQ(redo(ago(6), ago(1)).value_or(Outcome::kDone), Outcome::kGone) << "none of the days after it";
  EXPECT_THAT(fetch_.asked, ElementsAre(day_path(ago(1)), day_path(ago(2))));
  EXPECT_THAT(stand_in(), IsEmpty());
}

TEST_F(RedoReport, AnOlderWorkerAfterANewerOneChangesNothing) {
  github_has_day(ago(1), {{"ann", 1}});
  github_has_day(ago(2), {{"ann", 2}});
  const auto older =
      redo_while(ago(2), ago(2), [this] { EXPECT_EQ(redo(ago(1), ago(1)).value_or(Outcome::kGone), Outcome::kDone); });
  EXPECT_EQ(older.value_or(Outcome::kGone), Outcome::kAlreadyHealed);
  EXPECT_EQ(stand_in(), (Users{{"ann", 1}}));
  EXPECT_EQ(redo(ago(1), ago(1)).value_or(Outcome::kGone), Outcome::kDone) << "the same day again";
}

TEST_F(RedoReport, AWorkerThatIsLateAfterThe28DayReportChangesNothing) {
  github_has_day(ago(2), {{"ann", 1}});
  const auto late = redo_while(ago(2), ago(2), [this] { show(ago(2), {{"ann", 5}}); });
  EXPECT_EQ(late.value_or(Outcome::kDone), Outcome::kAlreadyHealed);
  EXPECT_THAT(stand_in(), IsEmpty());
}

TEST_F(RedoReport, A28DayReportThatIsBehindLeavesTheNewerDay) {
  github_has_day(ago(1), {{"ann", 1}});
  const auto ahead = redo_while(ago(1), ago(1), [this] { show(ago(2), {{"ann", 5}}); });
  EXPECT_EQ(ahead.value_or(Outcome::kGone), Outcome::kDone);
  EXPECT_EQ(stand_in(), (Users{{"ann", 1}}));
  show(ago(2), {{"ann", 6}});
  EXPECT_EQ(stand_in(), (Users{{"ann", 1}}));
  show(ago(1), {{"ann", 7}});
  EXPECT_THAT(stand_in(), IsEmpty());
}

TEST_F(RedoReport, WhatIsRefusedOrDoesNotExistIsGone) {
  no_day_has_a_report();
  EXPECT_EQ(redo_all().value_or(Outcome::kDone), Outcome::kGone);
  EXPECT_EQ(fetch_.asked.size(), 28U);
  fetch_.asked.clear();
  fetch_.answer(day_path(ago(1)), {problem(FetchStep::kLinks, ErrorCode::kPermissionDenied, true)});
  EXPECT_EQ(redo_all().value_or(Outcome::kDone), Outcome::kGone);
  EXPECT_THAT(fetch_.asked, ElementsAre(day_path(ago(1)))) << "the other days are refused as well";
  EXPECT_THAT(slots(), IsEmpty());
}

TEST_F(RedoReport, ADayThatDoesNotExistIsLikeOneWithoutAReport) {
  no_day_has_a_report();
  fetch_.answer(day_path(ago(1)), {problem(FetchStep::kLinks, ErrorCode::kNotFound, true)});
  github_has_day(ago(2), {{"ann", 2}});
  EXPECT_EQ(redo_all().value_or(Outcome::kGone), Outcome::kDone);
  EXPECT_EQ(stand_in(), (Users{{"ann", 2}}));
}

TEST_F(RedoReport, AFailureIsAnErrorAndNothingOfItIsStored) {
  settings_.options.day_label = true;
  github_has_day(ago(1), {{"ann", 1}});
  for (const FetchStep step : {FetchStep::kLinks, FetchStep::kDownload, FetchStep::kParse}) {
    fetch_.answer(day_path(ago(2)), {problem(step)});
    const auto failed = redo(ago(2), ago(1));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "GitHub: no");
  }
  EXPECT_THAT(slots(), IsEmpty());
  EXPECT_EQ(store_.calls(Verb::kCommit), 0U);
}

TEST_F(RedoReport, DaysThatTogetherTakeMoreThanTheBudgetAreAnErrorBeforeTheyTakeTheMemory) {
  settings_.options.day_label = true;
  settings_.options.max_series = 3;
  for (const int age : {1, 2, 3}) github_has_day(ago(age), {{"ann", 1}, {"bob", 2}});
  const auto failed = redo(ago(3), ago(1));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(failed.error().message, HasSubstr("copilot.emit_day_label"));
  EXPECT_THAT(fetch_.asked, ElementsAre(day_path(ago(1)), day_path(ago(2))));
  EXPECT_THAT(slots(), IsEmpty());
}

TEST_F(RedoReport, AStandInThatTheStoreHasNoRoomForIsAnErrorAndNotShownInPart) {
  const auto small = store::make_memory_store(github_.io.get_executor(), github_.clock, {.max_series_budget = 1});
  store_.replace(*small);
  github_has_day(ago(1), {{"ann", 1}, {"bob", 2}});
  const auto failed = redo(ago(1), ago(1));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(failed.error().message, "store the report: store.max_series_budget has no room for 1 of its series");
  EXPECT_THAT(slots(), IsEmpty());
}

TEST_F(RedoReport, AStoreThatFailsIsAnError) {
  github_has_day(ago(1), {{"ann", 1}});
  store_.fail_next(Verb::kEditions, {ErrorCode::kUnavailable, "gone"});
  EXPECT_FALSE(redo_all());
  EXPECT_THAT(fetch_.asked, IsEmpty()) << "nothing is asked for that may be covered";
  store_.fail_next(Verb::kCommit, {ErrorCode::kUnavailable, "gone"});
  const auto failed = redo_all();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "store the report: gone");
  EXPECT_EQ(redo_all().value_or(Outcome::kGone), Outcome::kDone);
}

TEST_F(RedoReport, DaysThatAreNotOverOrTooManyAreLeftOut) {
  no_day_has_a_report();
  EXPECT_EQ(redo(ago(3), ago(-30)).value_or(Outcome::kDone), Outcome::kGone);
  EXPECT_THAT(fetch_.asked, ElementsAre(day_path(ago(1)), day_path(ago(2)), day_path(ago(3))));
  fetch_.asked.clear();
  EXPECT_EQ(redo(ago(400), ago(2)).value_or(Outcome::kDone), Outcome::kGone);
  EXPECT_EQ(fetch_.asked.size(), 28U);
  EXPECT_EQ(fetch_.asked.back(), day_path(ago(29)));
  fetch_.asked.clear();
  EXPECT_EQ(redo(ago(0), ago(-3)).value_or(Outcome::kDone), Outcome::kAlreadyHealed) << "by a clock that was ahead";
  EXPECT_THAT(fetch_.asked, IsEmpty());
}

TEST_F(RedoReport, DaysThatMakeNoSenseAreAnError) {
  const std::string day = format_day(ago(1));
  for (const auto& [first, last] : {std::pair{day, format_day(ago(2))},
                                    {day, std::string("tomorrow")},
                                    {std::string(), day},
                                    {std::string("2025-02-30"), day}}) {
    work::CopilotReport about = missed(ago(1), ago(1));
    about.window_start_day = first;
    about.window_end_day = last;
    const auto refused = redo(about);
    ASSERT_FALSE(refused) << first << " " << last;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr("'" + first + "' to '" + last + "'"));
  }
  EXPECT_THAT(fetch_.asked, IsEmpty());
}

TEST_F(RedoReport, MessagesOfOthersNameAReportInOneOfTwoWays) {
  const auto named = [](std::string scope, std::string type) {
    return report_of({.scope = std::move(scope), .report_type = std::move(type)});
  };
  EXPECT_EQ(named("org", "users-28-day"), ReportKind::kOrgUsers28Days);
  EXPECT_EQ(named("org", "users-1-day"), ReportKind::kOrgUsers28Days);
  EXPECT_EQ(named("", "organization-1-day"), ReportKind::kOrg28Days);
  EXPECT_EQ(named("enterprise", "users-28-day"), ReportKind::kEnterpriseUsers28Days);
  EXPECT_EQ(named("enterprise", "enterprise-1-day"), ReportKind::kEnterprise28Days);
  EXPECT_EQ(named("enterprise", "organization-28-day"), std::nullopt);
  EXPECT_EQ(named("org", "repos-1-day"), std::nullopt);
  EXPECT_EQ(named("team", "users-28-day"), std::nullopt);
  EXPECT_EQ(named("", ""), std::nullopt);
}

TEST_F(RedoReport, LinesAreCounted) {
  fetch_.answer(day_path(ago(2)), {NoReport{}});
  github_has_day(ago(1), {{"ann", 1}, {"bob", 2}});
  ASSERT_TRUE(redo(ago(2), ago(1)));
  EXPECT_THAT(counted(Family::kCopilotRecordsParsed), ElementsAre(Pair("users", 2)));
}

TEST_F(RedoReport, IsCancelledInEveryWait) {
  github_has_day(ago(1), {{"ann", 1}});
  const std::vector<std::pair<std::function<void()>, std::function<bool()>>> waits = {
      {[this] { store_.hang_next(Verb::kEditions); }, [this] { return store_.hanging() == 1; }},
      {[this] { fetch_.hang_next(); }, [this] { return fetch_.hanging == 1; }},
      {[this] { store_.hang_next(Verb::kCommit); }, [this] { return store_.hanging() == 1; }}};
  for (const auto& [arrange, reached] : waits) {
    arrange();
    async::TaskGroup group(github_.io.get_executor());
    std::optional<Result<Outcome>> ended;
    group.spawn([&]() -> async::Task<> {
      const CollectEnvironment environment = this->environment();
      ended = co_await redo_report(environment, kWorker, settings_, target(), missed(ago(1), ago(1)));
    });
    time_.pass();
    EXPECT_TRUE(reached());
    group.cancel();
    run(group.join());
    ASSERT_TRUE(ended);
    ASSERT_FALSE(*ended);
    EXPECT_EQ(ended->error().code, ErrorCode::kCancelled);
  }
  EXPECT_THAT(slots(), IsEmpty());
}

}  // namespace
}  // namespace ghstats::copilot
