#include "activity/changes/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000);
const TimePoint kOldest = kNow - 25h;
constexpr RepoId kOne{1};
constexpr RepoId kTwo{2};
constexpr PerAspect<bool> kAll{true, true, true};
constexpr PerAspect<bool> kNoPulls{true, false, true};

ReconcileEnd ended(std::vector<Reconciled> repositories, TimePoint began = kNow) {
  return {.began = began,
          .latest_credible = kNow + 1min,
          .oldest = kOldest,
          .repositories = std::move(repositories),
          .left = {}};
}

Coverage covered(TimePoint until = kNow - 15min) {
  return {.until = until, .members = {{kOne, {}}, {kTwo, {}}}};
}

std::optional<TimePoint> pulls_of(const Coverage& coverage, RepoId id) {
  return collected_until(coverage, id, Aspect::kPulls, kNow + 1min);
}

TEST(Coverage, SpeaksForMembersOnly) {
  EXPECT_EQ(pulls_of(covered(), kOne), kNow - 15min);
  EXPECT_FALSE(pulls_of(covered(), RepoId{3}));
  EXPECT_FALSE(pulls_of({}, kOne));
}

TEST(Coverage, AReconcileWithoutMissesMovesOnlyTheWatermark) {
  const CoverageStep step = after_reconcile(covered(), ended({{kOne, kAll}, {kTwo, kAll}}));
  EXPECT_TRUE(step.moved);
  EXPECT_EQ(step.now.until, kNow);
  EXPECT_EQ(step.continues, kNow - 15min);
  EXPECT_TRUE(step.changed.empty());
  EXPECT_TRUE(step.left.empty());
}

TEST(Coverage, WhatWasMissedStaysWhereItWasUntilItIsCollected) {
  CoverageStep step = after_reconcile(covered(), ended({{kOne, kNoPulls}, {kTwo, kAll}}));
  EXPECT_EQ(step.changed, std::vector{kOne});
  EXPECT_EQ(pulls_of(step.now, kOne), kNow - 15min);
  EXPECT_EQ(pulls_of(step.now, kTwo), kNow);
  EXPECT_EQ(collected_until(step.now, kOne, Aspect::kIssues, kNow), kNow);
  step = after_reconcile(step.now, ended({{kOne, kNoPulls}, {kTwo, kAll}}, kNow + 30s));
  EXPECT_EQ(pulls_of(step.now, kOne), kNow - 15min);
  step = after_reconcile(step.now, ended({{kOne, kAll}, {kTwo, kAll}}, kNow + 40s));
  EXPECT_EQ(pulls_of(step.now, kOne), kNow + 40s);
  EXPECT_EQ(step.changed, std::vector{kOne});
}

TEST(Coverage, AMemberThatWasNotSeenFallsBehind) {
  const CoverageStep step = after_reconcile(covered(), ended({{kOne, kAll}}));
  for (const Aspect aspect : kAspects) {
    EXPECT_EQ(collected_until(step.now, kTwo, aspect, kNow), kNow - 15min);
  }
}

TEST(Coverage, ANewRepositoryJoinsWithWhatWasCollected) {
  const CoverageStep step = after_reconcile(covered(), ended({{kOne, kAll}, {kTwo, kAll}, {RepoId{3}, kNoPulls}}));
  EXPECT_EQ(step.changed, std::vector{RepoId{3}});
  EXPECT_FALSE(pulls_of(step.now, RepoId{3}));
  EXPECT_EQ(collected_until(step.now, RepoId{3}, Aspect::kCommits, kNow), kNow);
  EXPECT_FALSE(after_reconcile(covered(), ended({{RepoId{4}, {}}})).now.members.contains(RepoId{4}));
}

TEST(Coverage, WhoLeftAndComesBackIsNew) {
  ReconcileEnd end = ended({{kOne, kAll}});
  end.left = {kTwo, RepoId{9}};
  const CoverageStep step = after_reconcile(covered(), end);
  EXPECT_EQ(step.left, std::vector{kTwo});
  EXPECT_FALSE(pulls_of(step.now, kTwo));
}

TEST(Coverage, TheWatermarkNeverGoesBack) {
  const CoverageStep step =
      after_reconcile(covered(kNow), ended({{kOne, kAll}, {kTwo, kNoPulls}, {RepoId{3}, kAll}}, kNow - 5min));
  EXPECT_FALSE(step.moved);
  EXPECT_EQ(pulls_of(step.now, kOne), kNow);
  EXPECT_EQ(pulls_of(step.now, kTwo), kNow) << "claimed before, and still true";
  EXPECT_EQ(pulls_of(step.now, RepoId{3}), kNow - 5min) << "not collected any further";
}

