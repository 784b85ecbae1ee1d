#include "activity/changes/heads_diff.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000);
const TimePoint kLast = kNow - 15min;  // the last reconcile
constexpr RepoId kRepo{1};

DiffRules rules() {
  return {.owner = "Acme", .now = kNow, .latest_credible = kNow + 1min, .windows = {}};
}

github::RepositoryHead head(std::string sha = "a", std::optional<TimePoint> pull = kNow - 3h,
                            std::optional<TimePoint> issue = kNow - 4h) {
  github::RepositoryHead out;
  out.node = "R_1";
  out.repository.id = kRepo;
  out.repository.full_name = "acme/widgets";
  out.repository.pushed_at = kNow - 2h;
  out.head = std::move(sha);
  out.pull_updated_at = pull;
  out.issue_updated_at = issue;
  return out;
}

KnownHeads known(std::string sha = "a") {
  return {{kRepo, KnownHead{.full_name = "acme/widgets",
                            .tip = CollectedTip{std::move(sha), kLast},
                            .pulls = CollectedUpdate{kNow - 3h, kLast},
                            .issues = CollectedUpdate{kNow - 4h, kLast}}}};
}

Coverage covered(TimePoint until = kLast) {
  return {.until = until, .members = {{kRepo, {}}}};
}

HeadsDiff reconcile(const KnownHeads& known, const github::RepositoryHead& seen, const Coverage& coverage) {
  return diff_for_reconcile(known, std::span(&seen, 1), coverage, rules());
}

TEST(HeadsDiff, AnUnchangedHeadIsAskedNothing) {
  EXPECT_TRUE(reconcile(known(), head(), covered()).asks.empty());
}

TEST(HeadsDiff, ANewRepositoryIsAskedForAllThatCanBeSeen) {
  const HeadsDiff diff = reconcile({}, head(), covered());
  ASSERT_EQ(diff.asks.size(), 1);
  EXPECT_TRUE(diff.asks[0].commits);
  EXPECT_EQ(diff.asks[0].newest, kNow - 2h);
  const HeadsDiff stranger = reconcile({}, head(), {});
  EXPECT_EQ(stranger.asks[0].pulls_since, kNow - 25h);
  EXPECT_EQ(stranger.asks[0].issues_since, kNow - 25h);
}

TEST(HeadsDiff, OfAPushOnlyCommitsAreAskedFor) {
  const HeadsDiff diff = reconcile(known(), head("b"), covered());
  ASSERT_EQ(diff.asks.size(), 1);
  EXPECT_TRUE(diff.asks[0].commits);
  EXPECT_FALSE(diff.asks[0].pulls_since);
  EXPECT_FALSE(diff.asks[0].issues_since);
}

TEST(HeadsDiff, UpdatesAreAskedForSinceTheClaim) {
  const HeadsDiff diff = reconcile(known(), head("a", kNow - 1min, kNow - 1min), covered());
  ASSERT_EQ(diff.asks.size(), 1);
  EXPECT_FALSE(diff.asks[0].commits);
  EXPECT_EQ(diff.asks[0].pulls_since, kLast - kSettled);
  EXPECT_EQ(diff.asks[0].issues_since, kLast - kSettled);
}

TEST(HeadsDiff, AnUpdateThatWasFreshWhenItWasCollectedIsAskedForAgain) {
  KnownHeads before = known();
  before[kRepo].pulls = CollectedUpdate{kLast - 10s, kLast};
  EXPECT_TRUE(reconcile(before, head("a", kLast - 10s), covered()).asks.at(0).pulls_since);
}

TEST(HeadsDiff, ASettledUpdateWithinTheOverlapIsNotAskedForAgain) {
  KnownHeads before = known();
  before[kRepo].pulls = CollectedUpdate{kLast - kSettled + 1s, kLast + 2s};
  Coverage coverage = covered(kLast + 2s);
  EXPECT_TRUE(reconcile(before, head("a", kLast - kSettled + 1s), coverage).asks.empty());
  before[kRepo].pulls.reset();
  EXPECT_EQ(reconcile(before, head("a", kLast - kSettled + 2s), coverage).asks.size(), 1);
}

TEST(HeadsDiff, AStoreThatForgotIsToldAgain) {
  const HeadsDiff diff = reconcile(known(), head(), covered(kLast - 5h));
  ASSERT_EQ(diff.asks.size(), 1);
  EXPECT_TRUE(diff.asks[0].commits);
  EXPECT_EQ(diff.asks[0].pulls_since, kLast - 5h - kSettled);
  EXPECT_TRUE(reconcile(known(), head(), {}).asks.at(0).commits);
}

