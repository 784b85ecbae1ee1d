// Starting, being asked how it is, and stopping: what an operator and an orchestrator see of the program.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>

#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

class Lifecycle : public ::testing::Test {
 protected:
  [[nodiscard]] std::string config(const std::string& listen_address = "127.0.0.1:0") const {
    std::string text = config_for(simulator, {"acme"});
    const std::string standard = "127.0.0.1:0";
    return text.replace(text.find(standard), standard.size(), listen_address);
  }

  [[nodiscard]] std::unique_ptr<Exporter> start(std::map<std::string, std::string> environment = {}) const {
    return std::make_unique<Exporter>(folder.path(),
                                      Exporter::Options{.config = config(), .environment = std::move(environment)});
  }

  Outcome command(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) const {
    arguments.insert(arguments.begin(), program("github-stats-exporter"));
    return run_command(std::move(arguments), std::move(environment));
  }

  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    write_file(folder.path() / name, text);
    return (folder.path() / name).string();
  }

  // Every request of the exporter hangs, and some do already.
  void hang() {
    simulator.add_faults(R"([{"match":{},"action":{"delay_ms":60000}}])");
    ASSERT_TRUE(eventually(10s, [&] { return simulator.fault_hits() > 0; }));
  }

  // How long it took to end, and with which code.
  static std::pair<std::optional<int>, Seconds> end(Exporter& exporter, int signal_number) {
    const auto begin = std::chrono::steady_clock::now();
    exporter.process().signal(signal_number);
    const auto code = exporter.process().wait(20s);
    return {code, std::chrono::steady_clock::now() - begin};
  }

  TemporaryFolder folder;
  Simulator simulator{folder.path(),
                      {"--org", "acme", "--repos", "8", "--users", "5", "--events", "80", "--hours", "20"}};
};

TEST_F(Lifecycle, StopsAtOnceWhileRequestsHang) {
  for (const int number : {SIGTERM, SIGINT}) {
    const auto exporter = start();
    ASSERT_TRUE(exporter->complete_cycle("acme")) << exporter->process().output();
    hang();
    const auto [code, took] = end(*exporter, number);
    EXPECT_EQ(code, 0) << exporter->process().output();
    EXPECT_LT(took, 5s) << exporter->process().output();
    EXPECT_TRUE(exporter->process().output().find(R"("msg":"stopped")") != std::string::npos);
    simulator.clear_faults();
  }
}

TEST_F(Lifecycle, StopsAtOnceWhileTheFirstTokenHangs) {
  simulator.add_faults(R"([{"match":{},"action":{"delay_ms":60000}}])");
  const auto exporter = start();
  ASSERT_TRUE(eventually(10s, [&] { return simulator.fault_hits() > 0; }));
  const auto [code, took] = end(*exporter, SIGTERM);
  EXPECT_EQ(code, 0) << exporter->process().output();
  EXPECT_LT(took, 5s) << exporter->process().output();
}

TEST_F(Lifecycle, StopsAtOnceWhileItWaitsAnHourForTheRateLimit) {
  const auto exporter = start();
  ASSERT_TRUE(exporter->complete_cycle("acme")) << exporter->process().output();
  simulator.add_faults(
      R"([{"match":{"path_regex":"^/orgs/acme/repos$"},"action":{"primary_limit":403,"reset_in":3600}}])");
  ASSERT_TRUE(eventually(10s, [&] {
    return exporter->process().output().find("waiting for GitHub's rate limit") != std::string::npos;
  })) << exporter->process().output();
  EXPECT_TRUE(eventually(5s, [&] {
    return exporter->samples()[R"(gh_exporter_github_rate_limit_remaining{org="acme",installation_id="1000"})"] == 0;
  }));
  const auto [code, took] = end(*exporter, SIGTERM);
  EXPECT_EQ(code, 0) << exporter->process().output();
  EXPECT_LT(took, 2s) << exporter->process().output();
}

