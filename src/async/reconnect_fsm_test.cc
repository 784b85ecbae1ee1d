#include "async/reconnect_fsm.h"

#include <gtest/gtest.h>

#include <vector>

namespace ghstats::async {
namespace {

using namespace std::chrono_literals;

ReconnectFsm make() {
  return {{.max_attempts = 0, .initial_backoff = 100ms, .max_backoff = 1s}, [] { return 0.5; }};
}

TEST(ReconnectFsm, DoublesUpToTheCeilingForEver) {
  auto fsm = make();
  const SteadyPoint start{};
  std::vector<Duration> waits(6);
  for (Duration& wait : waits) wait = fsm.on_lost(start);
  EXPECT_EQ(waits, (std::vector<Duration>{50ms, 100ms, 200ms, 400ms, 500ms, 500ms}));
}

TEST(ReconnectFsm, StartsAnewAfterAConnectionThatLasted) {
  auto fsm = make();
  SteadyPoint now{};
  for (int i = 0; i < 4; ++i) (void)fsm.on_lost(now);
  fsm.on_connected(now);
  now += 1s;
  EXPECT_EQ(fsm.on_lost(now), 50ms);
}

TEST(ReconnectFsm, DoesNotCallAServerThatHangsUpInATightLoop) {
  auto fsm = make();
  SteadyPoint now{};
  std::vector<Duration> waits;
  for (int i = 0; i < 4; ++i) {
    fsm.on_connected(now);
    now += 10ms;
    waits.push_back(fsm.on_lost(now));
  }
  EXPECT_EQ(waits, (std::vector<Duration>{50ms, 100ms, 200ms, 400ms}));
}

}  // namespace
}  // namespace ghstats::async
