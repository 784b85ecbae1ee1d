#include "copilot/collect_report.h"

#include <gmock/gmock.h>

#include "base/time_format.h"
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
using ::testing::UnorderedElementsAre;
using testing::Users;

class CollectReport : public testing::ReportFixture {
 protected:
  ReportRun collect(std::optional<ShownReport> known = std::nullopt) {
    return run(collect_report(environment(), authority_, settings_, target(), std::move(known)));
  }
  // As often as a leader does: with what is shown.
  ReportRun collect_again() { return collect(shown()); }

  Users stand_in() { return users(kOneDay); }
  // What a worker wrote for a day.
  void stand_in(Day day, Users users) {
    github_has_day(day, users);
    const auto done = run(redo_report(environment(), kWorker, settings_, target(),
                                      {.scope = "org",
                                       .report_type = "users-28-day",
                                       .window_start_day = format_day(day),
                                       .window_end_day = format_day(day)}));
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(*done, work::Outcome::kDone);
  }
  std::optional<TimePoint> success() {
    const auto editions = run(store_.editions(success_slot(kKind, "acme")));
    return editions->empty() ? std::nullopt : success_time(*editions->front().edition);
  }
  [[nodiscard]] std::map<std::string, double> runs() { return counted(Family::kCopilotScrapeRuns); }
};

TEST_F(CollectReport, AReportIsShownAndItsSuccessRemembered) {
  github_has(ago(2), {{"ann", 3}, {"bob", 4}});
  const ReportRun run = collect();
  EXPECT_EQ(run.result, RunResult::kSuccess);
  EXPECT_EQ(run.shown, shown());
  EXPECT_EQ(run.shown->last_day, ago(2));
  EXPECT_FALSE(run.miss);
  EXPECT_FALSE(run.error);
  EXPECT_EQ(users(), (Users{{"ann", 3}, {"bob", 4}}));
  EXPECT_EQ(store_.calls(Verb::kCommit), 2U) << "all of it, and then what follows from it";
  EXPECT_EQ(success(), std::chrono::floor<std::chrono::seconds>(now()));
  EXPECT_THAT(runs(), ElementsAre(Pair("users success", 1)));
  EXPECT_TRUE(github_.lines->contains("Copilot report read"));
}

TEST_F(CollectReport, ANewReportTakesThePlaceOfTheOneBeforeAsAWhole) {
  github_has(ago(3), {{"ann", 3}, {"bob", 4}});
  collect();
  github_has(ago(2), {{"bob", 5}, {"cid", 6}});
  EXPECT_EQ(collect_again().result, RunResult::kSuccess);
  EXPECT_EQ(users(), (Users{{"bob", 5}, {"cid", 6}}));
  EXPECT_EQ(store_.calls(Verb::kCommit), 4U);
}

TEST_F(CollectReport, AReportWithoutALineEndsAllSeries) {
  github_has(ago(3), {{"ann", 3}});
  collect();
  github_has(ago(2), {});
  EXPECT_EQ(collect_again().result, RunResult::kSuccess);
  EXPECT_THAT(users(), IsEmpty());
  EXPECT_EQ(shown()->last_day, ago(2));
}

TEST_F(CollectReport, OneThatIsKnownIsNotReadAndItsSuccessIsRemembered) {
  github_has(ago(2), {{"ann", 3}});
  collect();
  github_has(ago(2), {{"ann", 4}});
  github_.clock.advance(6h);
  const ReportRun run = collect_again();
  EXPECT_EQ(run.result, RunResult::kUnchanged);
  EXPECT_FALSE(run.shown);
  EXPECT_EQ(users(), (Users{{"ann", 3}}));
  EXPECT_EQ(success(), std::chrono::floor<std::chrono::seconds>(now()));
  EXPECT_THAT(runs(), UnorderedElementsAre(Pair("users success", 1), Pair("users unchanged", 1)));
  EXPECT_THAT(counted(Family::kCopilotRecordsParsed), ElementsAre(Pair("users", 1)));
}

