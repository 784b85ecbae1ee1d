#include "app/queue_commands.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>

#include "app/shared_queue.h"
#include "backfill/job.h"
#include "net/testing/child_process.h"
#include "queue/testing/rabbitmq_fixture.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kPassword = "correct-horse";

std::string job(const std::string& repo) {
  backfill::Job out;
  out.job_id = "id-of-" + repo;
  out.dedup_key = "any";
  out.org = "acme";
  out.repo = repo;
  out.reason = work::Reason::kRateLimited;
  const TimePoint now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  out.window = {now - 2h, now - 1h};
  out.created_at = now - 1h;
  return to_message(out);
}

class QueueCommands : public queue::testing::RabbitmqQueueFixture {
 protected:
  void SetUp() override {
    RabbitmqQueueFixture::SetUp();
    if (IsSkipped()) return;
    const queue::RabbitmqNames names = queue::testing::broker_options(queue::QueueType::kClassic).names;
    config_.amqp.exchange = names.exchange;
    config_.amqp.queue = names.jobs;
    config_.amqp.dlq = names.dead_letters;
    config_.amqp.url = config::CredentialUrl(url("guest:guest"));
  }

  static std::string url(const std::string& user) {
    return fmt::format("amqp://{}@127.0.0.1:{}", user, server().endpoint().port);
  }
  // What the exporter of this configuration does.
  queue::RabbitmqQueue& start_exporter() { return open(*rabbitmq_options(config_, "exporter")); }
  // Message by message, into the queue of dead letters.
  void bury(queue::RabbitmqQueue& queue, const std::vector<std::string>& payloads, const std::string& why) {
    for (const std::string& payload : payloads) {
      const auto moved = run(queue.move_in_dead_letter(
          {.payload = payload, .created_at = clock_.now() - 1h, .attempt = 5, .last_error = why}));
      ASSERT_TRUE(moved) << moved.error().message;
    }
  }
  CommandResult command(Command command, QueueArguments arguments = {}, std::chrono::nanoseconds patience = 15s) {
    return queue_command({.command = command, .queue = arguments}, config_, patience);
  }
  CommandResult stats() { return command(Command::kQueueStats); }
  // As the exporter sees it, once it is connected again: its heart does not beat while a command runs.
  std::uint32_t jobs_ready(queue::RabbitmqQueue& exporter) {
    std::uint32_t ready = 0;
    queue::testing::wait_until(io_, [&] {
      const auto glances = run(exporter.inspect());
      if (glances) ready = glances->front().ready;
      return glances.has_value();
    });
    return ready;
  }

  config::Config config_;
};

TEST_F(QueueCommands, DeclareNothing) {
  for (const Command each : {Command::kQueueStats, Command::kQueuePeek, Command::kQueueRequeue}) {
    const CommandResult result = command(each);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr("no queue '" + config_.amqp.exchange));
    EXPECT_THAT(result.err, Not(HasSubstr("declare queue")));
    EXPECT_THAT(result.err, HasSubstr("has an exporter with this configuration been running?"));
  }
  EXPECT_THAT(server().ctl({"list_queues", "name"}), Not(HasSubstr(config_.amqp.exchange)));
  EXPECT_THAT(server().ctl({"list_exchanges", "name"}), Not(HasSubstr(config_.amqp.exchange)));
}

