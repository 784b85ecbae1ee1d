// What others see of our queues and put into them: an operator's tools, another exporter's jobs.
#include <boost/json.hpp>

#include "harness/pika.h"
#include "harness/queue_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;
namespace json = boost::json;

class OthersAtTheQueue : public QueueWorld {
 protected:
  static void publish(const RabbitmqServer& broker, const std::string& body) {
    const Outcome outcome = pika({url_of(broker.endpoint()), "publish", kJobs, body});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  // The existing exporter's: nothing but the body, and more in it than we know.
  [[nodiscard]] std::string foreign_job(const std::string& org) const {
    return json::serialize(json::object{{"job_id", "0b2c6f0e-foreign"},
                                        {"dedup_key", "theirs"},
                                        {"org", org},
                                        {"repo", "*"},
                                        {"window_start", format_rfc3339(now - 24h)},
                                        {"window_end", format_rfc3339(now)},
                                        {"reason", "scrape_error"},
                                        {"attempt", 2},
                                        {"max_attempts", 5},
                                        {"created_at", format_rfc3339(now)},
                                        {"priority", "high"},
                                        {"trace", {{"id", 7}}}});
  }

  // Name to arguments, as rabbitmqctl tells them.
  static std::map<std::string, std::string> queues(const RabbitmqServer& broker) {
    std::map<std::string, std::string> out;
    const auto list = json::parse(broker.ctl({"list_queues", "name", "arguments", "--formatter", "json"}));
    for (const auto& queue : list.as_array()) {
      std::string& text = out[std::string(queue.at("name").as_string())];
      for (const auto& argument : queue.at("arguments").as_array()) {  // name, type, value
        text += (text.empty() ? "" : ", ") + std::string(argument.at(0).as_string()) + ": " +
                json::serialize(argument.at(2));
      }
    }
    return out;
  }
};

TEST_F(OthersAtTheQueue, JobsOfOthersAreDoneAndWhatCannotBeIsADeadLetter) {
  if (!pika_is_installed()) {
    GTEST_SKIP() << "no second AMQP client: './dev setup' installs the package python3-pika";
  }
  const RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
  start_leader();
  start_follower();
  expect_true_pages();
  if (HasFatalFailure()) return;

  // The leader will not look for an hour.
  simulator->perform(R"({"type":"add_repository","org":"acme","name":"late","at":")" + format_rfc3339(now - 2h) +
                     R"("})");
  simulator->perform(R"({"type":"commit","repo":"acme/late","author":"ann","at":")" + format_rfc3339(now - 1h) +
                     R"("})");
  EXPECT_NE(wrong(*leader), "");
  publish(broker, foreign_job("acme"));
  expect_true_pages();
  EXPECT_TRUE(eventually(5s, [&] { return !jobs_done(*follower).empty(); })) << follower->log();
  std::string attempt;
  for (const auto& line : log_lines(follower->exporter().process().output())) {
    if (text_of(line, "job_id") == "0b2c6f0e-foreign") attempt = json::serialize(line.at("attempt"));
  }
  EXPECT_EQ(attempt, "2") << "of the body, where no header says otherwise";

  publish(broker, R"({"job_id": "cut off)");
  publish(broker, foreign_job("initech"));
  ASSERT_TRUE(eventually(20s, [&] { return ended("dead_lettered") == 2; })) << follower->log();
  EXPECT_TRUE(eventually(5s, [&] { return depth(kDeadLetters) == 2; }));
  const json::array dead = take_messages(url_of(broker.endpoint()), kDeadLetters);
  ASSERT_EQ(dead.size(), 2U) << json::serialize(dead);
  const auto body = [&](std::size_t i) { return std::string(dead[i].at("body").as_string()); };
  const auto reason = [&](std::size_t i) { return std::string(dead[i].at("headers").at("x-last-error").as_string()); };
  EXPECT_EQ(body(0), R"({"job_id": "cut off)");
  EXPECT_NE(reason(0).find("JSON"), std::string::npos) << reason(0);
  EXPECT_EQ(body(1), foreign_job("initech"));
  EXPECT_EQ(reason(1), "organisation 'initech' is not configured");
  EXPECT_TRUE(eventually(5s, [&] { return depth(kDeadLetters) == 0; })) << "drained";
  EXPECT_EQ(ended("dead_lettered"), 2) << "once each";
  expect_orderly_stop();
}

TEST_F(OthersAtTheQueue, SeeClassicQueuesAsDocumented) {
  const RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"", "1h", "max_attempts: 5");
  start_leader();
  expect_queue_health_of(*leader, true, false);
  const std::string back = R"(x-dead-letter-exchange: "gh.backfill", x-dead-letter-routing-key: "gh.backfill.jobs", )";
  const std::map<std::string, std::string> expected = {{"gh.backfill.jobs", ""},
                                                       {"gh.backfill.dlq", ""},
                                                       {"gh.backfill.jobs.retry.1m", back + "x-message-ttl: 60000"},
                                                       {"gh.backfill.jobs.retry.5m", back + "x-message-ttl: 300000"},
                                                       {"gh.backfill.jobs.retry.30m", back + "x-message-ttl: 1800000"},
                                                       {"gh.backfill.jobs.retry.2h", back + "x-message-ttl: 7200000"}};
  EXPECT_EQ(queues(broker), expected);
}

// All that can be chosen about the way there, too: TLS with an authority of one's own, and several hosts.
TEST_F(OthersAtTheQueue, QuorumQueuesBehindTlsAndADeadHostDoTheSame) {
  const RabbitmqServer broker;
  const std::string url = "amqps://guest:guest@127.0.0.1:" + std::to_string(net::testing::free_port()) +
                          ",127.0.0.1:" + std::to_string(broker.tls_endpoint().port);
  configure_queue("url: \"" + url + "\", ca_file: \"" + broker.authority() + "\", queue_type: quorum", "1h",
                  "requeue_delays: [300ms, 2s], max_attempts: 100");
  fail_requests();
  start_all();
  ASSERT_TRUE(eventually(20s, [&] { return enqueued() >= 12 && ended("failed") > 12; })) << leader->log();
  expect_queue_health(true, false);

  const std::string back = R"(x-dead-letter-exchange: "gh.backfill", x-dead-letter-routing-key: "gh.backfill.jobs", )"
                           R"(x-dead-letter-strategy: "at-least-once", x-delivery-limit: 1000000, )";
  const std::string rest = R"(, x-overflow: "reject-publish", x-queue-type: "quorum")";
  const std::map<std::string, std::string> expected = {
      {"gh.backfill.jobs", R"(x-dead-letter-exchange: "gh.backfill", x-dead-letter-routing-key: "gh.backfill.dlq", )"
                           R"(x-delivery-limit: 1000000, x-queue-type: "quorum")"},
      {"gh.backfill.dlq", R"(x-delivery-limit: 1000000, x-queue-type: "quorum")"},
      {"gh.backfill.jobs.retry.300ms", back + "x-message-ttl: 300" + rest},
      {"gh.backfill.jobs.retry.2s", back + "x-message-ttl: 2000" + rest}};
  EXPECT_EQ(queues(broker), expected);

  simulator->clear_faults();
  expect_true_pages();
  expect_drained();
  EXPECT_EQ(complaints_after(5s, [&] { return imbalance(); }), "");
  EXPECT_FALSE(jobs_done(*follower).empty() && jobs_done(*second).empty());
  EXPECT_EQ(disagreement(), "");
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