TEST_F(Lifecycle, ASecondSignalEndsItWithoutWaiting) {
  const auto exporter = start();
  ASSERT_TRUE(exporter->complete_cycle("acme")) << exporter->process().output();
  // Both are waiting when it wakes up, so that the second comes during the stop however quick that is.
  exporter->process().signal(SIGSTOP);
  exporter->process().signal(SIGTERM);
  exporter->process().signal(SIGINT);
  const auto [code, took] = end(*exporter, SIGCONT);
  EXPECT_EQ(code, 1) << exporter->process().output();
  EXPECT_LT(took, 2s);
  EXPECT_TRUE(exporter->process().output().find(R"("msg":"stopping")") != std::string::npos);
  EXPECT_TRUE(exporter->process().output().find(R"("msg":"stopped")") == std::string::npos);
}

TEST_F(Lifecycle, ItsPages) {
  const auto exporter = start();
  ASSERT_TRUE(exporter->complete_cycle("acme")) << exporter->process().output();
  const auto ask = [&](const char* method, const char* path) { return raw(method, exporter->url() + path); };
  EXPECT_EQ(ask("GET", "/livez").status, 200);
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  const auto health = ask("GET", "/healthz");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.headers.get("Content-Type"), "application/json");
  const auto document = boost::json::parse(health.body);
  EXPECT_EQ(document.at("role"), "leader");
  EXPECT_EQ(document.at("mode"), "healthy") << health.body;
  EXPECT_EQ(document.at("ready"), true);
  EXPECT_EQ(document.at("components").at("github_client"), true);
  EXPECT_EQ(boost::json::parse(ask("GET", "/healthz?full=1").body).at("details").at("scheduler").at("used"), true);

  const auto landing = ask("GET", "/");
  EXPECT_EQ(landing.status, 200);
  EXPECT_TRUE(landing.headers.get("Content-Type")->starts_with("text/html"));
  const auto version = command({"--version"}).out;
  const std::string number = version.substr(22, version.find(' ', 22) - 22);
  for (const std::string& part : {std::string("github-stats-exporter"), number, std::string("leader"),
                                  std::string("href=\"/metrics\""), std::string("href=\"/healthz\"")}) {
    EXPECT_TRUE(landing.body.find(part) != std::string::npos) << part << " is missing in\n" << landing.body;
  }
  EXPECT_TRUE(landing.body.find("<script") == std::string::npos);

  EXPECT_EQ(ask("GET", "/nowhere").status, 404);
  const auto refused = ask("DELETE", "/metrics");
  EXPECT_EQ(refused.status, 405);
  EXPECT_TRUE(refused.headers.get("Allow")->find("GET") != std::string::npos);
  const auto head = ask("HEAD", "/metrics");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.headers.get("Content-Type"), ask("GET", "/metrics").headers.get("Content-Type"));
}

TEST_F(Lifecycle, AFollowerServesAndAsksGitHubNothing) {
  const auto exporter = start({{"GITHUB_STATS_INITIAL_ROLE", "follower"}});
  EXPECT_EQ(get(exporter->url() + "/livez").status, 200);
  EXPECT_EQ(boost::json::parse(get(exporter->url() + "/healthz").body).at("role"), "follower");
  // A leader with this configuration asks in its first milliseconds (StopsAtOnceWhileTheFirstTokenHangs).
  EXPECT_FALSE(eventually(1500ms, [&] { return simulator.requests() > 0; }));
  EXPECT_EQ(exporter->samples().count(R"(gh_exporter_scrape_runs_total{org="acme",result="success"})"), 0U);
  EXPECT_EQ(end(*exporter, SIGTERM).first, 0);
}

TEST_F(Lifecycle, AnUnknownRoleIsAConfigurationError) {
  const auto path = file("c.yaml", config());
  for (const auto& arguments : {std::vector<std::string>{"--config=" + path}, {"check-config", "--config=" + path}}) {
    const auto outcome = command(arguments, {{"GITHUB_STATS_INITIAL_ROLE", "boss"}});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(outcome.err.find("GITHUB_STATS_INITIAL_ROLE: 'boss'") != std::string::npos) << outcome.err;
    EXPECT_TRUE(outcome.err.find("leader or follower") != std::string::npos) << outcome.err;
  }
  EXPECT_EQ(command({"check-config", "--config=" + path}).exit_code, 0);
}