TEST_F(QueueCommands, ShowWhatThereIsAndLeaveIt) {
  queue::RabbitmqQueue& exporter = start_exporter();
  ASSERT_TRUE(run(exporter.publish({.payload = job("first"), .created_at = clock_.now() - 2h})));
  ASSERT_TRUE(run(exporter.publish({.payload = job("second"), .created_at = clock_.now() - 1h})));
  ASSERT_TRUE(run(exporter.move_in(
      {.payload = job("waiting"), .created_at = clock_.now() - 3h, .attempt = 2, .last_error = "HTTP 502"}, 5min)));
  bury(exporter, {"nonsense"}, "no JSON");
  const std::string& jobs = config_.amqp.queue;

  for (int i = 0; i < 2; ++i) {
    const CommandResult looked = stats();
    EXPECT_EQ(looked.exit_code, 0) << looked.err;
    EXPECT_THAT(looked.out, StartsWith("QUEUE"));
    EXPECT_THAT(looked.out, ::testing::ContainsRegex(jobs + " +2 +2h[0-9]*s? +0\n"));
    EXPECT_THAT(looked.out, ::testing::ContainsRegex(jobs + "\\.retry\\.1m +0 +- +0\n"));
    EXPECT_THAT(looked.out, ::testing::ContainsRegex(jobs + "\\.retry\\.5m +1 +3h[0-9]*s? +0\n"));
    EXPECT_THAT(looked.out, ::testing::ContainsRegex(config_.amqp.dlq + " +1 +1h[0-9]*s? +0\n"));

    const CommandResult peeked = command(Command::kQueuePeek);
    EXPECT_EQ(peeked.exit_code, 0) << peeked.err;
    EXPECT_THAT(peeked.out, HasSubstr("no JSON; payload: \"nonsense\"\n"));

    const CommandResult of_jobs = command(Command::kQueuePeek, {.jobs = true});
    EXPECT_THAT(of_jobs.out, ::testing::ContainsRegex("id-of-first.*\n.*id-of-second.*\n.*id-of-waiting.*HTTP 502\n$"));
    const CommandResult one = command(Command::kQueuePeek, {.json = true, .jobs = true, .limit = 1});
    EXPECT_THAT(one.out, HasSubstr("id-of-first"));
    EXPECT_THAT(one.out, Not(HasSubstr("id-of-second")));
  }
  const auto consumer = *run(exporter.consume(1));
  ASSERT_TRUE(run(consumer->next()));
  EXPECT_THAT(stats().out, ::testing::ContainsRegex(jobs + " +1 +1h[0-9]*s? +1\n"));
}

TEST_F(QueueCommands, MakeJobsOfDeadLettersAgain) {
  queue::RabbitmqQueue& exporter = start_exporter();
  std::vector<std::string> payloads;
  for (int i = 0; i < 250; ++i) payloads.push_back(job(fmt::format("repo-{}", i)));
  bury(exporter, payloads, "HTTP 502");
  const std::string moved_to = " of " + config_.amqp.dlq + " to " + config_.amqp.queue + "; ";
  const CommandResult some = command(Command::kQueueRequeue, {.limit = 3});
  EXPECT_EQ(some.exit_code, 0) << some.err;
  EXPECT_EQ(some.out, "moved 3" + moved_to + "247 left\n");
  EXPECT_EQ(command(Command::kQueueRequeue).out, "moved 247" + moved_to + "0 left\n");
  EXPECT_EQ(command(Command::kQueueRequeue).out, "moved 0" + moved_to + "0 left\n");
  const auto consumer = *run(exporter.consume(1));
  const auto first = run(consumer->next());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->message.payload, payloads[0]);
  EXPECT_EQ(first->message.attempt, 1);
}

// "```python" of docs/queue.md, for another address.
std::string documented_python(const std::string& address) {
  const std::string page = net::testing::read_file(std::string(GHSTATS_SOURCE_DIR) + "/docs/queue.md");
  const std::string fence = "```python\n";
  const auto begin = page.find(fence) + fence.size();
  std::string code = page.substr(begin, page.find("```", begin) - begin);
  const std::string documented = "amqp://ghstats:PASSWORD@rabbitmq";
  return code.replace(code.find(documented), documented.size(), address);
}

TEST_F(QueueCommands, ShowWhatTheDocumentedPythonEnqueues) {
  if (!std::filesystem::exists("/usr/lib/python3/dist-packages/pika")) GTEST_SKIP() << "no python3-pika";
  config_.amqp.exchange = "gh.backfill";
  config_.amqp.queue = "gh.backfill.jobs";
  config_.amqp.dlq = "gh.backfill.dlq";
  start_exporter();
  const net::testing::TemporaryFolder folder;
  net::testing::ChildProcess python("/usr/bin/python3", {"python3", "-c", documented_python(url("guest:guest"))},
                                    folder.path() / "python.log");
  ASSERT_TRUE(python.wait(30s));
  const CommandResult peeked = command(Command::kQueuePeek, {.json = true, .jobs = true});
  EXPECT_THAT(peeked.out, HasSubstr(R"("org":"acme","repo":"*","reason":"scrape_error")"))
      << net::testing::read_file(folder.path() / "python.log");
  EXPECT_THAT(peeked.out, Not(HasSubstr("problem")));
}

