#include "http/turns.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "async/testing/run.h"

namespace ghstats::http {
namespace {

TEST(TurnOrder, HoldersTakeTurnsAndEachIsServedInTheOrderOfAsking) {
  TurnOrder order;
  for (const TurnOrder::Id id : {1, 2, 3}) order.ask("crowd", id);
  order.ask("prometheus", 4);
  order.ask("other", 5);
  order.ask("prometheus", 6);
  std::vector<TurnOrder::Id> given;
  while (const auto next = order.next()) given.push_back(*next);
  EXPECT_EQ(given, (std::vector<TurnOrder::Id>{1, 4, 5, 2, 6, 3}));
  EXPECT_TRUE(order.empty());
}

TEST(TurnOrder, WhoAsksAgainWaitsBehindTheOthers) {
  TurnOrder order;
  order.ask("a", 1);
  order.ask("b", 2);
  EXPECT_EQ(order.next(), 1U);
  order.ask("a", 3);
  EXPECT_EQ(order.next(), 2U);
  EXPECT_EQ(order.next(), 3U);
  EXPECT_FALSE(order.next());
}

class TurnsTest : public ::testing::Test {
 protected:
  // Waits for a turn and notes who got it.
  void wait(const std::string& holder) {
    tasks_.spawn([this, holder]() -> async::Task<> {
      const bool given = co_await turns_.wait(holder);
      given_.push_back(given ? holder : "stopped");
    });
  }
  // Until nothing moves any more.
  void settle() {
    io_.restart();
    io_.poll();
  }
  void TearDown() override {
    tasks_.cancel();
    async::testing::run(io_, tasks_.join());
  }

  boost::asio::io_context io_;
  Turns turns_{io_.get_executor()};
  std::vector<std::string> given_;
  async::TaskGroup tasks_{io_.get_executor()};
};

TEST_F(TurnsTest, OfAHundredAnswersForOneAnotherWaitsForOne) {
  for (int i = 0; i < 100; ++i) wait("crowd");
  wait("prometheus");
  tasks_.spawn([this] { return turns_.run(); });
  settle();
  ASSERT_EQ(given_.size(), 101U);
  EXPECT_EQ(given_[1], "prometheus");
  wait("late");
  settle();
  EXPECT_EQ(given_.back(), "late");
}

TEST_F(TurnsTest, WhoComesIsLetInBeforeTheNextTurn) {
  constexpr std::size_t kCome = 20;
  std::size_t come = 0;
  tasks_.spawn([&]() -> async::Task<> {
    for (; come < kCome; ++come) {
      turns_.arrived();
      EXPECT_TRUE(given_.empty());
      co_await async::yield();
    }
  });
  wait("crowd");
  tasks_.spawn([this] { return turns_.run(); });
  settle();
  EXPECT_EQ(come, kCome);
  EXPECT_EQ(given_.size(), 1U);
}

TEST_F(TurnsTest, AnEndlessStreamOfThoseWhoComeDoesNotStopThem) {
  tasks_.spawn([this]() -> async::Task<> {
    for (;;) {
      const bool stop = co_await async::cancelled();
      if (stop) co_return;
      turns_.arrived();
      co_await async::yield();
    }
  });
  tasks_.spawn([this] { return turns_.run(); });
  async::testing::run(io_, [](Turns& turns) -> async::Task<> {
    const bool given = co_await turns.wait("prometheus");
    EXPECT_TRUE(given);
  }(turns_));
}

TEST_F(TurnsTest, WhoIsStoppedWhileHeWaitsTakesNobodysTurn) {
  async::TaskGroup stopped(io_.get_executor());
  bool given = true;
  stopped.spawn([&]() -> async::Task<> { given = co_await turns_.wait("a"); });
  settle();
  stopped.cancel();
  async::testing::run(io_, stopped.join());
  EXPECT_FALSE(given);
  wait("a");
  tasks_.spawn([this] { return turns_.run(); });
  settle();
  EXPECT_EQ(given_, std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace ghstats::http