TEST_F(Lifecycle, HelpVersionAndNonsense) {
  const auto version = command({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("github-stats-exporter ")) << version.out;
  const auto help = command({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(help.out.find("check-config") != std::string::npos) << help.out;
  EXPECT_EQ(version.err + help.err, "");
  for (const char* nonsense : {"--bogus", "bogus", "--config", "--log.level=loud"}) {
    const auto refused = command({nonsense});
    EXPECT_EQ(refused.exit_code, 2) << nonsense;
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(refused.err, "");
  }
}

TEST_F(Lifecycle, WhatCannotBePrintedIsAFailure) {
  const auto path = file("c.yaml", config());
  const std::vector<std::vector<std::string>> commands = {
      {"print-config", "--config=" + path}, {"check-config", "--config=" + path}, {"--help"}, {"--version"}};
  for (auto arguments : commands) {
    const std::string name = arguments.front();
    arguments.insert(arguments.begin(), program("github-stats-exporter"));
    Process process(std::move(arguments), {},
                    Streams{.output = "/dev/full", .errors = folder.path() / (name + ".err")});
    EXPECT_EQ(process.wait(20s), 1) << name;
    EXPECT_EQ(read_file(folder.path() / (name + ".err")),
              "github-stats-exporter: cannot write to standard output: No space left on device\n");
  }
}

TEST_F(Lifecycle, AnAddressInUseIsARuntimeFailure) {
  const auto first = start();
  const std::string address = first->url().substr(first->url().find("//") + 2);
  const auto second = command({"--config=" + file("second.yaml", config(address))});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_TRUE(second.err.find(address) != std::string::npos) << second.err;
  EXPECT_TRUE(second.err.find("in use") != std::string::npos) << second.err;
}

TEST_F(Lifecycle, HealthcheckTellsAliveFromDead) {
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  const auto path = file("fixed.yaml", config(address));
  EXPECT_EQ(command({"healthcheck", "--config=" + path}).exit_code, 1);
  Exporter exporter(folder.path(), {.config = config(address)});
  ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
  const auto alive = command({"healthcheck", "--config=" + path});
  EXPECT_EQ(alive.exit_code, 0) << alive.err;
  EXPECT_EQ(end(exporter, SIGTERM).first, 0);
  const auto dead = command({"healthcheck", "--config=" + path});
  EXPECT_EQ(dead.exit_code, 1);
  EXPECT_NE(dead.err, "");
  // The port of "127.0.0.1:0" is known to nobody.
  EXPECT_EQ(command({"healthcheck", "--config=" + file("any.yaml", config())}).exit_code, 1);
}

TEST_F(Lifecycle, PrintConfigShowsValuesButNoSecret) {
  const auto token = file("token.txt", "ghp_fromAFile0123456789\n");
  const auto path =
      file("c.yaml",
           "github:\n  proxy: http://me:proxy-secret@127.0.0.1:3128\n  orgs:\n    - {org: acme, token_file: " + token +
               "}\nstore: {redis_addr: 'r:1', redis_password: redis-secret}\n" +
               "amqp: {url: 'amqp://me:amqp-secret@h'}\nserver: {listen_addr: '${LISTEN}'}\n");
  const auto shown = command({"print-config", "--config=" + path}, {{"LISTEN", "127.0.0.1:9105"}});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* visible : {"acme", "127.0.0.1:9105", "r:1", "scrape_interval"}) {
    EXPECT_TRUE(shown.out.find(visible) != std::string::npos) << visible << " is missing in\n" << shown.out;
  }
  for (const char* secret : {"ghp_", "proxy-secret", "redis-secret", "amqp-secret"}) {
    EXPECT_TRUE((shown.out + shown.err).find(secret) == std::string::npos) << secret << " is shown";
  }
}

}  // namespace
}  // namespace ghstats::harness