TEST_F(CollectReport, OneThatIsKnownIsReadAgainWhereThatIsWanted) {
  settings_.refresh_unchanged = true;
  github_has(ago(2), {{"ann", 3}, {"bob", 1}});
  collect();
  github_has(ago(2), {{"ann", 4}});
  EXPECT_EQ(collect_again().result, RunResult::kSuccess);
  EXPECT_EQ(users(), (Users{{"ann", 4}}));
}

TEST_F(CollectReport, AnOlderOneThanIsShownIsNotTaken) {
  github_has(ago(2), {{"ann", 3}});
  collect();
  github_has(ago(3), {{"old", 1}});
  for (const bool refresh : {false, true}) {
    settings_.refresh_unchanged = refresh;
    const ReportRun run = collect_again();
    EXPECT_EQ(run.result, RunResult::kUnchanged);
    EXPECT_FALSE(run.shown);
    EXPECT_FALSE(run.miss);
    EXPECT_EQ(users(), (Users{{"ann", 3}}));
    // Nor where nothing says any more which 1-day reports are covered.
    store::Batch forget;
    forget.value_sets.push_back({report_slot(kOneDay, "acme"), {}});
    ASSERT_TRUE(this->run(store_.commit(std::move(forget), authority_)));
  }
}

TEST_F(CollectReport, WhatWasReadWithOtherOptionsIsReplacedByAnOlderOneToo) {
  github_has(ago(2), {{"ann", 3}});
  collect();
  settings_.options.user_label = UserLabel::kNone;
  github_has(ago(3), {{"", 1}});
  EXPECT_EQ(collect(std::nullopt).result, RunResult::kSuccess);
  EXPECT_EQ(users(), (Users{{"", 1}}));
  EXPECT_EQ(shown()->last_day, ago(3));
}

TEST_F(CollectReport, ANewerOneThatAStoreBroughtWhenItJoinedStays) {
  github_has(ago(3), {{"ann", 3}});
  const ReportRun before = collect();
  github_has(ago(2), {{"ann", 4}});
  collect(before.shown);
  github_has(ago(3), {{"ann", 3}});
  settings_.refresh_unchanged = true;
  const ReportRun run = collect(before.shown);
  EXPECT_EQ(run.result, RunResult::kUnchanged);
  EXPECT_FALSE(run.shown) << "nobody knows here what is shown";
  EXPECT_EQ(users(), (Users{{"ann", 4}}));
}

TEST_F(CollectReport, WhatStoodInEndsWithTheReportThatCoversItsDay) {
  github_has(ago(3), {{"ann", 3}});
  collect();
  stand_in(ago(2), {{"ann", 1}});
  ASSERT_EQ(stand_in(), (Users{{"ann", 1}}));
  github_has(ago(2), {{"ann", 4}});
  EXPECT_EQ(collect_again().result, RunResult::kSuccess);
  EXPECT_EQ(users(), (Users{{"ann", 4}}));
  EXPECT_THAT(stand_in(), IsEmpty());
}

TEST_F(CollectReport, WhatStandsInForALaterDayStays) {
  stand_in(ago(1), {{"ann", 1}});
  github_has(ago(2), {{"ann", 4}});
  const ReportRun run = collect();
  EXPECT_EQ(run.result, RunResult::kSuccess) << "one set of three was outdated";
  EXPECT_EQ(run.shown, shown());
  EXPECT_EQ(users(), (Users{{"ann", 4}}));
  EXPECT_EQ(stand_in(), (Users{{"ann", 1}}));
}

TEST_F(CollectReport, ThatThereIsNoReportYetIsNoError) {
  github_has(ago(2), {{"ann", 3}});
  collect();
  github_.clock.advance(1h);
  github_fails(NoReport{});
  const ReportRun run = collect_again();
  EXPECT_EQ(run.result, RunResult::kNoReport);
  EXPECT_FALSE(run.error);
  EXPECT_FALSE(run.miss);
  EXPECT_EQ(users(), (Users{{"ann", 3}})) << "what is shown stays";
  EXPECT_LT(*success(), now() - 59min);
  EXPECT_THAT(runs(), UnorderedElementsAre(Pair("users success", 1), Pair("users no_report", 1)));
}

