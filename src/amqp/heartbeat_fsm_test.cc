#include "amqp/heartbeat_fsm.h"

#include <gtest/gtest.h>

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using Action = HeartbeatFsm::Action;

TEST(HeartbeatFsm, SendsTwiceAnIntervalWhenNothingElseIsSent) {
  HeartbeatFsm fsm;
  SteadyPoint now{};
  fsm.start(10s, now);
  EXPECT_EQ(fsm.wait(now), 5s);
  EXPECT_EQ(fsm.due(now + 4s), Action::kNothing);
  EXPECT_EQ(fsm.due(now + 5s), Action::kSend);
  fsm.on_sent(now + 4s);
  EXPECT_EQ(fsm.due(now + 5s), Action::kNothing);
  EXPECT_EQ(fsm.wait(now + 5s), 4s);
}

TEST(HeartbeatFsm, APeerThatIsSilentForTwoIntervalsIsLost) {
  HeartbeatFsm fsm;
  SteadyPoint now{};
  fsm.start(10s, now);
  fsm.on_sent(now + 19s);
  EXPECT_EQ(fsm.due(now + 19s), Action::kNothing);
  EXPECT_EQ(fsm.wait(now + 19s), 1s);
  EXPECT_EQ(fsm.due(now + 20s), Action::kLost);
  fsm.on_received(now + 19s);
  EXPECT_EQ(fsm.due(now + 20s), Action::kNothing);
}

TEST(HeartbeatFsm, NoneWereAgreed) {
  HeartbeatFsm fsm;
  fsm.start(0s, SteadyPoint{});
  EXPECT_EQ(fsm.wait(SteadyPoint{}), std::nullopt);
  EXPECT_EQ(fsm.due(SteadyPoint{} + 1h), Action::kNothing);
}

}  // namespace
}  // namespace ghstats::amqp
