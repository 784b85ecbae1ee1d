#include "app/signal_thread.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace ghstats::app {
namespace {

using Action = SignalFsm::Action;

TEST(SignalFsm, TheFirstStopsAndTheSecondEndsAtOnce) {
  for (const int first : {SIGTERM, SIGINT}) {
    for (const int second : {SIGTERM, SIGINT}) {
      SignalFsm fsm;
      EXPECT_EQ(fsm.on(first), Action::kStop);
      EXPECT_EQ(fsm.on(second), Action::kExit);
      EXPECT_EQ(fsm.on(second), Action::kExit);
    }
  }
}

TEST(SignalFsm, AHangupChangesNothing) {
  SignalFsm fsm;
  EXPECT_EQ(fsm.on(SIGHUP), Action::kIgnore);
  EXPECT_EQ(fsm.on(SIGTERM), Action::kStop);
  EXPECT_EQ(fsm.on(SIGHUP), Action::kIgnore);
  EXPECT_EQ(fsm.on(SIGTERM), Action::kExit);
}

}  // namespace
}  // namespace ghstats::app
