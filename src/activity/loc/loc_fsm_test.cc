#include "activity/loc/loc_fsm.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "activity/loc/due.h"
#include "activity/loc/weeks.h"
#include "base/time_format.h"

namespace ghstats::activity {
namespace {

using store::LocMode;
using store::LocPhase;
using store::LocRecord;
using store::UserLines;
using Users = std::vector<UserLines>;
using namespace std::chrono_literals;

const TimePoint kNow = *parse_rfc3339("2026-11-25T12:00:00Z");
const TimePoint kThisWeek = latest_complete_week(kNow);

WeekStatistics statistics(Users users, int zero_weeks = 0, TimePoint week = kThisWeek) {
  return {.week = week, .users = std::move(users), .zero_weeks = zero_weeks};
}

WeekSample sample(Users users, std::set<std::string> unseen_users = {}, bool finished = true,
                  TimePoint week = kThisWeek) {
  return {.week = week,
          .users = users,
          .unseen_users = unseen_users,
          .seen = users.size(),
          .unseen = unseen_users.size(),
          .finished = finished};
}

// A repository's record over several rounds.
class LocFsmTest : public ::testing::Test {
 protected:
  LocFsm ask(TimePoint at = kNow) { return {RepoId{1}, record_, settings_, at}; }

  LocFsm::Next answer(const WeekStatistics& statistics, TimePoint at = kNow) {
    LocFsm fsm = ask(at);
    const auto next = fsm.on_statistics(statistics, at);
    record_ = fsm.record();
    return next;
  }
  void give(const WeekSample& sample, TimePoint at = kNow) {
    LocFsm fsm = ask(at);
    fsm.on_sample(sample, at);
    record_ = fsm.record();
  }
  void tell_history(const WeekSample& week, TimePoint at = kNow) {
    LocFsm fsm = ask(at);
    fsm.on_history(week, at);
    record_ = fsm.record();
  }
  void computing(TimePoint at) {
    LocFsm fsm = ask(at);
    fsm.on_computing();
    record_ = fsm.record();
  }
  [[nodiscard]] Duration wait() const {
    return std::chrono::duration_cast<Duration>(record_->statistics_not_before - record_->asked_at);
  }

