#include "app/limits_exchange.h"

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "log/testing/memory_sink.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using github::RateLimitResource;
using store::testing::Verb;
using Obstacle = std::optional<github::SharedLimits::Obstacle>;
using Reason = github::RateLimitFsm::Reason;

constexpr github::PointsBucket::Rate kRate{.capacity = 10, .per_point = 100ms};

// Two processes with one store.
class LimitsExchangeTest : public ::testing::Test {
 protected:
  ~LimitsExchangeTest() override {
    running_.cancel();
    run(running_.join());
  }

  void start() {
    running_.spawn([this] { return first_.run(); });
    running_.spawn([this] { return second_.run(); });
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  Obstacle ask(github::SharedLimits& who, RateLimitResource resource = RateLimitResource::kCore,
               std::int64_t points = 1) {
    return run(who.admit(resource, points, kRate));
  }

  // What was told is on its way.
  Obstacle ask_until_barred(github::SharedLimits& who, RateLimitResource resource) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      auto obstacle = ask(who, resource, 0);
      if (obstacle || std::chrono::steady_clock::now() > deadline) return obstacle;
    }
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  LimitsExchange first_{io_.get_executor(), store_, clock_, logger_};
  LimitsExchange second_{io_.get_executor(), store_, clock_, logger_};
  std::unique_ptr<github::SharedLimits> mine_ = first_.of("token SECRET");
  std::unique_ptr<github::SharedLimits> theirs_ = second_.of("token SECRET");
  std::unique_ptr<github::SharedLimits> other_ = second_.of("token OTHER");
  async::TaskGroup running_{io_.get_executor()};
};

TEST_F(LimitsExchangeTest, ASecondaryLimitOfOneForbidsAllResourcesToAllWithItsCredential) {
  start();
  mine_->met(Reason::kSecondary, RateLimitResource::kCore, 90s);
  const auto barred = ask_until_barred(*theirs_, RateLimitResource::kGraphql);
  ASSERT_TRUE(barred);
  EXPECT_EQ(barred->reason, Reason::kSecondary);
  EXPECT_EQ(barred->left, 90s);
  EXPECT_FALSE(ask(*other_));
  clock_.advance(90s);
  EXPECT_FALSE(ask(*theirs_));
}

TEST_F(LimitsExchangeTest, APrimaryLimitIsOfOneResource) {
  start();
  mine_->met(Reason::kPrimary, RateLimitResource::kSearch, 30min);
  const auto barred = ask_until_barred(*theirs_, RateLimitResource::kSearch);
  ASSERT_TRUE(barred);
  EXPECT_EQ(barred->reason, Reason::kPrimary);
  EXPECT_FALSE(ask(*theirs_, RateLimitResource::kCore));
}

TEST_F(LimitsExchangeTest, AllSpendFromOneBudgetSearchesToo) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(ask(*mine_));
    EXPECT_FALSE(ask(*theirs_, RateLimitResource::kSearch));
  }
  const auto barred = ask(*theirs_);
  ASSERT_TRUE(barred);
  EXPECT_EQ(barred->reason, Reason::kPoints);
  EXPECT_EQ(barred->left, 100ms);
  EXPECT_FALSE(ask(*theirs_, RateLimitResource::kGraphql)) << "has a pool of its own";
  EXPECT_FALSE(ask(*other_));
  EXPECT_FALSE(ask(*theirs_, RateLimitResource::kCore, 0)) << "a probe";
  EXPECT_FALSE(run(theirs_->admit(RateLimitResource::kCore, 1, {}))) << "a host without limits";
}

TEST_F(LimitsExchangeTest, WhileTheStoreIsAwayEverybodyGoesByWhatItKnows) {
  start();
  mine_->met(Reason::kSecondary, RateLimitResource::kCore, 90s);
  ASSERT_TRUE(ask_until_barred(*theirs_, RateLimitResource::kCore));
  store_.fail_all({ErrorCode::kUnavailable, "gone"});
  EXPECT_FALSE(ask(*theirs_));
  theirs_->met(Reason::kSecondary, RateLimitResource::kCore, 900s);
  EXPECT_FALSE(ask(*theirs_));
  store_.recover();
  EXPECT_TRUE(ask(*theirs_));
}

TEST_F(LimitsExchangeTest, AStoreThatIsSilentIsWaitedForOnce) {
  store_.hang_next(Verb::kAdmit);
  EXPECT_FALSE(ask(*mine_));
  EXPECT_FALSE(ask(*mine_));
  EXPECT_EQ(store_.calls(Verb::kAdmit), 1U);
  clock_.advance(LimitsExchange::kSilence);
  EXPECT_FALSE(ask(*mine_));
  EXPECT_EQ(store_.calls(Verb::kAdmit), 2U);
}

class RecordingStore final : public store::ForwardingStore {
 public:
  using store::ForwardingStore::ForwardingStore;
  async::Task<Result<std::optional<store::Notice>>> admit(store::Admission admission) override {
    for (const std::string& bar : admission.bars) names += bar + "\n";
    if (admission.budget) names += admission.budget->name + "\n";
    return inner().admit(std::move(admission));
  }
  async::Task<Status> announce(store::Notice notice) override {
    names += notice.name + notice.text + "\n";
    return inner().announce(std::move(notice));
  }
  std::string names;
};

TEST_F(LimitsExchangeTest, NoCredentialLeavesTheProcess) {
  RecordingStore recording(store_);
  LimitsExchange exchange(io_.get_executor(), recording, clock_, logger_);
  const auto limits = exchange.of("token SECRET");
  running_.spawn([&] { return exchange.run(); });
  EXPECT_FALSE(ask(*limits));
  limits->met(Reason::kSecondary, RateLimitResource::kCore, 90s);
  ASSERT_TRUE(ask_until_barred(*limits, RateLimitResource::kCore));
  running_.cancel();
  run(running_.join());
  EXPECT_NE(recording.names.find("/secondary"), std::string::npos);
  EXPECT_NE(recording.names.find("/rest"), std::string::npos);
  EXPECT_EQ(recording.names.find("SECRET"), std::string::npos);
}

}  // namespace
}  // namespace ghstats::app