TEST_F(CollectReport, WhatIsRefusedIsNotMissed) {
  for (const auto& [step, code] : {std::pair{FetchStep::kLinks, ErrorCode::kPermissionDenied},
                                   {FetchStep::kLinks, ErrorCode::kNotFound},
                                   {FetchStep::kDownload, ErrorCode::kPermissionDenied}}) {
    github_fails(problem(step, code, true));
    const ReportRun run = collect();
    EXPECT_EQ(run.result, RunResult::kRefused);
    EXPECT_EQ(run.step, step);
    ASSERT_TRUE(run.error);
    EXPECT_EQ(run.error->code, code);
    EXPECT_FALSE(run.miss);
  }
  EXPECT_THAT(runs(), ElementsAre(Pair("users refused", 3)));
  EXPECT_EQ(store_.calls(Verb::kCommit), 0U);
}

TEST_F(CollectReport, AFailureIsAMissWithItsReasonForTheDaysSinceTheReportThatIsShown) {
  github_has(ago(5), {{"ann", 3}});
  collect();
  for (const auto& [step, reason] : {std::pair{FetchStep::kLinks, work::Reason::kCopilotReportFetchError},
                                     {FetchStep::kDownload, work::Reason::kCopilotReportDownloadError},
                                     {FetchStep::kParse, work::Reason::kCopilotReportParseError}}) {
    github_fails(problem(step));
    const ReportRun run = collect_again();
    EXPECT_EQ(run.result, RunResult::kFailure);
    EXPECT_EQ(run.step, step);
    ASSERT_TRUE(run.miss);
    work::Miss expected{.org = "acme", .repo = "*", .window = {TimePoint{ago(4)}, TimePoint{ago(0)}}, .reason = reason};
    expected.copilot = {.scope = "org",
                        .scope_id = "acme",
                        .report_type = "users-28-day",
                        .window_start_day = format_day(ago(4)),
                        .window_end_day = format_day(ago(1))};
    EXPECT_EQ(*run.miss, expected);
    EXPECT_EQ(run.miss->error.message, "GitHub: no");
    EXPECT_EQ(users(), (Users{{"ann", 3}}));
  }
}

TEST_F(CollectReport, WithoutAReportTheWholePeriodIsMissed) {
  github_fails(problem(FetchStep::kLinks));
  for (const std::optional<ShownReport>& known :
       {std::optional<ShownReport>(), std::optional(ShownReport{.last_day = ago(400), .options = "x"})}) {
    const ReportRun run = collect(known);
    ASSERT_TRUE(run.miss);
    EXPECT_EQ(run.miss->copilot.window_start_day, format_day(ago(28)));
    EXPECT_EQ(run.miss->copilot.window_end_day, format_day(ago(1)));
  }
}

TEST_F(CollectReport, DaysGoOverTheEndsOfMonths) {
  github_.clock.jump(*parse_rfc3339("2028-03-01T00:00:00Z") - now());
  github_fails(problem(FetchStep::kLinks));
  ReportRun run = collect(ShownReport{.last_day = *parse_day("2028-02-27"), .options = {}});
  ASSERT_TRUE(run.miss);
  EXPECT_EQ(run.miss->copilot.window_start_day, "2028-02-28");
  EXPECT_EQ(run.miss->copilot.window_end_day, "2028-02-29") << "the day that is not over is not missed";
  run = collect();
  EXPECT_EQ(run.miss->copilot.window_start_day, "2028-02-02");
}

TEST_F(CollectReport, NothingIsMissedWhenTheReportThatIsShownReachesToday) {
  github_fails(problem(FetchStep::kDownload));
  for (const Day last_day : {ago(1), ago(0), ago(-1)}) {
    const ReportRun run = collect(ShownReport{.last_day = last_day, .options = {}});
    EXPECT_EQ(run.result, RunResult::kFailure);
    EXPECT_FALSE(run.miss);
  }
}