  LocSettings settings_;
  std::optional<LocRecord> record_;
};

TEST_F(LocFsmTest, AnAnswerIsReadyAndShownUntilTheNextWeekCounts) {
  EXPECT_EQ(answer(statistics({{"ann", 12, 5, {}}})), LocFsm::Next::kDone);
  EXPECT_EQ(record_->phase, LocPhase::kReady);
  EXPECT_EQ(record_->mode, LocMode::kStatsContributors);
  EXPECT_EQ(record_->week, kThisWeek);
  EXPECT_EQ(record_->users, (Users{{"ann", 12, 5, {}}}));
  EXPECT_EQ(record_->valid_until, valid_until(kThisWeek, settings_));
  EXPECT_EQ(record_->asked_at, kNow);
  EXPECT_EQ(record_->refreshed_at, kNow);
  EXPECT_FALSE(record_->incomplete);
}

TEST_F(LocFsmTest, WaitsForStatisticsGrowFromOneToFifteenMinutes) {
  TimePoint at = kNow;
  for (const Duration expected : {1min, 2min, 4min, 8min, 15min, 15min}) {
    computing(at);
    EXPECT_EQ(record_->phase, LocPhase::kWarming);
    EXPECT_EQ(wait(), expected);
    at = record_->statistics_not_before;
  }
  EXPECT_EQ(record_->week, TimePoint{});  // nothing is shown but the mode
  EXPECT_EQ(record_->refreshed_at, kNow - 1s);
  answer(statistics({}), at);
  EXPECT_EQ(record_->phase, LocPhase::kReady);
  computing(at + 24h);
  EXPECT_EQ(wait(), 1min);
}

TEST_F(LocFsmTest, WhatWasKnownIsShownWhileGitHubComputes) {
  answer(statistics({{"ann", 12, 5, {}}}));
  const LocRecord before = *record_;
  computing(kNow + 24h);
  EXPECT_EQ(record_->users, before.users);
  EXPECT_EQ(record_->valid_until, before.valid_until);
  EXPECT_EQ(record_->refreshed_at, before.refreshed_at);
  EXPECT_EQ(record_->phase, LocPhase::kWarming);
}

TEST_F(LocFsmTest, AFailureChangesNothingThatIsShown) {
  answer(statistics({{"ann", 12, 5, {}}}));
  LocFsm fsm = ask(kNow + 24h);
  fsm.on_statistics_failed();
  EXPECT_EQ(fsm.record().users, record_->users);
  EXPECT_EQ(fsm.record().phase, LocPhase::kReady);
  EXPECT_TRUE(is_pending(fsm.record(), kNow + 25h));
  EXPECT_EQ(fsm.record().statistics_not_before, kNow + 24h + 1min);
}

TEST_F(LocFsmTest, WhoHasNoCommitsAnyMoreIsZeroUntilTheLingerIsOver) {
  answer(statistics({{"ann", 12, 5, {}}, {"bob", 1, 0, {}}}), kNow);
  answer(statistics({{"bob", 2, 0, {}}}), kNow + 24h);
  EXPECT_EQ(record_->users, (Users{{"ann", 0, 0, kNow + 24h}, {"bob", 2, 0, {}}}));
  answer(statistics({{"bob", 2, 0, {}}}), kNow + 24h + 59min);
  EXPECT_EQ(record_->users, (Users{{"ann", 0, 0, kNow + 24h}, {"bob", 2, 0, {}}}));
  answer(statistics({{"bob", 2, 0, {}}}), kNow + 25h);
  EXPECT_EQ(record_->users, (Users{{"bob", 2, 0, {}}}));
}

TEST_F(LocFsmTest, WhoReturnsIsNoLongerGone) {
  answer(statistics({{"ann", 12, 5, {}}}), kNow);
  answer(statistics({}), kNow + 1h);
  answer(statistics({{"ann", 3, 0, {}}}), kNow + 90min);
  EXPECT_EQ(record_->users, (Users{{"ann", 3, 0, {}}}));
}

TEST_F(LocFsmTest, WhatIsNoLongerShownDoesNotComeBackAsZero) {
  answer(statistics({{"ann", 12, 5, {}}}), kNow);
  const TimePoint later = record_->valid_until;
  answer(statistics({}, 0, latest_complete_week(later)), later);
  EXPECT_TRUE(record_->users.empty());
}

TEST_F(LocFsmTest, ARepositoryWithoutALineIsTooLarge) {
  settings_.fallback_enabled = true;
  EXPECT_EQ(answer(statistics({{"ann", 0, 0, {}}}, 1)), LocFsm::Next::kDone);
  EXPECT_EQ(record_->users, (Users{{"ann", 0, 0, {}}}));
  EXPECT_EQ(answer(statistics({{"ann", 0, 0, {}}}, 2), kNow + 24h), LocFsm::Next::kReadCommits);
  EXPECT_EQ(record_->phase, LocPhase::kFallback);
  EXPECT_EQ(record_->statistics_not_before, kNow + 24h + 168h);
  EXPECT_TRUE(is_pending(*record_, kNow + 24h));  // until commits were sampled
  give(sample({{"ann", 40, 3, {}}}), kNow + 24h);
  EXPECT_EQ(record_->mode, LocMode::kSampledCommitStats);
  EXPECT_EQ(record_->users, (Users{{"ann", 40, 3, {}}}));
  EXPECT_FALSE(record_->incomplete);
  EXPECT_FALSE(is_pending(*record_, kNow + 24h));
  EXPECT_EQ(record_->statistics_not_before, kNow + 24h + 168h);
  // GitHub has learned it.
  EXPECT_EQ(answer(statistics({{"ann", 41, 3, {}}}), kNow + 24h + 168h), LocFsm::Next::kDone);
  EXPECT_EQ(record_->phase, LocPhase::kReady);
  EXPECT_EQ(record_->mode, LocMode::kStatsContributors);
}

TEST_F(LocFsmTest, TheHistoryOfATooLargeRepositoryIsExact) {
  settings_.fallback_enabled = true;
  answer(statistics({{"ann", 0, 0, {}}}, 2));
  tell_history(sample({{"ann", 40, 3, {}}}));
  EXPECT_EQ(record_->mode, LocMode::kCommitHistory);
  EXPECT_EQ(record_->phase, LocPhase::kFallback);
  EXPECT_EQ(record_->statistics_not_before, kNow + 168h);
  EXPECT_FALSE(record_->incomplete || is_pending(*record_, kNow));
  // It has the last word, also where it tells less.
  tell_history(sample({{"ann", 20, 3, {}}}), kNow + 24h);
  EXPECT_EQ(record_->users, (Users{{"ann", 20, 3, {}}}));
  EXPECT_EQ(answer(statistics({{"ann", 41, 3, {}}}), kNow + 168h), LocFsm::Next::kDone);
  EXPECT_EQ(record_->mode, LocMode::kStatsContributors);
}

TEST_F(LocFsmTest, ASampleOfAWeekThatWasExactTakesNothingAway) {
  settings_.fallback_enabled = true;
  answer(statistics({}, 2));
  tell_history(sample({{"ann", 40, 3, {}}, {"bob", 5, 5, {}}}));
  give(sample({{"ann", 20, 9, {}}}, {"bob"}), kNow + 24h);  // cut off
  EXPECT_EQ(record_->users, (Users{{"ann", 40, 9, {}}, {"bob", 5, 5, {}}}));
  EXPECT_EQ(record_->mode, LocMode::kSampledCommitStats);
  EXPECT_TRUE(record_->incomplete);
}

TEST_F(LocFsmTest, ARefusalEndsTheTimeOfATooLargeRepository) {
  settings_.fallback_enabled = true;
  answer(statistics({}, 2));
  tell_history(sample({{"ann", 40, 3, {}}}));
  LocFsm fsm = ask(kNow + 24h);
  fsm.on_refused(kNow + 24h);
  record_ = fsm.record();
  EXPECT_EQ(record_->mode, LocMode::kStatsContributors);
  EXPECT_EQ(due_step(&*record_, settings_, {}, kNow + 47h), LocStep::kNothing);
  EXPECT_EQ(due_step(&*record_, settings_, {}, kNow + 48h), LocStep::kAskStatistics);
}

TEST_F(LocFsmTest, WithoutTheFallbackZerosThatAreWrongAreNotShown) {
  answer(statistics({{"ann", 12, 5, {}}, {"bob", 1, 0, {}}}), kNow);
  answer(statistics({{"ann", 0, 0, {}}}, 2), kNow + 24h);
  EXPECT_EQ(record_->phase, LocPhase::kReady);
  EXPECT_EQ(record_->mode, LocMode::kStatsContributors);
  EXPECT_TRUE(record_->incomplete);
  EXPECT_EQ(record_->users, (Users{{"bob", 0, 0, kNow + 24h}}));  // he has no commits: that is known
  answer(statistics({}, 2), kNow + 48h);
  EXPECT_FALSE(record_->incomplete);
}

TEST_F(LocFsmTest, WhileCommitsAreSampledThereIsNoHurryWithStatistics) {
  settings_.fallback_enabled = true;
  answer(statistics({}, 2));
  give(sample({{"ann", 40, 3, {}}}));
  computing(kNow + 168h);
  EXPECT_EQ(record_->phase, LocPhase::kFallback);
  EXPECT_EQ(wait(), 15min);
}

TEST_F(LocFsmTest, ARefusalIsAnAnswer) {
  LocFsm fsm = ask();
  fsm.on_refused(kNow);
  EXPECT_EQ(fsm.record().phase, LocPhase::kReady);
  EXPECT_EQ(fsm.record().week, kThisWeek);
  EXPECT_EQ(fsm.record().statistics_not_before, kNow + 24h);
  EXPECT_FALSE(is_pending(fsm.record(), kNow));

  answer(statistics({{"ann", 12, 5, {}}}));
  const LocRecord before = *record_;
  LocFsm later = ask(kNow + 24h);
  later.on_refused(kNow + 24h);
  EXPECT_EQ(later.record().users, before.users);
  EXPECT_EQ(later.record().valid_until, before.valid_until);
  EXPECT_EQ(later.record().refreshed_at, kNow + 24h);
}

TEST_F(LocFsmTest, AnUnfinishedSampleShowsWhatIsKnownAndIsNoCompleteAnswer) {
  settings_.source = LocSource::kCommitHistory;
  give(sample({{"ann", 40, 3, {}}}, {"bob"}, false));
  EXPECT_EQ(record_->mode, LocMode::kCommitHistory);
  EXPECT_EQ(record_->users, (Users{{"ann", 40, 3, {}}}));
  EXPECT_TRUE(record_->incomplete);
  EXPECT_TRUE(is_pending(*record_, kNow));
  give(sample({{"ann", 50, 3, {}}, {"bob", 1, 1, {}}}), kNow + 1h);
  EXPECT_FALSE(record_->incomplete || is_pending(*record_, kNow + 1h));
}

TEST_F(LocFsmTest, ASmallerSampleOfTheSameWeekTakesNothingAway) {
  settings_.source = LocSource::kCommitHistory;
  give(sample({{"ann", 40, 3, {}}, {"bob", 5, 5, {}}, {"eve", 1, 1, {}}}));
  // A restart has forgotten the commits, the budget is nearly used up, and Eve's commit was taken back.
  give(sample({{"ann", 20, 9, {}}}, {"bob"}, false), kNow + 1h);
  EXPECT_EQ(record_->users, (Users{{"ann", 40, 9, {}}, {"bob", 5, 5, {}}, {"eve", 0, 0, kNow + 1h}}));
  EXPECT_TRUE(record_->incomplete);
  // A finished one has the last word.
  give(sample({{"ann", 20, 9, {}}, {"bob", 4, 4, {}}}), kNow + 2h);
  EXPECT_EQ(record_->users, (Users{{"ann", 20, 9, {}}, {"bob", 4, 4, {}}}));
}

TEST_F(LocFsmTest, TheNextWeeksSampleTakesNothingFromThisOne) {
  settings_.source = LocSource::kCommitHistory;
  give(sample({{"ann", 40, 3, {}}, {"bob", 5, 5, {}}}));
  const TimePoint later = kThisWeek + 2 * kWeek;
  give(sample({{"ann", 1, 1, {}}}, {"bob"}, false, kThisWeek + kWeek), later);
  EXPECT_EQ(record_->users, (Users{{"ann", 1, 1, {}}}));  // Bob has commits, but nobody knows their lines
  EXPECT_EQ(record_->week, kThisWeek + kWeek);
}

TEST_F(LocFsmTest, ASampleThatSawNothingLeavesWhatIsShown) {
  settings_.source = LocSource::kCommitHistory;
  give(sample({{"ann", 40, 3, {}}}));
  const TimePoint later = kThisWeek + 2 * kWeek;
  give(sample({}, {"ann"}, false, kThisWeek + kWeek), later);
  EXPECT_EQ(record_->users, (Users{{"ann", 40, 3, {}}}));
  EXPECT_EQ(record_->week, kThisWeek);
  EXPECT_TRUE(is_pending(*record_, later));
  give(sample({}, {}, true, kThisWeek + kWeek), later + 1h);  // nobody had commits
  EXPECT_EQ(record_->users, (Users{{"ann", 0, 0, later + 1h}}));
  EXPECT_FALSE(record_->incomplete);
}

TEST_F(LocFsmTest, WhatTheLimitCutsOffIsTruncatedAndComplete) {
  settings_.fallback_enabled = true;
  answer(statistics({}, 2));
  give(sample({{"ann", 40, 3, {}}}, {"bob"}));
  EXPECT_TRUE(record_->incomplete);
  EXPECT_FALSE(is_pending(*record_, kNow));
  EXPECT_TRUE(is_truncated(*record_, kThisWeek));
  EXPECT_FALSE(is_truncated(*record_, kThisWeek + kWeek));
}

TEST_F(LocFsmTest, SettlingANewWeekMakesEverybodyZeroAndIsNoQuestion) {
  answer(statistics({{"ann", 12, 5, {}}}));
  const TimePoint rollover = kThisWeek + 2 * kWeek;
  const LocRecord record = settled(*record_, settings_, rollover);
  EXPECT_EQ(record.week, kThisWeek + kWeek);
  EXPECT_EQ(record.users, (Users{{"ann", 0, 0, rollover}}));
  EXPECT_EQ(record.asked_at, kNow);
  EXPECT_EQ(record.refreshed_at, kNow);
  EXPECT_EQ(due_step(&record, settings_, kNow - 20 * 24h, rollover), LocStep::kAskStatistics);  // older than a day
  EXPECT_EQ(due_step(&record, settings_, kNow - 20 * 24h, kNow + 23h), LocStep::kNothing);
}

TEST_F(LocFsmTest, AnswersAfterAClockThatWasAheadAreTakenByTheStore) {
  answer(statistics({{"ann", 12, 5, {}}}), kNow + 1000h);
  answer(statistics({{"ann", 13, 5, {}}}), kNow);
  EXPECT_EQ(record_->asked_at, kNow + 1000h);
  EXPECT_EQ(record_->refreshed_at, kNow);
  EXPECT_FALSE(is_pending(*record_, kNow));
}

// Six weeks of cycles, pushes and answers of every kind, by chance.
TEST_F(LocFsmTest, NeitherAsksTooOftenNorForgetsARepository) {
  std::mt19937 random(20261125);
  const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
  TimePoint pushed_at = kNow - 1h;
  std::optional<TimePoint> last_question;
  std::map<std::int64_t, int> questions;  // by day
  TimePoint answered_at{};
  for (TimePoint at = kNow; at < kNow + 6 * kWeek; at += 5min) {
    if (chance(1)) pushed_at = at - 2min;
    const LocStep step = due_step(record_ ? &*record_ : nullptr, settings_, pushed_at, at);
    if (step == LocStep::kSettle) record_ = settled(*record_, settings_, at);
    if (step == LocStep::kAskStatistics) {
      if (last_question) ASSERT_GE(at - *last_question, 5min);
      last_question = at;
      ++questions[to_unix_seconds(at) / 86'400];
      LocFsm fsm = ask(at);
      if (chance(50)) {
        fsm.on_computing();
      } else if (chance(20)) {
        fsm.on_statistics_failed();
      } else if (chance(5)) {
        fsm.on_refused(at);
      } else {
        fsm.on_statistics(statistics({{"ann", 1, 1, {}}}, 0, latest_complete_week(at)), at);
        answered_at = at;
      }
      record_ = fsm.record();
    }
    ASSERT_TRUE(record_);
    EXPECT_EQ(record_->asked_at, *last_question);
    // An answer is never older than a day, and the time that asking takes or a refusal lasts.
    EXPECT_LT(at - record_->refreshed_at, 24h + 6h);
    if (answered_at >= latest_complete_week(at) + kWeek) {
      EXPECT_EQ(record_->week, latest_complete_week(at));
    }
  }
  for (const auto& [day, count] : questions) EXPECT_LT(count, 80) << day;
  EXPECT_GE(questions.size(), 41U);
}

}  // namespace
}  // namespace ghstats::activity
