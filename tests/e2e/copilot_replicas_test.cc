// Copilot's reports with several replicas: one page for all, whoever leads and whoever does the jobs.
#include "amqp/testing/rabbitmq_server.h"
#include "harness/copilot_reports.h"
#include "harness/queue_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const Labels kUsers = {{"scope", "users"}, {"window", "28d"}};
const Labels kUsersOfADay = {{"scope", "users"}, {"window", "1d"}};
const ReportName kUsersReport = {.report = "users-28-day"};
const ReportName kUsersOfADayReport = {.report = "users-1-day"};

constexpr int kFiles = 2;
constexpr const char* kSection = "copilot: {enabled: true, scrape_interval: 200ms, include_org_users_28d: true}\n";

class CopilotReplicas : public QueueWorld {
 protected:
  void SetUp() override {
    QueueWorld::SetUp();
    if (IsSkipped()) return;
    reports = std::make_unique<CopilotReports>(*simulator);
    reports->set_up(R"({"owner":"acme","users":15,"shards":2})");
  }

  void configure_copilot(const amqp::testing::RabbitmqServer& broker) {
    configure_queue("url: \"" + url_of(broker.endpoint()) + "\"", "1s");
    config += kSection;
  }

  // Both pages tell what the truth is now.
  void expect_report(const ReportName& name, const Labels& labels) {
    const auto truth = reports->truth(name);
    for (Replica* replica : replicas()) {
      EXPECT_EQ(complaints_after(20s, [&] { return wrong_sums(replica->look(), truth, labels, false); }), "")
          << replica->log();
    }
  }
  void expect_none(const Labels& labels) {
    for (Replica* replica : replicas()) {
      EXPECT_TRUE(eventually(20s, [&] { return copilot_series(replica->look(), labels) == 0; })) << replica->log();
    }
  }

  std::unique_ptr<CopilotReports> reports;
};

TEST_F(CopilotReplicas, ShowTheSameAndForgetTheSameWhoeverLeads) {
  configure(address(redis->port()), "1s");
  config += kSection;
  start_leader();
  start_follower();
  expect_report(kUsersReport, kUsers);
  EXPECT_EQ(reports->downloads(kUsersReport), kFiles) << "followers ask for nothing";

  leader->kill();
  EXPECT_EQ(wrong_sums(follower->look(), reports->truth(kUsersReport), kUsers, false), "");
  leader->start();
  ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
  ASSERT_TRUE(eventually(20s, [&] {
    return sum_of(leader->look(), "gh_exporter_copilot_scrape_runs_total",
                  {{"scope", "users"}, {"result", "unchanged"}}) > 0;
  })) << leader->log();
  EXPECT_EQ(reports->downloads(kUsersReport), kFiles) << "the next leader knows which report is shown";

  const auto before = reports->truth(kUsersReport, {}, "&by_user=true");
  const std::string gone(before.at("by_user").at(3).at("user_login").as_string());
  reports->set_up(R"({"owner":"acme","without_users":[")" + gone + R"("]})");
  pass(24h);
  expect_report(kUsersReport, kUsers);
  expect_none({{"user", gone}, {"scope", "users"}});

  // An empty Redis: what was shown is told again, or read again.
  redis->kill();
  redis->start();
  expect_report(kUsersReport, kUsers);
  EXPECT_EQ(follower->stop(), 0);
  start_follower();  // which knows only what Redis has
  expect_report(kUsersReport, kUsers);
  expect_orderly_stop();
}

TEST_F(CopilotReplicas, EndWhatIsNotWantedAnyMore) {
  configure(address(redis->port()), "1s");
  const std::string without = config;
  config += kSection;
  start_leader();
  start_follower();
  expect_report(kUsersReport, kUsers);
  EXPECT_EQ(leader->stop(), 0);
  const auto asked = reports->links_asked(kUsersReport);
  config = without;
  start_leader();
  ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
  expect_none({});
  EXPECT_TRUE(eventually(20s, [&] {
    return follower->exporter().page().find("gh_exporter_copilot_report_staleness_seconds{") == std::string::npos;
  }));
  EXPECT_EQ(reports->links_asked(kUsersReport), asked);
}

TEST_F(CopilotReplicas, AFollowerStandsInForAReportThatTheLeaderCannotRead) {
  const amqp::testing::RabbitmqServer broker;
  configure_copilot(broker);
  simulator->add_faults(R"([{"match":{"path_regex":"users-28-day/latest"},"action":{"status":500}}])");
  start_leader();
  start_follower();
  expect_report(kUsersOfADayReport, kUsersOfADay);
  EXPECT_FALSE(jobs_done(*follower).empty()) << "by the follower: " << follower->log();
  expect_none(kUsers);

  simulator->clear_faults();
  pass(24h);
  expect_report(kUsersReport, kUsers);
  expect_none(kUsersOfADay);
  EXPECT_EQ(complaints_after(20s, [&] { return imbalance(); }), "");
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