TEST_F(QueueCommands, LoseNothingThatRabbitmqDoesNotTake) {
  queue::RabbitmqQueue& exporter = start_exporter();
  bury(exporter, {job("a"), job("b"), job("c")}, "HTTP 502");
  server().set_memory_alarm(true);
  const CommandResult result = command(Command::kQueueRequeue, {}, 3s);
  server().set_memory_alarm(false);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, StartsWith("moved at least "));
  EXPECT_THAT(result.err, HasSubstr("low on memory"));
  queue::testing::wait_until(io_, [&] { return exporter.health().healthy; });
  const CommandResult rest = command(Command::kQueueRequeue);
  EXPECT_THAT(rest.out, HasSubstr("; 0 left\n")) << rest.err;
  EXPECT_GE(jobs_ready(exporter), 3U);
}

TEST_F(QueueCommands, GiveADeadLetterBackThatRabbitmqRefusesAsAJob) {
  queue::RabbitmqQueue& exporter = start_exporter();
  bury(exporter, {job("a"), job("b")}, "HTTP 502");
  const auto publish = [&] { return run(exporter.publish({.payload = job("c"), .created_at = clock_.now()})); };
  server().ctl({"set_policy", "--apply-to", "queues", "full", "^" + config_.amqp.queue + "$",
                R"({"max-length":1,"overflow":"reject-publish"})"});
  queue::testing::wait_until(io_, [&] { return !publish(); });
  const std::uint32_t jobs = jobs_ready(exporter);

  const CommandResult refused = command(Command::kQueueRequeue);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.out, "moved at least 0 of " + config_.amqp.dlq + " to " + config_.amqp.queue +
                             "; what was not moved is still there\n");
  EXPECT_THAT(refused.err, StartsWith("RabbitMQ: the broker did not take the message (nack)"));
  EXPECT_EQ(jobs_ready(exporter), jobs);
  const CommandResult there = command(Command::kQueuePeek);
  EXPECT_THAT(there.out, ::testing::ContainsRegex("id-of-a.*HTTP 502\n.*id-of-b.*HTTP 502\n$"));

  server().ctl({"clear_policy", "full"});
  queue::testing::wait_until(io_, [&] { return publish().has_value(); });
  EXPECT_THAT(command(Command::kQueueRequeue).out, StartsWith("moved 2 of "));
}

TEST_F(QueueCommands, SayWhyTheyCannot) {
  server().ctl({"add_user", "mallory", kPassword});  // may enter no virtual host
  const auto refused = [&](const std::string& user) {
    config_.amqp.url = config::CredentialUrl(url(user));
    CommandResult result = stats();
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith("RabbitMQ: 127.0.0.1:"));
    EXPECT_THAT(result.err, Not(HasSubstr(kPassword)));
    EXPECT_THAT(result.err, Not(HasSubstr("has an exporter")));
    return result.err;
  };
  EXPECT_THAT(refused(fmt::format("guest:{}", kPassword)), HasSubstr("ACCESS_REFUSED"));
  EXPECT_THAT(refused(fmt::format("mallory:{}", kPassword)), HasSubstr("virtual host"));
  server().ctl({"delete_user", "mallory"});

  const auto nobody = fmt::format("amqp://guest:{}@127.0.0.1:{}", kPassword, net::testing::free_port());
  config_.amqp.url = config::CredentialUrl(nobody);
  const CommandResult away = stats();
  EXPECT_EQ(away.exit_code, 1);
  EXPECT_THAT(away.err, HasSubstr("refused"));
  EXPECT_THAT(away.err, Not(HasSubstr(kPassword)));
}

TEST_F(QueueCommands, DoNotHang) {
  start_exporter();
  server().pause();
  const auto begin = std::chrono::steady_clock::now();
  const CommandResult result = command(Command::kQueueStats, {}, 300ms);
  server().resume();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no answer within 300ms"));
}

TEST(QueueCommandsWithoutRabbitmq, AreAnErrorOfTheConfiguration) {
  const auto refused = [](const config::Config& config) {
    const CommandResult result = queue_command({.command = Command::kQueueStats}, config);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, Not(HasSubstr(kPassword)));
    return result.err;
  };
  config::Config config;
  EXPECT_THAT(refused(config), StartsWith("amqp.url: not given"));
  config.amqp.url = config::CredentialUrl(fmt::format("amqps://guest:{}@rabbit", kPassword));
  config.amqp.ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(refused(config), StartsWith("amqp.ca_file: "));
  config.backfill.enabled = false;
  EXPECT_THAT(refused(config), StartsWith("backfill.enabled: "));
}

}  // namespace
}  // namespace ghstats::app
