// A store that can fail, a clock that moves when told, and what is logged.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "async/watch.h"
#include "base/testing/fake_clock.h"
#include "exposition/testing/fake_served_view.h"
#include "log/testing/memory_sink.h"
#include "metrics/recorder.h"
#include "store/fenced_store.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::upkeep::testing {

// What runs in tasks_ ends before the members of derived fixtures do.
class UpkeepFixture : public ::testing::Test {
 protected:
  void TearDown() override { stop(); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  void stop() {
    tasks_.cancel();
    run(tasks_.join());
  }

  // What the store has, whatever FailingStore says.
  store::ChangeSet stored() { return run(memory_->snapshot())->set; }

  [[nodiscard]] std::ptrdiff_t logged(std::string_view text) const {
    return std::ranges::count_if(lines_->lines(),
                                 [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  const Error gone_{ErrorCode::kUnavailable, "the store is gone"};
  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  async::testing::ClockedSleeper time_{io_, clock_};
  async::Watch returned_{io_.get_executor()};
  metrics::Recorder recorder_;
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  // As a leadership has it.
  std::unique_ptr<store::MetricStore> fenced_ =
      store::make_fenced_store(store_, [this](const Error&) { tasks_.cancel(); });
  store::Authority authority_{Role::kLeader, store::Source::kLeaderScrape, *run(memory_->begin_leadership())};
  exposition::testing::FakeServedView view_{clock_};
  async::TaskGroup tasks_{io_.get_executor()};
};

}  // namespace ghstats::upkeep::testing
