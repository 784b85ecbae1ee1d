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
  return {.began = began, .latest_credible = kNow + 1min, .repositories = std::move(repositories), .left = {}};
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
  const Coverage now = after_reconcile(covered(), ended({{kOne, kAll}, {kTwo, kAll}}));
  EXPECT_EQ(now, covered(kNow));
}

TEST(Coverage, WhatWasMissedStaysWhereItWasUntilItIsCollected) {
  Coverage now = after_reconcile(covered(), ended({{kOne, kNoPulls}, {kTwo, kAll}}));
  EXPECT_EQ(pulls_of(now, kOne), kNow - 15min);
  EXPECT_EQ(pulls_of(now, kTwo), kNow);
  EXPECT_EQ(collected_until(now, kOne, Aspect::kIssues, kNow), kNow);
  now = after_reconcile(now, ended({{kOne, kNoPulls}, {kTwo, kAll}}, kNow + 30s));
  EXPECT_EQ(pulls_of(now, kOne), kNow - 15min);
  now = after_reconcile(now, ended({{kOne, kAll}, {kTwo, kAll}}, kNow + 40s));
  EXPECT_EQ(pulls_of(now, kOne), kNow + 40s);
}

TEST(Coverage, AMemberThatWasNotSeenFallsBehind) {
  const Coverage now = after_reconcile(covered(), ended({{kOne, kAll}}));
  for (const Aspect aspect : kAspects) {
    EXPECT_EQ(collected_until(now, kTwo, aspect, kNow), kNow - 15min);
  }
}

TEST(Coverage, ANewRepositoryJoinsWithWhatWasCollected) {
  const Coverage now = after_reconcile(covered(), ended({{kOne, kAll}, {kTwo, kAll}, {RepoId{3}, kNoPulls}}));
  EXPECT_FALSE(pulls_of(now, RepoId{3}));
  EXPECT_EQ(collected_until(now, RepoId{3}, Aspect::kCommits, kNow), kNow);
  const Coverage none = after_reconcile(covered(), ended({{RepoId{4}, {}}}));
  EXPECT_TRUE(none.members.at(RepoId{4}).is_behind());
  EXPECT_FALSE(pulls_of(none, RepoId{4}));
}

TEST(Coverage, WhoLeftAndComesBackIsNew) {
  ReconcileEnd end = ended({{kOne, kAll}});
  end.left = {kTwo, RepoId{9}};
  const Coverage now = after_reconcile(covered(), end);
  EXPECT_EQ(now.members.size(), 1U);
  EXPECT_FALSE(pulls_of(now, kTwo));
}

TEST(Coverage, TheWatermarkNeverGoesBack) {
  const Coverage now =
      after_reconcile(covered(kNow), ended({{kOne, kAll}, {kTwo, kNoPulls}, {RepoId{3}, kAll}}, kNow - 5min));
  EXPECT_EQ(now.until, kNow);
  EXPECT_EQ(pulls_of(now, kOne), kNow);
  EXPECT_EQ(pulls_of(now, kTwo), kNow) << "claimed before, and still true";
  EXPECT_EQ(pulls_of(now, RepoId{3}), kNow - 5min) << "not collected any further";
}

TEST(Coverage, AWatermarkFromTheFutureCountsAsNone) {
  const Coverage wrong = covered(kNow + 72h);
  EXPECT_FALSE(pulls_of(wrong, kOne));
  const Coverage now = after_reconcile(wrong, ended({{kOne, kAll}, {kTwo, kNoPulls}}));
  EXPECT_EQ(now.until, kNow);
  EXPECT_FALSE(pulls_of(now, kTwo));
}

TEST(Coverage, ClaimsNothingAheadOfAllClocks) {
  const Coverage now = after_reconcile(covered(), ended({{kOne, kAll}, {kTwo, kAll}}, kNow + 72h));
  EXPECT_EQ(now.until, kNow + 1min);
}

TEST(Coverage, StaysWhenTooManyAreBehind) {
  Coverage before{.until = kNow - 15min, .members = {}};
  for (std::size_t i = 0; i <= kMostBehind; ++i) before.members[RepoId{i}] = {};
  std::vector<Reconciled> all_but_one;
  for (std::size_t i = 0; i <= kMostBehind; ++i) all_but_one.push_back({RepoId{i}, i == 0 ? kAll : kNoPulls});
  EXPECT_EQ(after_reconcile(before, ended(all_but_one)).until, kNow);
  all_but_one.front().collected = kNoPulls;
  const Coverage now = after_reconcile(before, ended(all_but_one));
  EXPECT_EQ(now, before);
}

TEST(Coverage, AWorkerCatchesUpForOneThatIsBehind) {
  Coverage coverage = after_reconcile(covered(), ended({{kOne, kNoPulls}, {kTwo, kAll}}));
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

// Checkpoints of some families of a repository.
std::vector<store::Checkpoint> checkpoints(RepoId repository, std::vector<store::CollectionFamily> families,
                                           TimePoint until) {
  std::vector<store::Checkpoint> out;
  for (const auto family : families) out.push_back({.repo = repository, .family = family, .collected_until = until});
  return out;
}

TEST(Coverage, AnAspectCatchesUpWithTheLeastOfItsFamilies) {
  using enum store::CollectionFamily;
  const std::vector wanted{kCommits, kPullRequests, kReviews, kIssueComments};
  Coverage behind = covered();
  behind.members[kOne] = {.behind = {true, true, true}, .until = {}};
  auto told = checkpoints(kOne, {kCommits, kPullRequests, kReviews}, kNow - 20min);
  catch_up(behind, told, wanted, kNow + 1min);
  EXPECT_EQ(collected_until(behind, kOne, Aspect::kCommits, kNow), kNow - 20min);
  EXPECT_FALSE(pulls_of(behind, kOne)) << "comments are not there";
  told.push_back({.repo = kOne, .family = kIssueComments, .collected_until = kNow - 40min});
  catch_up(behind, told, wanted, kNow + 1min);
  EXPECT_EQ(pulls_of(behind, kOne), kNow - 40min);
  catch_up(behind, checkpoints(kOne, wanted, kNow - 5min), wanted, kNow + 1min);
  EXPECT_FALSE(behind.members[kOne].is_behind());
}

TEST(Coverage, ACheckpointOfATimeThatHasNotComeSaysNothing) {
  using enum store::CollectionFamily;
  Coverage behind = covered();
  behind.members[kOne] = {.behind = {true, false, false}, .until = {}};
  catch_up(behind, checkpoints(kOne, {kCommits}, kNow + 2h), {kCommits}, kNow + 1min);
  EXPECT_TRUE(behind.members[kOne].is_behind());
}

TEST(Coverage, AFamilySwitchedOnUnclaimsTheAspectsThatShowIt) {
  Coverage claimed = covered();
  kinds::FamilySwitches wanted = kinds::kDefaultFamilies;
  unclaim_new_families(claimed, kinds::kDefaultFamilies, wanted);
  EXPECT_EQ(claimed, covered());
  wanted[static_cast<std::size_t>(store::CollectionFamily::kReviewComments)] = true;
  unclaim_new_families(claimed, kinds::kDefaultFamilies, wanted);
  EXPECT_FALSE(pulls_of(claimed, kOne));
  EXPECT_TRUE(collected_until(claimed, kOne, Aspect::kCommits, kNow));
  EXPECT_TRUE(collected_until(claimed, kTwo, Aspect::kIssues, kNow));
  claimed = covered();
  unclaim_new_families(claimed, wanted, kinds::kDefaultFamilies);
  EXPECT_EQ(claimed, covered()) << "one switched off takes nothing away";
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
