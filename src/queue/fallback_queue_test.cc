#include "queue/fallback_queue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "async/task_group.h"
#include "net/testing/fault_proxy.h"
#include "queue/testing/rabbitmq_fixture.h"

namespace ghstats::queue::testing {
namespace {

using namespace std::chrono_literals;

using Payloads = std::multiset<std::string>;

// RabbitMQ behind a proxy that can be cut.
class FallbackQueueTest : public RabbitmqQueueFixture {
 protected:
  void SetUp() override {
    RabbitmqQueueFixture::SetUp();
    if (IsSkipped()) return;
    proxy_ = std::make_unique<net::testing::FaultProxy>(io_, server().endpoint());
    options_ = broker_options(QueueType::kClassic);
    options_.link.hosts = {proxy_->endpoint()};
    options_.link.backoff = {.max_attempts = 0, .initial_backoff = Duration{5}, .max_backoff = Duration{50}};
    options_.timeout = 1s;
    options_.policy = {.requeue_delays = {300ms, 900ms}, .max_attempts = 3};
    names_ = options_.names;
    delays_ = retry_delays(options_.policy);
  }
  void TearDown() override {
    if (fallback_) {
      life_->cancel();
      run(life_->join());
      run(fallback_->stop());
      fallback_.reset();
      delete_queues(io_, names_, delays_);
    }
    proxy_.reset();
  }

  JobQueue& start() {
    auto memory =
        make_memory_queue(io_.get_executor(), clock_, logger_, {.policy = options_.policy, .limits = {.capacity = 50}});
    fallback_ = make_fallback_queue(io_.get_executor(), make_rabbitmq_queue(io_.get_executor(), clock_, options_),
                                    std::move(memory), logger_,
                                    [this](const Message& message) { buried_.insert(message.payload); });
    life_ = std::make_unique<async::TaskGroup>(io_.get_executor());
    life_->spawn([this] { return fallback_->run(); });
    return *fallback_;
  }
  JobQueue& start_reached() {
    start();
    wait_until(io_, [this] { return !fallback_->process_local(); });
    return *fallback_;
  }
  void cut() {
    proxy_->set_refusing(true);
    proxy_->cut();
    wait_until(io_, [this] { return fallback_->process_local() && fallback_->health().fallback; });
  }
  void mend() {
    proxy_->set_refusing(false);
    wait_until(io_, [this] { return fallback_->health().healthy; });
  }

  Status publish(std::string payload, int attempt = 1) {
    return run(fallback_->publish({.payload = std::move(payload),
                                   .created_at = std::chrono::floor<std::chrono::seconds>(clock_.now()),
                                   .attempt = attempt}));
  }
  // What is there now, taken and acknowledged.
  Payloads drain(std::size_t count) {
    auto consumer = *run(fallback_->consume(10));
    Payloads out;
    while (out.size() < count) {
      const auto delivery = run(consumer->next());
      if (!delivery) throw std::runtime_error(delivery.error().message);
      out.insert(delivery->message.payload);
      if (!run(consumer->ack(delivery->id))) throw std::runtime_error("ack");
    }
    return out;
  }
  QueueStatus status() { return *run(fallback_->status()); }

  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  // What RabbitMQ itself has, whatever waits in memory.
  std::vector<ReadMessage> dead_letters_at(const net::Endpoint& broker) {
    RabbitmqOptions options = options_;
    options.link.hosts = {broker};
    const auto there = make_rabbitmq_queue(io_.get_executor(), clock_, std::move(options));
    wait_until(io_, [&] { return there->connected().has_value(); });
    auto out = run(there->peek(names_.dead_letters, 10));
    run(there->stop());
    if (!out) throw std::runtime_error(out.error().message);
    return *std::move(out);
  }
  [[nodiscard]] std::ptrdiff_t times_told(const std::string& text) const {
    return std::ranges::count_if(lines_->lines(), [&](const auto& line) { return line.contains(text); });
  }

