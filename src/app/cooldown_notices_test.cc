#include "app/cooldown_notices.h"

#include <gtest/gtest.h>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using activity::CooldownFsm;
using activity::CycleResult;
using store::testing::Verb;

class CooldownNoticesTest : public ::testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  void fail_cycles(int times, const std::string& org = "acme") {
    for (int i = 0; i < times; ++i) cooldown_.on_cycle(org, CycleResult::kFailure, clock_.steady_now());
  }
  // As the leader after this one would begin.
  CooldownFsm recalled() {
    CooldownFsm next{{}};
    CooldownNotices notices(store_, clock_, {"acme", "Umbrella"}, logger_);
    run(notices.recall(next));
    return next;
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  CooldownFsm cooldown_{{}};
  CooldownNotices notices_{store_, clock_, {"acme", "Umbrella"}, logger_};
};

TEST_F(CooldownNoticesTest, TheNextLeaderDoesNotBeginAtZero) {
  fail_cycles(4);
  fail_cycles(6, "Umbrella");
  cooldown_.on_probe(false, clock_.steady_now());
  run(notices_.tell(cooldown_));
  clock_.advance(30s);
  CooldownFsm next = recalled();
  EXPECT_EQ(next.failed_cycles_in_row("acme"), 4);
  EXPECT_EQ(next.failed_probes_in_row(), 1);
  ASSERT_TRUE(next.paused_until("Umbrella", clock_.steady_now()));
  EXPECT_EQ(*next.paused_until("Umbrella", clock_.steady_now()) - clock_.steady_now(), 90s);
  EXPECT_TRUE(lines_->contains("going on with what the leader before knew of GitHub"));

  // A pause that ended meanwhile leaves it on probation.
  clock_.advance(1h);
  next = recalled();
  EXPECT_FALSE(next.paused_until("Umbrella", clock_.steady_now()));
  EXPECT_FALSE(next.is_healthy("Umbrella"));
}

TEST_F(CooldownNoticesTest, WhatHealedIsToldToo) {
  fail_cycles(4);
  run(notices_.tell(cooldown_));
  cooldown_.on_cycle("acme", CycleResult::kSuccess, clock_.steady_now());
  run(notices_.tell(cooldown_));
  EXPECT_EQ(recalled().failed_cycles_in_row("acme"), 0);
}

TEST_F(CooldownNoticesTest, OnlyNewsAreTold) {
  run(notices_.tell(cooldown_));
  const std::size_t first = store_.calls(Verb::kAnnounce);
  clock_.advance(1min);
  run(notices_.tell(cooldown_));
  EXPECT_EQ(store_.calls(Verb::kAnnounce), first);
  fail_cycles(6);
  run(notices_.tell(cooldown_));
  EXPECT_EQ(store_.calls(Verb::kAnnounce), first + 2) << "the pause, and what is known";
  clock_.advance(1min);
  run(notices_.tell(cooldown_));
  EXPECT_EQ(store_.calls(Verb::kAnnounce), first + 2);
}

TEST_F(CooldownNoticesTest, WhatTheStoreDidNotTakeIsToldAgain) {
  fail_cycles(6);
  store_.fail_every(Verb::kAnnounce, {ErrorCode::kUnavailable, "gone"});
  run(notices_.tell(cooldown_));
  EXPECT_EQ(recalled().failed_cycles_in_row("acme"), 0);
  store_.recover();
  run(notices_.tell(cooldown_));
  EXPECT_EQ(recalled().failed_cycles_in_row("acme"), 6);
}

TEST_F(CooldownNoticesTest, ThePauseOfAllIsThatOfEachOrganisation) {
  for (int i = 0; i < 6; ++i) cooldown_.on_probe(false, clock_.steady_now());
  run(notices_.tell(cooldown_));
  for (const std::string org : {"acme", "umbrella", "UMBRELLA"}) {
    EXPECT_TRUE(*run(store_.admit({.bars = {cooldown_bar(org)}}))) << org;
  }
  clock_.advance(2min);
  EXPECT_FALSE(*run(store_.admit({.bars = {cooldown_bar("acme")}})));
}

TEST_F(CooldownNoticesTest, WhatIsOfAnotherFormatOrDamagedIsLeftOut) {
  for (const std::string text : {"2 6 0 -", "", "1", "1 6 0 x", "1 -6 0 -", "1 six 0 -", "1 6 0 12x"}) {
    run(store_.announce({"github/acme", 24h, text}));
    EXPECT_EQ(recalled().failed_cycles_in_row("acme"), 0) << text;
    clock_.advance(1s);
  }
  store_.fail_every(Verb::kAnnounced, {ErrorCode::kUnavailable, "gone"});
  EXPECT_TRUE(recalled().is_healthy());
}

}  // namespace
}  // namespace ghstats::app
