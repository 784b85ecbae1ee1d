#include "activity/known_pushes.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

github::Repository listed(std::optional<TimePoint> pushed_at, std::string branch = "main") {
  github::Repository out;
  out.id = RepoId{1};
  out.default_branch = std::move(branch);
  out.pushed_at = pushed_at;
  return out;
}

TEST(KnownPushes, NothingIsKnownOfARepositoryNeverCollected) {
  const KnownPushes pushes(120s);
  EXPECT_FALSE(pushes.nothing_new(listed(kNow - 1h), kNow));
}

TEST(KnownPushes, SparesWhatWasNotPushedSince) {
  KnownPushes pushes(120s);
  pushes.collected(listed(kNow - 1h), kNow);
  EXPECT_TRUE(pushes.nothing_new(listed(kNow - 1h), kNow));
  EXPECT_TRUE(pushes.nothing_new(listed(kNow - 1h), kNow + 5min));
  EXPECT_FALSE(pushes.nothing_new(listed(kNow + 1s), kNow));
}

TEST(KnownPushes, APushStillFreshWhenItWasListedIsAskedForAgain) {
  KnownPushes pushes(120s);
  pushes.collected(listed(kNow - 1h), kNow - 10min);
  pushes.collected(listed(kNow - 120s), kNow);
  EXPECT_FALSE(pushes.nothing_new(listed(kNow - 120s), kNow));
  pushes.collected(listed(kNow - 120s), kNow + 1s);
  EXPECT_TRUE(pushes.nothing_new(listed(kNow - 120s), kNow + 1s));
}

TEST(KnownPushes, AnotherDefaultBranchHasOtherCommits) {
  KnownPushes pushes(120s);
  pushes.collected(listed(kNow - 1h), kNow);
  EXPECT_FALSE(pushes.nothing_new(listed(kNow - 1h, "develop"), kNow));
}

TEST(KnownPushes, AStoreThatForgotIsToldAgain) {
  KnownPushes pushes(120s);
  pushes.collected(listed(kNow - 1h), kNow);
  EXPECT_FALSE(pushes.nothing_new(listed(kNow - 1h), std::nullopt));
  EXPECT_FALSE(pushes.nothing_new(listed(kNow - 1h), kNow - 1s));
}

TEST(KnownPushes, AnEmptyRepositoryIsSparedUntilItsFirstPush) {
  KnownPushes pushes(120s);
  pushes.collected(listed(std::nullopt), kNow);
  EXPECT_TRUE(pushes.nothing_new(listed(std::nullopt), kNow));
  EXPECT_FALSE(pushes.nothing_new(listed(kNow), kNow));
}

}  // namespace
}  // namespace ghstats::activity