  Payloads buried_;
  std::unique_ptr<net::testing::FaultProxy> proxy_;
  RabbitmqOptions options_;
  std::unique_ptr<JobQueue> fallback_;
  std::unique_ptr<async::TaskGroup> life_;
};

TEST_F(FallbackQueueTest, IsTheSharedQueueOnceThatIsReachedAndSaysNothingOfIt) {
  JobQueue& queue = start_reached();
  EXPECT_EQ(queue.health(), QueueHealth{});
  ASSERT_TRUE(publish("a"));
  EXPECT_EQ(drain(1), Payloads{"a"});
  EXPECT_THAT(lines_->lines(), ::testing::IsEmpty());
}

TEST_F(FallbackQueueTest, WorksInMemoryWithoutTheSharedQueueAndWarnsOnce) {
  proxy_->set_refusing(true);
  JobQueue& queue = start();
  wait_until(io_, [&] { return lines_->contains("RabbitMQ cannot be used"); });
  EXPECT_TRUE(queue.process_local());
  EXPECT_TRUE(queue.health().fallback);
  EXPECT_FALSE(queue.health().healthy);
  ASSERT_TRUE(publish("a"));
  ASSERT_TRUE(publish("b"));
  EXPECT_EQ(status().jobs.messages, 2U);
  EXPECT_EQ(drain(2), (Payloads{"a", "b"}));
  wait_until(io_, [this, asked = proxy_->accepted()] { return proxy_->accepted() >= asked + 10; });
  EXPECT_EQ(times_told("RabbitMQ cannot be used"), 1) << "however often it is asked";
  EXPECT_EQ(status().counts.processed, 2U);
}

TEST_F(FallbackQueueTest, WhatWaitedInMemoryIsMovedAsItWas) {
  start_reached();
  cut();
  auto consumer = *run(fallback_->consume(10));
  for (const char* payload : {"held", "delayed", "dead", "ready"}) ASSERT_TRUE(publish(payload, 2));
  const auto held = *run(consumer->next());
  const auto delayed = *run(consumer->next());
  const auto dead = *run(consumer->next());
  ASSERT_EQ(run(consumer->retry(delayed.id, {ErrorCode::kUnavailable, "HTTP 503"})).value(), Retried::kScheduled);
  ASSERT_TRUE(run(consumer->dead_letter(dead.id, {ErrorCode::kInvalidData, "no JSON"})));
  EXPECT_EQ(held.message.payload, "held");
  EXPECT_EQ(status().jobs.messages, 3U);

  mend();
  const auto ended = run(consumer->next());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kUnavailable);
  consumer.reset();

  consumer = *run(fallback_->consume(10));
  std::map<std::string, Message> got;
  while (got.size() < 3) {
    const auto delivery = *run(consumer->next());
    EXPECT_TRUE(got.emplace(delivery.message.payload, delivery.message).second) << "twice";
    ASSERT_TRUE(run(consumer->ack(delivery.id)));
  }
  EXPECT_EQ(got.at("held").attempt, 2);
  EXPECT_EQ(got.at("ready").attempt, 2);
  EXPECT_EQ(got.at("delayed").attempt, 3);
  EXPECT_EQ(got.at("delayed").last_error, "HTTP 503");
  EXPECT_EQ(got.at("delayed").created_at, delayed.message.created_at);
  wait_until(io_, [this] { return status().dead_letters.messages == 1; });
  const auto letters = *run(fallback_->dead_letters(10));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].last_error, "no JSON");
  const QueueStatus end = status();
  EXPECT_EQ(end.counts.enqueued, 4U);
  EXPECT_EQ(end.counts.processed, 3U);
  EXPECT_EQ(end.counts.dead_lettered, 1U);
  EXPECT_EQ(end.jobs.messages, 0U);
  EXPECT_TRUE(lines_->contains("jobs that waited in memory are in RabbitMQ now"));
}

TEST_F(FallbackQueueTest, AConsumerOfTheSharedQueueEndsWithItsConnection) {
  start_reached();
  auto consumer = *run(fallback_->consume(1));
  ASSERT_TRUE(publish("a"));
  ASSERT_TRUE(run(consumer->next()));
  cut();
  EXPECT_EQ(run(consumer->next()).error().code, ErrorCode::kUnavailable);
  consumer.reset();
  mend();
  EXPECT_EQ(drain(1), Payloads{"a"}) << "what was in hand is delivered again";
}

TEST_F(FallbackQueueTest, WhileRabbitmqTakesNoMessagesTheyWaitHereAndConsumersGoOn) {
  start_reached();
  ASSERT_TRUE(publish("before"));
  server().set_memory_alarm(true);
  ASSERT_TRUE(publish("unsure"));  // tells the broker that this connection publishes; it may be blocked only now
  wait_until(io_, [this] { return !fallback_->health().healthy; });
  EXPECT_FALSE(fallback_->process_local());
  EXPECT_FALSE(fallback_->health().fallback);
  ASSERT_TRUE(publish("during"));
  EXPECT_EQ(drain(1), Payloads{"before"});
  server().set_memory_alarm(false);
  mend();
  // What was not answered for may be there twice.
  std::set<std::string> rest;
  while (rest.size() < 2) rest.insert(*drain(1).begin());
  EXPECT_EQ(rest, (std::set<std::string>{"during", "unsure"}));
}

