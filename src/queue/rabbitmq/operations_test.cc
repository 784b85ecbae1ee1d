// What docs/queue.md promises to those who run RabbitMQ.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "async/testing/run.h"
#include "queue/testing/rabbitmq_fixture.h"

namespace ghstats::queue::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPassword = "correct-horse";

std::string document() {
  std::ifstream file(std::string(GHSTATS_SOURCE_DIR) + "/docs/queue.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::ranges::replace(line, '\t', ' ');
    out.push_back(line);
  }
  return out;
}

// With the names of the configuration's defaults, so that nothing else may use the server meanwhile.
class RabbitmqOperations : public RabbitmqQueueFixture {
 protected:
  static RabbitmqOptions default_options(QueueType type) {
    RabbitmqOptions options = broker_options(type);
    options.names = {};
    return options;
  }

  // Rights as in the document: "configure write read".
  static void let_in(const std::string& user, const std::string& configure, const std::string& write,
                     const std::string& read) {
    server().ctl({"add_user", user, kPassword});
    server().ctl({"set_permissions", "-p", "/", user, configure, write, read});
  }
  static RabbitmqOptions as(const std::string& user, RabbitmqOptions options) {
    options.link.connection.introduction.credentials = {user, kPassword};
    return options;
  }
};

TEST_F(RabbitmqOperations, WhatIsDeclaredIsWhatTheDocumentShows) {
  const std::string shown = document();
  for (const QueueType type : {QueueType::kClassic, QueueType::kQuorum}) {
    open(default_options(type));
    std::vector<std::string> there;
    for (const std::vector<std::string>& list : std::vector<std::vector<std::string>>{
             {"list_exchanges", "name", "type", "durable", "auto_delete", "arguments"},
             {"list_queues", "name", "durable", "auto_delete", "arguments"},
             {"list_bindings", "source_name", "destination_name", "routing_key"}}) {
      for (const std::string& line : lines_of(server().ctl(list))) {
        if (line.starts_with("gh.backfill")) there.push_back(line);
      }
    }
    EXPECT_EQ(there.size(), 13U);
    for (const std::string& line : there) EXPECT_THAT(shown, HasSubstr("\n" + line + "\n"));
    RabbitmqQueueFixture::TearDown();
  }
}

TEST_F(RabbitmqOperations, TheDocumentedRightsSuffice) {
  constexpr const char* kRight = R"(^gh\.backfill)";
  EXPECT_THAT(document(), HasSubstr(fmt::format("set_permissions -p / ghstats '{0}' '{0}' '{0}'\n", kRight)));
  let_in("ghstats", kRight, kRight, kRight);
  for (const QueueType type : {QueueType::kClassic, QueueType::kQuorum}) {
    RabbitmqOptions options = as("ghstats", default_options(type));
    options.policy.requeue_delays = {300ms};
    options.age_interval = 0s;
    RabbitmqQueue& queue = open(std::move(options));
    auto consumer = *run(queue.consume(1));
    ASSERT_TRUE(run(queue.publish({.payload = "a", .created_at = clock_.now()})));
    const Delivery first = *run(consumer->next());
    ASSERT_TRUE(run(consumer->retry(first.id, {ErrorCode::kUnavailable, "HTTP 502"})));
    const auto again = run(consumer->next());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->message.attempt, 2);
    ASSERT_TRUE(run(consumer->dead_letter(again->id, {ErrorCode::kInvalidData, "no JSON"})));
    EXPECT_TRUE(run(queue.status()));
    EXPECT_EQ(run(queue.peek(names_.dead_letters, 10))->size(), 1U);
    wait_until(io_, [&] { return *run(queue.requeue_dead_letters(10)) == Requeued{.moved = 1}; });
    ASSERT_TRUE(run(consumer->ack(run(consumer->next())->id)));
    consumer.reset();
    RabbitmqQueueFixture::TearDown();
  }
  server().ctl({"delete_user", "ghstats"});
}

TEST_F(RabbitmqOperations, WithoutTheRightToDeclareAnErrorNamesIt) {
  open(default_options(QueueType::kClassic));
  const auto declared = std::move(queue_);
  let_in("looker", "^$", R"(^gh\.backfill)", R"(^gh\.backfill)");
  make(as("looker", default_options(QueueType::kClassic)));
  wait_until(io_, [this] { return queue_->health().reason.find("ACCESS_REFUSED (403)") != std::string::npos; });
  EXPECT_EQ(queue_->connected().error().code, ErrorCode::kPermissionDenied);
  run(queue_->stop());

  // The commands for people declare nothing, and need no such right.
  RabbitmqOptions options = as("looker", default_options(QueueType::kClassic));
  options.declare = false;
  RabbitmqQueue& looking = open(std::move(options));
  EXPECT_TRUE(run(looking.inspect()));
  EXPECT_TRUE(run(looking.peek(names_.jobs, 1)));
  EXPECT_TRUE(run(looking.requeue_dead_letters(1)));
  run(declared->stop());
  server().ctl({"delete_user", "looker"});
}

TEST_F(RabbitmqOperations, WithoutDeclaringAMissingQueueIsNotFoundAndStaysMissing) {
  RabbitmqOptions options = broker_options(QueueType::kClassic);
  options.declare = false;
  RabbitmqQueue& queue = open(std::move(options));
  EXPECT_EQ(run(queue.inspect()).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(run(queue.peek(names_.jobs, 1)).error().message, HasSubstr("no queue '" + names_.jobs + "'"));
  EXPECT_EQ(run(queue.requeue_dead_letters(1)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(queue.publish({.payload = "a", .created_at = clock_.now()})).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(queue.connected());
  EXPECT_THAT(server().ctl({"list_queues", "name"}), Not(HasSubstr(names_.jobs)));
}

TEST_F(RabbitmqOperations, InspectShowsEveryQueue) {
  RabbitmqOptions options = broker_options(QueueType::kQuorum);
  options.age_interval = 0s;
  RabbitmqQueue& queue = open(std::move(options));
  ASSERT_TRUE(run(queue.publish({.payload = "a", .created_at = clock_.now() - 10min})));
  ASSERT_TRUE(run(queue.publish({.payload = "b", .created_at = clock_.now()})));
  ASSERT_TRUE(run(queue.move_in({.payload = "c", .created_at = clock_.now() - 2h}, 5min)));
  const auto glances = *run(queue.inspect());
  ASSERT_EQ(glances.size(), 6U);
  EXPECT_EQ(glances[0].queue, names_.jobs);
  EXPECT_EQ(glances[0].ready, 2U);
  EXPECT_GE(*glances[0].oldest_age, 10min);
  EXPECT_EQ(glances[2].queue, names_.jobs + ".retry.5m");
  EXPECT_EQ(glances[2].ready, 1U);
  EXPECT_GE(*glances[2].oldest_age, 2h);
  EXPECT_EQ(glances[5].queue, names_.dead_letters);
  EXPECT_FALSE(glances[5].oldest_age);
  const auto consumer = *run(queue.consume(1));
  ASSERT_TRUE(run(consumer->next()));
  EXPECT_EQ((*run(queue.inspect()))[0].consumers, 1U);
}

}  // namespace
}  // namespace ghstats::queue::testing