TEST_F(CollectReport, AReportOfADayThatHasNotComeIsAnErrorAndNothingIsStored) {
  for (const int ahead : {2, 400}) {
    github_has(ago(-ahead), {{"ann", 3}});
    const ReportRun run = collect();
    EXPECT_EQ(run.result, RunResult::kFailure);
    EXPECT_EQ(run.step, FetchStep::kParse);
    ASSERT_TRUE(run.miss);
    EXPECT_EQ(run.miss->reason, work::Reason::kCopilotReportParseError);
    EXPECT_THAT(run.error->message, HasSubstr("users-28-day of 'acme' ends on '" + format_day(ago(-ahead))));
  }
  EXPECT_THAT(slots(), IsEmpty());
  EXPECT_THAT(counted(Family::kCopilotRecordsParsed), ElementsAre(Pair("users", 2))) << "they were read all the same";
  github_has(ago(-1), {{"ann", 3}});
  EXPECT_EQ(collect().result, RunResult::kSuccess) << "where it is tomorrow already";
}

TEST_F(CollectReport, AReportOfNoDayIsAnError) {
  testing::ScriptedFetch::Outcome nameless = report(kKind, ago(2), {{"ann", 3}});
  std::get<FetchedReport>(*nameless).last_day = "";
  github_fails(nameless);
  EXPECT_EQ(collect().result, RunResult::kFailure);
  EXPECT_THAT(slots(), IsEmpty());
}

TEST_F(CollectReport, WhatTheStoreDoesNotTakeIsItsFailureAndNotGitHubs) {
  github_has(ago(3), {{"ann", 3}});
  collect();
  const auto before = shown();
  github_has(ago(2), {{"ann", 4}});
  store_.fail_next(Verb::kCommit, {ErrorCode::kTooLarge, "too many series"});
  const ReportRun run = collect_again();
  EXPECT_EQ(run.result, RunResult::kFailure);
  EXPECT_FALSE(run.step);
  EXPECT_FALSE(run.miss);
  EXPECT_EQ(run.error->message, "store the report: too many series");
  EXPECT_EQ(shown(), before);
  EXPECT_EQ(users(), (Users{{"ann", 3}}));
  store_.fail_next(Verb::kCommit, {ErrorCode::kUnavailable, "gone"});
  github_has(ago(3), {{"ann", 3}});
  EXPECT_EQ(collect_again().result, RunResult::kFailure) << "that it is unchanged could not be told";
}

TEST_F(CollectReport, ASupersededLeaderChangesNothing) {
  github_has(ago(3), {{"ann", 3}});
  collect();
  lead();
  github_has(ago(2), {{"ann", 4}});
  EXPECT_EQ(collect_again().result, RunResult::kFailure);
  EXPECT_EQ(users(), (Users{{"ann", 3}}));
}

TEST_F(CollectReport, TakenAndDroppedLinesAreCounted) {
  testing::ScriptedFetch::Outcome outcome = report(kKind, ago(2), {{"ann", 3}, {"bob", 4}});
  auto& lines = std::get<FetchedReport>(*outcome).lines;
  lines.dropped[static_cast<std::size_t>(DropReason::kNotJson)] = 2;
  lines.dropped[static_cast<std::size_t>(DropReason::kUserLimit)] = 5;
  github_fails(outcome);
  collect();
  EXPECT_THAT(counted(Family::kCopilotRecordsParsed), ElementsAre(Pair("users", 2)));
  EXPECT_THAT(counted(Family::kCopilotRecordsDropped),
              UnorderedElementsAre(Pair("users not_json", 2), Pair("users user_limit", 5)));
  EXPECT_TRUE(github_.lines->contains("\"records_dropped\":7"));
  EXPECT_TRUE(github_.lines->contains("\"level\":\"warn\""));
}