TEST(Coverage, AWatermarkFromTheFutureCountsAsNone) {
  const Coverage wrong = covered(kNow + 72h);
  EXPECT_FALSE(pulls_of(wrong, kOne));
  const CoverageStep step = after_reconcile(wrong, ended({{kOne, kAll}, {kTwo, kNoPulls}}));
  EXPECT_EQ(step.now.until, kNow);
  EXPECT_FALSE(step.continues);
  EXPECT_FALSE(pulls_of(step.now, kTwo));
}

TEST(Coverage, ClaimsNothingAheadOfAllClocks) {
  const CoverageStep step = after_reconcile(covered(), ended({{kOne, kAll}, {kTwo, kAll}}, kNow + 72h));
  EXPECT_EQ(step.now.until, kNow + 1min);
}

TEST(Coverage, AfterAGapItBeginsAnew) {
  EXPECT_FALSE(after_reconcile(covered(kNow - 30h), ended({{kOne, kAll}})).continues);
  EXPECT_FALSE(after_reconcile({}, ended({{kOne, kAll}})).continues);
}

TEST(Coverage, StaysWhenTooManyAreBehind) {
  Coverage before{.until = kNow - 15min, .members = {}};
  for (std::size_t i = 0; i <= kMostBehind; ++i) before.members[RepoId{i}] = {};
  std::vector<Reconciled> all_but_one;
  for (std::size_t i = 0; i <= kMostBehind; ++i) all_but_one.push_back({RepoId{i}, i == 0 ? kAll : kNoPulls});
  EXPECT_TRUE(after_reconcile(before, ended(all_but_one)).moved);
  all_but_one.front().collected = kNoPulls;
  const CoverageStep step = after_reconcile(before, ended(all_but_one));
  EXPECT_FALSE(step.moved);
  EXPECT_EQ(step.now, before);
}

TEST(Coverage, AWorkerCatchesUpForOneThatIsBehind) {
  Coverage coverage = after_reconcile(covered(), ended({{kOne, kNoPulls}, {kTwo, kAll}})).now;
  EXPECT_FALSE(caught_up(coverage, kTwo, Aspect::kPulls, kNow + 5min)) << "it is not behind";
  EXPECT_FALSE(caught_up(coverage, kOne, Aspect::kPulls, kNow - 20min)) << "nothing new";
  EXPECT_TRUE(caught_up(coverage, kOne, Aspect::kPulls, kNow - 5min));
  EXPECT_EQ(pulls_of(coverage, kOne), kNow - 5min);
  EXPECT_TRUE(caught_up(coverage, kOne, Aspect::kPulls, kNow + 5min));
  EXPECT_EQ(pulls_of(coverage, kOne), kNow);
  EXPECT_FALSE(coverage.members.at(kOne).is_behind());
}

TEST(Coverage, AListingBeginsASettledTimeEarlierAndNeverBeforeWhatIsSeen) {
  EXPECT_EQ(list_since(kNow, kOldest), kNow - kSettled);
  EXPECT_EQ(list_since(kOldest, kOldest), kOldest);
  EXPECT_EQ(list_since(std::nullopt, kOldest), kOldest);
}

TEST(Coverage, EveryFamilyIsFoundInSomeAspect) {
  using kinds::CollectionFamily;
  for (const CollectionFamily family : kinds::kAllFamilies) {
    EXPECT_TRUE(std::ranges::any_of(kAspects, [&](Aspect aspect) { return shows(aspect, family); }));
  }
  EXPECT_TRUE(shows(Aspect::kPulls, CollectionFamily::kIssueComments));
  EXPECT_TRUE(shows(Aspect::kIssues, CollectionFamily::kIssueComments));
  EXPECT_TRUE(shows(Aspect::kIssues, CollectionFamily::kIssues));
  EXPECT_FALSE(shows(Aspect::kPulls, CollectionFamily::kIssues));
  EXPECT_FALSE(shows(Aspect::kIssues, CollectionFamily::kReviews));
  EXPECT_FALSE(shows(Aspect::kPulls, CollectionFamily::kCommits));
}

}  // namespace
}  // namespace ghstats::activity
