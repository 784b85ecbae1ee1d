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

}  // namespace
}  // namespace ghstats::activity
