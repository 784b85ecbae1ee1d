#include "base/remote_clock.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace ghstats {
namespace {

using namespace std::chrono_literals;
using testing::FakeClock;

class RemoteClockTest : public ::testing::Test {
 protected:
  // An answer that took two seconds and says that it was made at our now + `ahead`.
  void hear(std::chrono::nanoseconds ahead) {
    const SteadyPoint asked = ours_.steady_now();
    const TimePoint said = ours_.now() + 1s + ahead;
    ours_.advance(2s);
    remote_.heard(said, asked, ours_.steady_now(), ours_.now());
  }
  [[nodiscard]] std::chrono::nanoseconds ahead() const { return remote_.now(ours_.steady_now()).value() - ours_.now(); }

  FakeClock ours_;
  RemoteClock remote_;
};

TEST_F(RemoteClockTest, NothingIsKnownBeforeItSaidAnything) {
  EXPECT_EQ(remote_.now(ours_.steady_now()), std::nullopt);
  EXPECT_EQ(remote_.own_lead(ours_.now(), ours_.steady_now()), std::nullopt);
}

TEST_F(RemoteClockTest, AnAnswerWasMadeInTheMiddleOfItsExchange) {
  hear(0s);
  EXPECT_EQ(ahead(), 0s);
  hear(5min);
  hear(5min);
  EXPECT_EQ(ahead(), 5min);
  EXPECT_EQ(remote_.own_lead(ours_.now(), ours_.steady_now()), -5min);
}

TEST_F(RemoteClockTest, OneWrongAnswerMovesNothingAndMostOfThemDo) {
  for (int i = 0; i < 6; ++i) hear(0s);
  for (int i = 0; i < 3; ++i) hear(i == 0 ? -24h * 400 : 24h * 3);
  EXPECT_EQ(ahead(), 0s);
  for (int i = 0; i < 5; ++i) hear(72h);
  EXPECT_EQ(ahead(), 72h);
}

TEST_F(RemoteClockTest, OfTwoTheEarlierIsBelieved) {
  hear(72h);
  hear(0s);
  EXPECT_EQ(ahead(), 0s);
}

TEST_F(RemoteClockTest, AJumpOfOurClockIsSeenAtOnceAndToldWhenTheOtherHasSpokenSince) {
  hear(0s);
  ours_.jump(48h);
  EXPECT_EQ(ahead(), -48h);
  EXPECT_EQ(remote_.own_lead(ours_.now(), ours_.steady_now()), std::nullopt) << "or this machine slept for two days";
  hear(-48h);
  EXPECT_EQ(remote_.own_lead(ours_.now(), ours_.steady_now()), 48h);
  ours_.jump(-48h);
  hear(0s);
  EXPECT_EQ(remote_.own_lead(ours_.now(), ours_.steady_now()), 0s);
}

TEST_F(RemoteClockTest, AfterASleepTheFirstAnswerSaysThatItWasOne) {
  for (int i = 0; i < 9; ++i) hear(0s);
  ours_.jump(8h);  // our steady clock stood still
  EXPECT_EQ(ahead(), -8h);
  hear(0s);
  EXPECT_EQ(ahead(), 0s);
}

TEST_F(RemoteClockTest, TimesThatNobodyCanMeanDoNotOverflow) {
  remote_.heard(TimePoint::max(), ours_.steady_now(), ours_.steady_now(), ours_.now());
  EXPECT_GT(ahead(), 24h * 365);
  remote_.heard(TimePoint::min(), ours_.steady_now(), ours_.steady_now(), ours_.now());
  EXPECT_LT(ahead(), -24h * 365);
}

}  // namespace
}  // namespace ghstats
