#include "activity/loc/due.h"

#include <gtest/gtest.h>

#include "activity/loc/weeks.h"
#include "base/time_format.h"

namespace ghstats::activity {
namespace {

using store::LocMode;
using store::LocPhase;
using store::LocRecord;
using namespace std::chrono_literals;

const TimePoint kNow = *parse_rfc3339("2026-11-25T12:30:00Z");  // a Wednesday
const TimePoint kRollover = *parse_rfc3339("2026-11-29T00:00:00Z");

// Answered completely at `at`.
LocRecord answered(TimePoint at) {
  LocRecord out{.repo = RepoId{1}};
  out.phase = LocPhase::kReady;
  out.week = latest_complete_week(at);
  out.asked_at = out.refreshed_at = at;
  return out;
}

// Asked last at `at`, answered a day before.
LocRecord unanswered(TimePoint at, Duration wait) {
  LocRecord out = answered(at - 23h);
  out.asked_at = at;
  out.statistics_not_before = at + wait;
  return out;
}

LocStep due(const LocRecord& record, TimePoint now, std::optional<TimePoint> pushed_at = {},
            const LocSettings& settings = {}) {
  return due_step(&record, settings, pushed_at, now);
}

LocSettings with_fallback() {
  LocSettings out;
  out.fallback_enabled = true;
  return out;
}

LocSettings with_history() {
  LocSettings out;
  out.source = LocSource::kCommitHistory;
  return out;
}

LocRecord too_large(TimePoint at) {
  LocRecord out = answered(at);
  out.phase = LocPhase::kFallback;
  out.mode = LocMode::kSampledCommitStats;
  out.statistics_not_before = at + 168h;
  return out;
}

TEST(LocDue, WhatWasNeverAskedIsDue) {
  EXPECT_EQ(due_step(nullptr, {}, {}, kNow), LocStep::kAskStatistics);
  EXPECT_EQ(due_step(nullptr, with_history(), {}, kNow), LocStep::kReadHistory);
}

TEST(LocDue, AgainAfterTheRefreshInterval) {
  const LocRecord record = answered(kNow);
  EXPECT_EQ(due(record, kNow + 24h - 1s), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 24h), LocStep::kAskStatistics);
}

TEST(LocDue, AfterAPushWhenAnHourOld) {
  const LocRecord record = answered(kNow);
  EXPECT_EQ(due(record, kNow + 59min, kNow + 1min), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 1h, kNow + 1min), LocStep::kAskStatistics);
  EXPECT_EQ(due(record, kNow + 1h, kNow), LocStep::kNothing);
}

TEST(LocDue, WhenAWeekHasEnded) {
  const LocRecord record = answered(kRollover - 10min);
  EXPECT_EQ(due(record, kRollover - 1s), LocStep::kNothing);
  EXPECT_EQ(due(record, kRollover), LocStep::kAskStatistics);
  EXPECT_EQ(due(record, kRollover, kRollover - 48h), LocStep::kAskStatistics);
}

TEST(LocDue, ARepositoryWithoutPushesInTheWeekIsSettledWithoutAQuestion) {
  const LocRecord record = answered(kRollover - 10min);
  EXPECT_EQ(due(record, kRollover, kRollover - kWeek - 25h), LocStep::kSettle);
  // A commit may bear a time somewhat after its push.
  EXPECT_EQ(due(record, kRollover, kRollover - kWeek - 23h), LocStep::kAskStatistics);
  EXPECT_EQ(due(record, kRollover + 24h, kRollover - 4 * kWeek), LocStep::kAskStatistics);
}

TEST(LocDue, WhereGitHubsWeekIsNotOverItIsAskedOnceAnHour) {
  LocRecord record = answered(kRollover + 1min);  // our clock is ahead: the answer was of the week before
  record.week -= kWeek;
  EXPECT_EQ(due(record, kRollover + 2min, kRollover - 4 * kWeek), LocStep::kNothing);
  EXPECT_EQ(due(record, kRollover + 61min, kRollover - 4 * kWeek), LocStep::kAskStatistics);
}

TEST(LocDue, WithoutAnAnswerAgainAfterTheWaitInTheRecord) {
  const LocRecord record = unanswered(kNow, 4min);
  EXPECT_TRUE(is_pending(record, kNow));
  EXPECT_EQ(due(record, kNow + 4min - 1s, kNow - 1h), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 4min), LocStep::kAskStatistics);
  // Whatever else stands there: never longer than the longest wait.
  EXPECT_EQ(due(unanswered(kNow, 168h), kNow + 15min), LocStep::kAskStatistics);
}

