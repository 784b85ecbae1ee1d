#include "github/credentials/installation_fsm.h"

#include <gtest/gtest.h>

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using Step = InstallationFsm::Step;

const TimePoint kStart = from_unix_seconds(1'790'000'000);

Token token(std::string value, TimePoint created, std::chrono::seconds life = 1h) {
  return {std::move(value), created, created + life};
}

TEST(InstallationFsm, MintsFirstAndFiveMinutesBeforeExpiry) {
  InstallationFsm fsm;
  EXPECT_EQ(fsm.next(kStart), Step::kMint);
  fsm.minted(token("a", kStart), kStart, kStart);
  EXPECT_EQ(fsm.next(kStart), Step::kUse);
  EXPECT_EQ(fsm.current().value, "a");
  EXPECT_EQ(fsm.next(kStart + 55min - 1s), Step::kUse);
  EXPECT_EQ(fsm.next(kStart + 55min), Step::kMint);
}

TEST(InstallationFsm, GoesOnWithTheOldTokenWhileNoNewOneIsToBeHad) {
  InstallationFsm fsm;
  fsm.mint_failed(kStart);
  EXPECT_EQ(fsm.next(kStart), Step::kMint);
  fsm.minted(token("a", kStart), kStart, kStart);
  fsm.mint_failed(kStart + 55min);
  EXPECT_EQ(fsm.next(kStart + 56min - 1s), Step::kUse);
  EXPECT_EQ(fsm.next(kStart + 56min), Step::kMint);
  fsm.mint_failed(kStart + 59min + 30s);
  EXPECT_EQ(fsm.next(kStart + 60min - 1s), Step::kUse);
  EXPECT_EQ(fsm.next(kStart + 60min), Step::kMint);
  fsm.mint_failed(kStart + 60min);
  EXPECT_EQ(fsm.next(kStart + 60min), Step::kMint);
}

TEST(InstallationFsm, UsesAShortLivedTokenForHalfItsLife) {
  InstallationFsm fsm;
  fsm.minted(token("a", kStart, 60s), kStart, kStart);
  EXPECT_EQ(fsm.next(kStart + 29s), Step::kUse);
  EXPECT_EQ(fsm.next(kStart + 30s), Step::kMint);
}

TEST(InstallationFsm, UsesATokenThatIsBornExpiredForAMinuteAndSaysHowFarTheClocksAreApart) {
  for (const std::chrono::seconds life : {-400h, -1h, 0h}) {
    InstallationFsm fsm;
    fsm.minted(token("a", kStart, life), kStart, kStart);
    EXPECT_EQ(fsm.clock_ahead(), 1h - life);
    EXPECT_EQ(fsm.next(kStart + 60s - 1ms), Step::kUse);
    EXPECT_EQ(fsm.next(kStart + 60s), Step::kMint);
    fsm.minted(token("b", kStart + 60s), kStart + 60s, kStart + 60s);
    EXPECT_EQ(fsm.clock_ahead(), std::nullopt);
    EXPECT_EQ(fsm.next(kStart + 50min), Step::kUse);
  }
}

TEST(InstallationFsm, ExpiryDoesNotDependOnTheDifferenceOfTheClocks) {
  for (const auto ahead : {-30min, 0min, 30min}) {
    InstallationFsm fsm;
    const TimePoint github = kStart + ahead;
    fsm.minted({"a", kStart, github + 1h}, github, kStart);
    EXPECT_EQ(fsm.next(kStart + 55min - 1s), Step::kUse);
    EXPECT_EQ(fsm.next(kStart + 55min), Step::kMint);
  }
}

TEST(InstallationFsm, ForgetsTheTokenThatWasRejectedAndNoOther) {
  InstallationFsm fsm;
  const Token a = token("a", kStart);
  fsm.minted(a, kStart, kStart);
  fsm.rejected(token("older", kStart), kStart + 10min);
  EXPECT_EQ(fsm.next(kStart + 10min), Step::kUse);
  fsm.rejected(a, kStart + 10min);
  EXPECT_EQ(fsm.next(kStart + 10min), Step::kMint);
}

TEST(InstallationFsm, PausesAfterTwoFreshTokensWereRejectedInARow) {
  InstallationFsm fsm;
  TimePoint now = kStart;
  const auto mint_and_reject = [&](std::string name, std::chrono::seconds age) {
    const Token t = token(std::move(name), now);
    fsm.minted(t, now, now);
    now += age;
    fsm.rejected(t, now);
  };
  mint_and_reject("a", 1s);
  EXPECT_EQ(fsm.next(now), Step::kMint);
  mint_and_reject("b", 1s);
  EXPECT_EQ(fsm.next(now), Step::kRefuse);
  EXPECT_EQ(fsm.next(now + 59s), Step::kRefuse);
  now += 60s;
  EXPECT_EQ(fsm.next(now), Step::kMint);
  mint_and_reject("c", 1s);
  EXPECT_EQ(fsm.next(now), Step::kRefuse);
  now += 60s;
  mint_and_reject("d", 10min);  // worked for a while
  EXPECT_EQ(fsm.next(now), Step::kMint);
  mint_and_reject("e", 1s);
  EXPECT_EQ(fsm.next(now), Step::kMint);
}

}  // namespace
}  // namespace ghstats::github
