#include "activity/collection_window.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using store::CollectionFamily;

const TimePoint kNow = from_unix_seconds(1'790'000'123);

TEST(CollectionWindow, CommitsAlwaysReachBackOverTheWholeWindowFromAFullHour) {
  const TimePoint since = collect_since({}, CollectionFamily::kCommits, kNow - 1min, kNow);
  EXPECT_LE(since, kNow - 25h);
  EXPECT_GT(since, kNow - 26h);
  EXPECT_EQ(to_unix_seconds(since) % 3600, 0);
  EXPECT_EQ(since, collect_since({}, CollectionFamily::kCommits, std::nullopt, kNow + 1min));
}

TEST(CollectionWindow, OtherFamiliesGoOnFromTheCheckpointWithOverlap) {
  const auto since = [](std::optional<TimePoint> checkpoint) {
    return collect_since({}, CollectionFamily::kIssueComments, checkpoint, kNow);
  };
  EXPECT_EQ(since(std::nullopt), kNow - 25h);
  EXPECT_EQ(since(kNow - 10min), kNow - 12min);
  EXPECT_EQ(since(kNow - 100h), kNow - 25h);
  EXPECT_EQ(since(kNow + 100h), kNow - 2min);
}

TEST(CollectionWindow, APushLongPastLeavesNoCommitToBeSeen) {
  const WindowPolicy policy;
  const TimePoint now = from_unix_seconds(1'790'000'000);
  EXPECT_TRUE(pushed_too_long_ago(policy, std::nullopt, now));
  EXPECT_FALSE(pushed_too_long_ago(policy, now, now));
  // 25 h are visible, 2 min is what GitHub's servers may lag, and a committer's clock may be a day ahead.
  const auto limit = std::chrono::hours{49} + std::chrono::minutes{2};
  EXPECT_FALSE(pushed_too_long_ago(policy, now - limit, now));
  EXPECT_TRUE(pushed_too_long_ago(policy, now - limit - std::chrono::seconds{1}, now));
}

}  // namespace
}  // namespace ghstats::activity