TEST(HeadsDiff, AClaimFromTheFutureIsNotBelieved) {
  EXPECT_EQ(reconcile(known(), head(), covered(kNow + 72h)).asks.at(0).pulls_since, kNow - 25h);
}

TEST(HeadsDiff, WhatStayedBehindIsAskedForFromWhereItStayed) {
  Coverage coverage = covered();
  coverage.members[kRepo].behind[index_of(Aspect::kPulls)] = true;
  coverage.members[kRepo].until[index_of(Aspect::kPulls)] = kLast - 4h;
  const HeadsDiff diff = reconcile(known(), head(), coverage);
  EXPECT_EQ(diff.asks.at(0).pulls_since, kLast - 4h - kSettled);
  EXPECT_FALSE(diff.asks.at(0).commits);
}

TEST(HeadsDiff, AfterATakeoverOnlyWhatMayHaveChangedIsAskedFor) {
  EXPECT_FALSE(reconcile({}, head(), covered()).asks.at(0).pulls_since);
  EXPECT_TRUE(reconcile({}, head(), covered()).asks.at(0).commits) << "heads are not kept: a branch may have changed";
  github::RepositoryHead quiet = head();
  quiet.repository.pushed_at = kNow - 72h;
  EXPECT_TRUE(reconcile({}, quiet, covered()).asks.empty());
}

TEST(HeadsDiff, AnEmptyRepositoryHasNothing) {
  github::RepositoryHead empty = head();
  empty.head.reset();
  empty.pull_updated_at.reset();
  empty.issue_updated_at.reset();
  EXPECT_TRUE(reconcile({}, empty, {}).asks.empty());
}

TEST(HeadsDiff, KnowsRepositoriesByIdWhateverTheirName) {
  github::RepositoryHead renamed = head();
  renamed.repository.full_name = "acme/gadgets";
  EXPECT_EQ(reconcile(known(), renamed, covered()).renamed, std::vector{kRepo});
  EXPECT_TRUE(reconcile(known(), renamed, covered()).asks.empty());
  renamed.repository.full_name = "others/widgets";
  const HeadsDiff diff = reconcile(known(), renamed, covered());
  EXPECT_EQ(diff.elsewhere, std::vector{kRepo});
  EXPECT_TRUE(diff.asks.empty());
  renamed.repository.full_name = "ACME/widgets";
  EXPECT_TRUE(reconcile(known(), renamed, covered()).elsewhere.empty());
}

TEST(HeadsDiff, OneThatIsSeenTwiceCountsAsSeenLast) {
  const std::vector seen{head("a"), head("b")};
  const HeadsDiff diff = diff_for_reconcile(known(), seen, covered(), rules());
  ASSERT_EQ(diff.asks.size(), 1);
  EXPECT_TRUE(diff_for_reconcile(known("b"), seen, covered(), rules()).asks.empty());
}

HeadsDiff fast(const KnownHeads& known, const github::RepositoryHead& seen, const ToldUpdates& told) {
  return diff_for_fast_cycle(known, std::span(&seen, 1), covered(), told, rules());
}

TEST(HeadsDiff, AFastCycleDoesNotAskForWhatSearchTold) {
  const github::RepositoryHead seen = head("a", kNow - 1min);
  EXPECT_TRUE(fast(known(), seen, {}).asks.at(0).pulls_since);
  EXPECT_TRUE(fast(known(), seen, {{kRepo, {std::nullopt, kNow - 1min, std::nullopt}}}).asks.empty());
  EXPECT_EQ(fast(known(), seen, {{kRepo, {std::nullopt, kNow - 2min, std::nullopt}}}).asks.size(), 1);
}

TEST(HeadsDiff, AFastCycleReadsAPushOnceAndAReconcileReadsItAgain) {
  KnownHeads before = known();
  before[kRepo].fast_tip = "b";
  EXPECT_TRUE(fast(before, head("b"), {}).asks.empty());
  EXPECT_TRUE(fast(before, head("c"), {}).asks.at(0).commits);
  EXPECT_TRUE(reconcile(before, head("b"), covered()).asks.at(0).commits);
}

TEST(HeadsDiff, WhatASweepDidNotShowIsToBeAskedFor) {
  const std::vector<github::RepositoryHead> none;
  EXPECT_EQ(unseen(known(), {}, none), std::vector{kRepo});
  EXPECT_EQ(unseen({}, covered(), none), std::vector{kRepo}) << "after a takeover";
  const std::vector one{head()};
  EXPECT_TRUE(unseen(known(), covered(), one).empty());
}

}  // namespace
}  // namespace ghstats::activity