TEST(LocDue, WhatGitHubRefusesWaits) {
  LocRecord record = answered(kNow);
  record.statistics_not_before = kNow + 24h;
  EXPECT_EQ(due(record, kNow + 23h, kNow + 1h), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 24h, kNow + 1h), LocStep::kAskStatistics);
  record.statistics_not_before = kNow + 1000h;  // of a clock that was wrong
  EXPECT_EQ(due(record, kNow + 23h, kNow + 1h), LocStep::kAskStatistics);
}

TEST(LocDue, ATooLargeRepositoryIsSampledUntilItsTimeIsOver) {
  const LocRecord record = too_large(kNow);
  EXPECT_EQ(due(record, kNow + 1h, {}, with_fallback()), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 24h, {}, with_fallback()), LocStep::kSampleCommits);
  EXPECT_EQ(due(record, kNow + 2h, kNow + 1h, with_fallback()), LocStep::kSampleCommits);
  EXPECT_EQ(due(record, kNow + 168h, {}, with_fallback()), LocStep::kAskStatistics);
}

TEST(LocDue, AnUnfinishedSampleGoesOnWithTheNextHour) {
  LocRecord record = too_large(kNow - 1h);
  record.asked_at = kNow;
  EXPECT_EQ(due(record, kNow + 29min, kNow, with_fallback()), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 30min, {}, with_fallback()), LocStep::kSampleCommits);
  record.mode = LocMode::kCommitHistory;
  EXPECT_EQ(due(record, kNow + 29min, kNow, with_history()), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 30min, {}, with_history()), LocStep::kReadHistory);
}

TEST(LocDue, AHistoryInPlaceOfStatisticsIsNoChangedSetting) {
  LocRecord record = too_large(kNow);
  record.mode = LocMode::kCommitHistory;
  EXPECT_EQ(due(record, kNow + 1h, {}, with_fallback()), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow + 24h, {}, with_fallback()), LocStep::kSampleCommits);
  EXPECT_EQ(due(record, kNow, {}, with_history()), LocStep::kReadHistory);
  EXPECT_EQ(due(record, kNow), LocStep::kAskStatistics);
}

TEST(LocDue, AChangedSettingTakesEffectAtOnce) {
  LocRecord record = answered(kNow);
  EXPECT_EQ(due(record, kNow, {}, with_history()), LocStep::kReadHistory);
  record.mode = LocMode::kCommitHistory;
  EXPECT_EQ(due(record, kNow, {}, with_history()), LocStep::kNothing);
  EXPECT_EQ(due(record, kNow), LocStep::kAskStatistics);

  LocRecord zeros = answered(kNow);
  zeros.zero_weeks = 2;
  EXPECT_EQ(due(zeros, kNow), LocStep::kNothing);
  EXPECT_EQ(due(zeros, kNow, {}, with_fallback()), LocStep::kAskStatistics);
  EXPECT_EQ(due(too_large(kNow), kNow), LocStep::kAskStatistics);
}

TEST(LocDue, ARecordFromTheFutureHoldsNothingUp) {
  const LocRecord record = answered(kNow + 1000h);
  EXPECT_EQ(due(record, kNow), LocStep::kAskStatistics);
  LocRecord healed = answered(kNow);
  healed.asked_at = kNow + 1000h;  // the store would not take an older one
  EXPECT_FALSE(is_pending(healed, kNow));
  EXPECT_EQ(due(healed, kNow + 23h), LocStep::kNothing);
  EXPECT_EQ(due(healed, kNow + 24h), LocStep::kAskStatistics);
}

TEST(LocDue, StaleAfterTwoIntervalsWithoutACompleteAnswer) {
  const LocRecord record = unanswered(kNow, 1min);
  EXPECT_FALSE(is_stale(record, {}, record.refreshed_at + 48h));
  EXPECT_TRUE(is_stale(record, {}, record.refreshed_at + 48h + 1s));
}

TEST(LocDue, NumbersAreShownUntilTheNextWeekHasEndedAndTheNewOnesHadTimeToCome) {
  const TimePoint week = kRollover - kWeek;
  EXPECT_EQ(valid_until(week, {}), kRollover + kWeek + 48h);
  LocSettings often;
  often.refresh_interval = 1h;
  EXPECT_EQ(valid_until(week, often), kRollover + kWeek + 24h);
}

}  // namespace
}  // namespace ghstats::activity