// RabbitMQ tells only those who publish: the first message finds out, and does not wait longer than it takes to be
// told.
TEST_F(FallbackQueueTest, AnAlarmThatRisesUnderAMessageSendsItToMemoryAtOnce) {
  options_.timeout = 1h;  // nothing here waits for that
  start_reached();
  server().set_memory_alarm(true);
  EXPECT_TRUE(fallback_->health().healthy) << "nobody has told it";
  ASSERT_TRUE(publish("first"));
  EXPECT_THAT(fallback_->health().reason, ::testing::HasSubstr("RabbitMQ takes no messages: low on memory"));
  EXPECT_FALSE(fallback_->process_local());
  wait_until(io_, [this] { return lines_->contains("RabbitMQ takes no jobs: new ones wait in memory"); });
  EXPECT_EQ(status().jobs.messages, 1U) << "in memory";
  server().set_memory_alarm(false);
  mend();
  EXPECT_EQ(drain(1), Payloads{"first"});
  EXPECT_EQ(status().counts.enqueued, 1U);
}

// Neither what is ready behind it nor a dead letter waits for what a full queue does not take.
TEST_F(FallbackQueueTest, WhatIsRefusedNowHoldsUpNoOtherQueueAndIsTriedAgain) {
  server().ctl({"set_policy", "--apply-to", "queues", "full", "^" + names_.jobs + "$",
                R"({"max-length":1,"overflow":"reject-publish"})"});
  start_reached();
  cut();
  auto consumer = *run(fallback_->consume(10));
  for (const char* payload : {"dead", "a", "b", "c"}) ASSERT_TRUE(publish(payload));
  const auto dead = *run(consumer->next());
  ASSERT_TRUE(run(consumer->dead_letter(dead.id, {ErrorCode::kInvalidData, "no JSON"})));
  consumer.reset();
  mend();
  wait_until(io_, [&] { return times_told("RabbitMQ does not take what waits in memory; trying again") == 1; });
  wait_until(io_, [this] { return dead_letters_at(server().endpoint()).size() == 1; });
  wait_until(io_, [this] { return status().jobs.messages == 3; });
  EXPECT_TRUE(fallback_->health().healthy);
  EXPECT_EQ(times_told("RabbitMQ does not take"), 1) << "however often it is tried";
  server().ctl({"clear_policy", "full"});
  EXPECT_EQ(drain(3), (Payloads{"a", "b", "c"}));
  EXPECT_EQ(status().counts.enqueued, 4U);
  EXPECT_THAT(buried_, ::testing::IsEmpty());
}

// With a server of its own, which takes a thousand bytes.
class FallbackQueueAndSize : public FallbackQueueTest {
 protected:
  void SetUp() override {
    FallbackQueueTest::SetUp();
    if (IsSkipped()) return;
    strict_ = std::make_unique<amqp::testing::RabbitmqServer>(std::vector<std::string>{"max_message_size = 1000"});
    proxy_ = std::make_unique<net::testing::FaultProxy>(io_, strict_->endpoint());
    options_.link.hosts = {proxy_->endpoint()};
  }

  std::unique_ptr<amqp::testing::RabbitmqServer> strict_;
};

TEST_F(FallbackQueueAndSize, AJobThatIsNeverTakenIsADeadLetterAndHoldsUpNobody) {
  const std::string large(2000, 'b');
  start_reached();
  EXPECT_EQ(publish(large).error().code, ErrorCode::kTooLarge) << "its publisher knows at once";
  wait_until(io_, [this] { return !fallback_->process_local(); });
  cut();
  for (const std::string& payload : {std::string("first"), large, std::string("last")}) {
    ASSERT_TRUE(publish(payload)) << "memory takes it";
  }
  mend();
  // RabbitMQ closes the channel over it, and the connection is made anew.
  wait_until(io_, [this] { return dead_letters_at(strict_->endpoint()).size() == 1; });
  wait_until(io_, [this] { return !fallback_->process_local(); });
  EXPECT_EQ(drain(2), (Payloads{"first", "last"}));
  const auto dead = *run(fallback_->dead_letters(10));
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].payload, "");
  EXPECT_EQ(dead[0].last_error,
            "its 2000 bytes are lost: PRECONDITION_FAILED (406) at basic.publish: message size 2000 is larger than "
            "configured max size 1000");
  const QueueStatus end = status();
  EXPECT_EQ(end.jobs.messages, 0U);
  EXPECT_EQ(end.counts.enqueued, 3U);
  EXPECT_EQ(end.counts.processed, 2U);
  EXPECT_EQ(end.counts.dead_lettered, 1U);
  EXPECT_EQ(buried_, Payloads{large});
  EXPECT_EQ(times_told("RabbitMQ does not take a job for its size"), 1);
}

TEST_F(FallbackQueueTest, IsFullWhenMemoryIs) {
  proxy_->set_refusing(true);
  start();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(publish(std::to_string(i)));
  EXPECT_EQ(publish("one too many").error().code, ErrorCode::kConflict);
  mend();
  std::set<std::string> got;
  for (const std::string& payload : drain(50)) got.insert(payload);
  EXPECT_EQ(got.size(), 50U);
}

}  // namespace
}  // namespace ghstats::queue::testing
