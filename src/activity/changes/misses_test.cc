#include "activity/changes/misses.h"

#include <gmock/gmock.h>

#include "activity/changes/delivery.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "base/time_format.h"
#include "store/memory_store.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using enum store::CollectionFamily;
using ::testing::ElementsAre;
using ::testing::SizeIs;

const TimePoint kNow = from_unix_seconds(1'790'000'000);
constexpr RepoId kOne{1};

class MissesTest : public ::testing::Test {
 protected:
  MissesTest() { names_.name(kOne, "alpha"); }

  [[nodiscard]] MissContext context() const {
    return {.org = "acme",
            .families = families_,
            .before = before_,
            .oldest = kNow - 25h,
            .now = kNow,
            .latest_credible = kNow + 1min};
  }
  std::vector<work::Miss> of_list(Aspect aspect, ErrorCode code) {
    return misses_of(context(), {}, {{kOne, aspect, {code, "no"}}}, names_);
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_{kNow};
  std::unique_ptr<store::MetricStore> store_ = store::make_memory_store(io_.get_executor(), clock_, {});
  Delivery names_{*store_, {}, "acme"};
  Families families_ = {kCommits, kPullRequests, kReviews, kIssueComments};
  Coverage before_{.until = kNow - 15min, .members = {{kOne, {}}}};
};

TEST_F(MissesTest, NameTheFamiliesAndTheWindowThatIsNotClaimed) {
  const auto misses = of_list(Aspect::kPulls, ErrorCode::kUnavailable);
  ASSERT_THAT(misses, SizeIs(1));
  EXPECT_EQ(misses[0].repo, "alpha");
  EXPECT_EQ(misses[0].repo_id, kOne);
  EXPECT_THAT(misses[0].families, ElementsAre(kPullRequests, kReviews, kIssueComments));
  EXPECT_EQ(misses[0].reason, work::Reason::kActivityPullsFailed);
  EXPECT_EQ(misses[0].window.begin, kNow - 15min);
  EXPECT_EQ(misses[0].window.end, kNow);
  EXPECT_FALSE(misses[0].is_final);
}

TEST_F(MissesTest, OfWhatIsClaimedOfNobodyBeginWithTheOldestThatCanBeSeen) {
  before_.members[kOne].behind = {false, true, false};
  EXPECT_EQ(of_list(Aspect::kPulls, ErrorCode::kUnavailable)[0].window.begin, kNow - 25h);
  EXPECT_EQ(of_list(Aspect::kIssues, ErrorCode::kUnavailable)[0].window.begin, kNow - 15min);
}

TEST_F(MissesTest, WhatMayNotBeReadIsFinalAndALimitIsNot) {
  EXPECT_TRUE(of_list(Aspect::kCommits, ErrorCode::kPermissionDenied)[0].is_final);
  const auto limited = of_list(Aspect::kCommits, ErrorCode::kRateLimited);
  EXPECT_FALSE(limited[0].is_final);
  EXPECT_EQ(limited[0].reason, work::Reason::kRateLimited);
}

TEST_F(MissesTest, AHeadIsAboutEverything) {
  const auto misses = misses_of(context(), {{kOne, {ErrorCode::kTimeout, "slow"}, "renamed"}}, {}, names_);
  ASSERT_THAT(misses, SizeIs(1));
  EXPECT_EQ(misses[0].families, families_);
  EXPECT_EQ(misses[0].repo, "renamed") << "as it was told now";
}

TEST_F(MissesTest, FamiliesThatAreNotCollectedAreNotMissed) {
  families_ = {kCommits};
  EXPECT_THAT(of_list(Aspect::kPulls, ErrorCode::kUnavailable), SizeIs(0));
}

// A job names what it is about (docs/queue.md).
TEST_F(MissesTest, WhatHasNoNameIsMissedWithTheOrganisation) {
  const auto misses = misses_of(
      context(), {{RepoId{8}, {ErrorCode::kTimeout, "slow"}}, {kOne, {ErrorCode::kTimeout, "slow"}}}, {}, names_);
  ASSERT_THAT(misses, SizeIs(2));
  EXPECT_EQ(misses[0].repo, "alpha");
  EXPECT_TRUE(work::is_whole_organisation(misses[1]));
  EXPECT_FALSE(misses[1].repo_id);
}

TEST_F(MissesTest, WhatHasNoNameAndMayNotBeReadIsNobodysWork) {
  EXPECT_THAT(misses_of(context(), {{RepoId{8}, {ErrorCode::kPermissionDenied, "no"}}}, {}, names_), SizeIs(0));
}

TEST_F(MissesTest, VeryManyAreOneOfTheOrganisation) {
  std::vector<AskEnd::Refused> lists;
  for (std::uint64_t id = 1; id <= kMostMissedApart + 1; ++id) {
    lists.push_back({RepoId{id}, Aspect::kCommits, {ErrorCode::kUnavailable, "down"}});
  }
  const auto misses = misses_of(context(), {}, lists, names_);
  ASSERT_THAT(misses, SizeIs(1));
  EXPECT_TRUE(work::is_whole_organisation(misses[0]));
  EXPECT_EQ(misses[0].reason, work::Reason::kPartialScrapeError);
  EXPECT_EQ(misses[0].window.begin, kNow - 15min);
}

TEST_F(MissesTest, BeforeAnythingWasListedTheCycleItselfIsMissed) {
  const work::Miss miss = miss_of_all(context(), false, {ErrorCode::kUnavailable, "down"});
  EXPECT_EQ(miss.reason, work::Reason::kScrapeError);
  EXPECT_EQ(miss.families, families_);
  before_.until = kNow + 1h;  // a clock was wrong
  EXPECT_EQ(miss_of_all(context(), false, {}).window.begin, kNow - 25h);
}

}  // namespace
}  // namespace ghstats::activity
