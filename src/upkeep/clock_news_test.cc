#include "upkeep/clock_news.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "log/testing/memory_sink.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;

class ClockNewsTest : public ::testing::Test {
 protected:
  // For so many seconds; where `heard`, GitHub says what the time really is every second.
  Status look_for(int seconds, bool heard = true) {
    Status verdict;
    for (int i = 0; i < seconds; ++i) {
      own_.advance(1s);
      truth_ += 1s;
      if (heard) github_.heard(truth_, own_.steady_now(), own_.steady_now(), own_.now());
      verdict = news_.look(own_);
    }
    return verdict;
  }

  ghstats::testing::FakeClock own_;
  TimePoint truth_ = own_.now();
  RemoteClock github_;
  RemoteClock redis_;  // never says anything
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  ClockNews news_{{{"redis", &redis_}, {"github", &github_}}, log::testing::make_logger(lines_)};
};

TEST_F(ClockNewsTest, ADifferenceIsToldOnceAndSoIsItsEnd) {
  EXPECT_TRUE(look_for(20));
  own_.jump(48h);
  EXPECT_TRUE(look_for(3)) << "not yet";
  const Status differs = look_for(60);
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().message, "our clock is 172800 s ahead of that of github");
  EXPECT_EQ(lines_->lines().size(), 1U);
  own_.jump(-48h);
  EXPECT_FALSE(look_for(5, false)) << "nobody has said that it is right";
  EXPECT_TRUE(look_for(20));
  EXPECT_EQ(lines_->lines().size(), 2U);
  EXPECT_TRUE(lines_->contains("agrees again"));
  own_.jump(-48h);
  EXPECT_FALSE(look_for(20));
  EXPECT_EQ(lines_->lines().size(), 3U) << "another episode";
}

TEST_F(ClockNewsTest, AFewSecondsAreNone) {
  EXPECT_TRUE(look_for(20));
  own_.jump(50s);
  EXPECT_TRUE(look_for(60));
  EXPECT_TRUE(lines_->lines().empty());
}

}  // namespace
}  // namespace ghstats::upkeep
