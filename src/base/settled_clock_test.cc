#include "base/settled_clock.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace ghstats {
namespace {

using namespace std::chrono_literals;
using testing::FakeClock;

class SettledClockTest : public ::testing::Test {
 protected:
  void says(RemoteClock& remote, TimePoint said) {
    for (std::size_t i = 0; i < RemoteClock::kReadings; ++i) {
      remote.heard(said, own_.steady_now(), own_.steady_now(), own_.now());
    }
  }
  // Past what settled_.now() says, looked at every second.
  void pass(std::chrono::seconds time) {
    for (auto left = time; left.count() > 0; left -= 1s) {
      own_.advance(1s);
      (void)settled_.now();
    }
  }

  FakeClock own_;
  RemoteClock github_;
  RemoteClock redis_;
  const SettledClock settled_{own_, {&github_, &redis_}};
};

TEST_F(SettledClockTest, IsOurClockWhileAllAgree) {
  EXPECT_EQ(settled_.now(), own_.now());
  says(github_, own_.now() + 50s);
  says(redis_, own_.now() - 50s);
  EXPECT_EQ(settled_.now(), own_.now());
  EXPECT_TRUE(settled_.agreed());
}

TEST_F(SettledClockTest, IsTheEarliestOfThoseThatDoNotAgree) {
  for (const auto jump : {1h, 24h, 48h, 168h, 24h * 400}) {
    FakeClock fresh;
    own_ = fresh;
    says(github_, own_.now());
    const TimePoint truth = own_.now();
    own_.jump(jump);
    EXPECT_EQ(settled_.now(), truth) << "our clock is ahead";
    EXPECT_FALSE(settled_.agreed());
    own_.jump(-2 * jump);
    EXPECT_EQ(settled_.now(), own_.now()) << "our clock is behind";
    EXPECT_FALSE(settled_.agreed());
    own_.jump(jump);
    EXPECT_EQ(settled_.now(), truth);
    EXPECT_TRUE(settled_.agreed());
  }
  says(redis_, own_.now() - 2min);
  EXPECT_EQ(settled_.now(), own_.now() - 2min) << "one that is alone is enough";
}

TEST_F(SettledClockTest, AloneAStepForwardIsBelievedOnlyAfterTenMinutes) {
  const TimePoint begin = settled_.now();
  own_.jump(168h);
  EXPECT_EQ(settled_.now(), begin);
  EXPECT_FALSE(settled_.agreed());
  pass(9min);
  EXPECT_EQ(settled_.now(), begin + 9min);
  pass(1min);
  EXPECT_EQ(settled_.now(), begin + 10min + 168h);
  EXPECT_TRUE(settled_.agreed());
}

TEST_F(SettledClockTest, AloneAStepForwardThatIsTakenBackWasNone) {
  const TimePoint begin = settled_.now();
  own_.jump(168h);
  pass(12s);
  own_.jump(-168h);
  EXPECT_EQ(settled_.now(), begin + 12s);
  EXPECT_TRUE(settled_.agreed());
  own_.jump(168h);
  pass(9min);
  own_.jump(24h);  // another step begins anew
  pass(9min);
  EXPECT_EQ(settled_.now(), begin + 12s + 18min);
}

TEST_F(SettledClockTest, AloneAStepBackIsFollowedAtOnce) {
  (void)settled_.now();
  own_.jump(-48h);
  EXPECT_EQ(settled_.now(), own_.now());
  EXPECT_TRUE(settled_.agreed());
}

}  // namespace
}  // namespace ghstats
