#include "app/signal_thread.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

#include "log/testing/memory_sink.h"

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

// A process that hangs with all its threads ends, too. The child's exit code is how many seconds it was given.
TEST(SignalThreadDeathTest, TheKernelsClockRunsBeforeTheStopBegins) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const SignalThread thread([] { _exit(static_cast<int>(alarm(0))); }, log::testing::make_logger(), nullptr);
        kill(getpid(), SIGTERM);
        std::this_thread::sleep_for(std::chrono::seconds{10});  // ends before
      },
      [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) >= 14 && WEXITSTATUS(status) <= 15; }, "");
}

}  // namespace
}  // namespace ghstats::app