TEST_F(CollectReport, LinesOfAReportThatIsNoneAreCounted) {
  FetchProblem none{.step = FetchStep::kParse, .error = {ErrorCode::kInvalidData, "no line is a record"}};
  none.lines.dropped[static_cast<std::size_t>(DropReason::kNotJson)] = 6;
  github_fails(std::unexpected(none));
  collect();
  EXPECT_THAT(counted(Family::kCopilotRecordsParsed), IsEmpty());
  EXPECT_THAT(counted(Family::kCopilotRecordsDropped), ElementsAre(Pair("users not_json", 6)));
}

TEST_F(CollectReport, AReportThatTheSeriesBudgetHasNoRoomForLeavesTheOneBefore) {
  const auto small = store::make_memory_store(github_.io.get_executor(), github_.clock, {.max_series_budget = 2});
  ASSERT_EQ(run(small->begin_leadership()), authority_.epoch);
  store_.replace(*small);
  github_has(ago(3), {{"ann", 1}, {"bob", 2}});
  const ReportRun fits = collect();
  ASSERT_EQ(fits.result, RunResult::kSuccess);
  github_has(ago(2), {{"ann", 3}, {"bob", 4}, {"cid", 5}});
  const ReportRun run = collect(fits.shown);
  EXPECT_EQ(run.result, RunResult::kFailure);
  ASSERT_TRUE(run.error);
  EXPECT_EQ(run.error->message, "store the report: store.max_series_budget has no room for 1 of its series");
  EXPECT_FALSE(run.miss) << "no other report has more room";
  EXPECT_EQ(users(), (Users{{"ann", 1}, {"bob", 2}})) << "the report before stays";
}

TEST_F(CollectReport, OneThatOtherOptionsMakeTooLargeLeavesTheOneBefore) {
  const auto small = store::make_memory_store(github_.io.get_executor(), github_.clock, {.max_series_budget = 2});
  ASSERT_EQ(run(small->begin_leadership()), authority_.epoch);
  store_.replace(*small);
  github_has(ago(2), {{"ann", 1}, {"bob", 2}});
  const ReportRun fits = collect();
  settings_.options.breakdowns = kIde;
  github_has(ago(2), {{"ann", 1}, {"bob", 2}, {"cid", 3}});
  EXPECT_EQ(collect(fits.shown).result, RunResult::kFailure);
  EXPECT_EQ(users(), (Users{{"ann", 1}, {"bob", 2}}));
}

TEST_F(CollectReport, ACancelledRunIsNotCountedAndChangesNothing) {
  github_has(ago(2), {{"ann", 3}});
  const auto cancel_when = [this](const std::function<bool()>& moment) {
    async::TaskGroup group(github_.io.get_executor());
    std::optional<ReportRun> ended;
    group.spawn([&]() -> async::Task<> {
      const CollectEnvironment environment = this->environment();
      ended = co_await collect_report(environment, authority_, settings_, target(), std::nullopt);
    });
    time_.pass();
    EXPECT_TRUE(moment());
    group.cancel();
    time_.pass();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->result, RunResult::kCancelled);
    EXPECT_FALSE(ended->miss);
  };
  fetch_.hang_next();
  cancel_when([this] { return fetch_.hanging == 1; });
  store_.hang_next(Verb::kCommit);
  cancel_when([this] { return store_.hanging() == 1; });
  EXPECT_THAT(runs(), IsEmpty());
  EXPECT_THAT(slots(), IsEmpty());
}

TEST_F(CollectReport, EachReportHasItsScopeAndItsOwnSlot) {
  for (const ReportRow& report : kReports) {
    if (report.one_day) continue;
    github_has(ago(2), {{std::string(report.name), 1}}, report.kind);
    EXPECT_EQ(run(collect_report(environment(), authority_, settings_, target(report.kind), std::nullopt)).result,
              RunResult::kSuccess);
  }
  EXPECT_THAT(runs(),
              UnorderedElementsAre(Pair("org success", 1), Pair("users success", 2), Pair("enterprise success", 1)));
  for (const ReportRow& report : kReports) {
    if (!report.one_day) EXPECT_EQ(users(report.kind), (Users{{std::string(report.name), 1}}));
  }
}

}  // namespace
}  // namespace ghstats::copilot
