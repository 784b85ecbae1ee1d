#include "app/election.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/leader_command.h"
#include "app/leader_notices.h"
#include "async/task_group.h"
#include "async/testing/run.h"
#include "kube/testing/api_server.h"
#include "kube/testing/service_account.h"
#include "log/testing/memory_sink.h"
#include "net/testing/eventually.h"
#include "redis/testing/redis_server.h"
#include "store/testing/redis_replica.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using kube::testing::ApiServer;
using kube::testing::ServiceAccountFolder;
using ::testing::HasSubstr;
using ::testing::SizeIs;

config::Config elected_by(config::ElectionBackend backend) {
  config::Config config;
  config.leader_election = {.enabled = true,
                            .backend = backend,
                            .namespace_ = "monitoring",
                            .lease_name = "github-stats-exporter",
                            .lease_duration = 3s,
                            .renew_deadline = 2s,
                            .retry_period = 100ms};
  return config;
}

// One process that takes part.
struct Replica {
  boost::asio::io_context& io;
  const Clock& clock;
  std::shared_ptr<log::testing::MemorySink> lines = std::make_shared<log::testing::MemorySink>();
  metrics::Recorder recorder = {};
  health::LeaderView seen = {};
  std::unique_ptr<Election> election = {};
  std::unique_ptr<async::TaskGroup> running = {};

  Status begin(const std::string& name, const config::Config& config, kube::Environment variables,
               Role configured = Role::kLeader) {
    auto made = Election::make({.place = {io.get_executor(), clock, name, std::move(variables)},
                                .recorder = recorder,
                                .logger = log::testing::make_logger(lines),
                                .on_change = [this](health::LeaderView view) { seen = std::move(view); }},
                               config, configured);
    if (!made) return fail(made.error());
    election = *std::move(made);
    running = std::make_unique<async::TaskGroup>(io.get_executor());
    running->spawn([this] { return election->run(); });
    return {};
  }
  [[nodiscard]] bool leads() const { return election->elector().leads(); }
  [[nodiscard]] std::size_t warnings() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        lines->lines(), [](const std::string& line) { return line.find("\"warn\"") != std::string::npos; }));
  }
};

class ElectionTest : public ::testing::Test {
 protected:
  ~ElectionTest() override {
    for (Replica* replica : {&first_, &second_}) end(*replica);
  }
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  bool eventually(std::function<bool()> condition) { return run(net::testing::eventually(std::move(condition), 30s)); }
  // Without giving the lease back.
  void die(Replica& replica) {
    if (!replica.running) return;
    replica.running->cancel();
    run(replica.running->join());
    replica.running.reset();
  }
  void end(Replica& replica) {
    if (!replica.running) return;
    die(replica);
    run(replica.election->withdraw(2s));
  }
  // As in a pod that reaches this server.
  static kube::Environment pod(const ApiServer& server, const ServiceAccountFolder& account) {
    const std::string folder = std::filesystem::path(account.files().token).parent_path();
    return [port = std::to_string(server.port()), folder](const std::string& name) -> std::optional<std::string> {
      if (name == "KUBERNETES_SERVICE_HOST") return "127.0.0.1";
      if (name == "KUBERNETES_SERVICE_PORT") return port;
      if (name == kServiceAccountDirectory) return folder;
      return std::nullopt;
    };
  }
  static std::optional<std::string> no_pod(const std::string& /*name*/) { return std::nullopt; }

  SystemClock clock_;
  boost::asio::io_context io_;
  Replica first_{io_, clock_};
  Replica second_{io_, clock_};
};

TEST_F(ElectionTest, WithoutOneTheConfigurationDecides) {
  const config::Config config;
  ASSERT_TRUE(first_.begin("pod-a", config, no_pod, Role::kLeader));
  ASSERT_TRUE(second_.begin("pod-b", config, no_pod, Role::kFollower));
  EXPECT_TRUE(first_.leads());
  EXPECT_FALSE(second_.leads());
  EXPECT_EQ(first_.seen, (health::LeaderView{.elected_by = "configuration"}));
  EXPECT_EQ(first_.warnings(), 0U);
}

TEST_F(ElectionTest, OutsideKubernetesThereIsOneWarningAndThisReplicaLeads) {
  ASSERT_TRUE(first_.begin("pod-a", elected_by(config::ElectionBackend::kKubernetes), no_pod, Role::kFollower));
  EXPECT_TRUE(first_.leads());
  EXPECT_EQ(first_.warnings(), 1U);
  EXPECT_TRUE(first_.lines->contains("KUBERNETES_SERVICE_HOST"));
  EXPECT_EQ(first_.seen.elected_by, "configuration");
  EXPECT_THAT(first_.seen.trouble, HasSubstr("KUBERNETES_SERVICE_HOST"));
}

TEST_F(ElectionTest, ATokenThatCannotBeReadIsSaidOnceAndThisReplicaLeads) {
  const ApiServer server;
  const ServiceAccountFolder account(server.authority(), "token-1");
  account.remove_token();
  ASSERT_TRUE(first_.begin("pod-a", elected_by(config::ElectionBackend::kKubernetes), pod(server, account)));
  EXPECT_TRUE(first_.leads());
  EXPECT_EQ(first_.warnings(), 1U);
  EXPECT_TRUE(first_.lines->contains("/token"));
}

TEST_F(ElectionTest, OneOfTwoPodsLeadsAndTheOtherTakesOverWhatIsGivenBack) {
  const ApiServer server;
  const ServiceAccountFolder account(server.authority(), "token-1");
  const auto config = elected_by(config::ElectionBackend::kKubernetes);
  ASSERT_TRUE(first_.begin("pod-a", config, pod(server, account)));
  ASSERT_TRUE(eventually([&] { return first_.leads(); }));
  ASSERT_TRUE(second_.begin("pod-b", config, pod(server, account)));
  ASSERT_TRUE(eventually([&] { return second_.seen.leader.starts_with("pod-a_"); }));
  EXPECT_FALSE(second_.leads());
  EXPECT_EQ(second_.seen.elected_by, "kubernetes");
  EXPECT_TRUE(second_.seen.since);
  EXPECT_TRUE(second_.lines->contains("another replica leads"));

  const auto before = clock_.steady_now();
  end(first_);
  ASSERT_TRUE(eventually([&] { return second_.leads(); }));
  EXPECT_LT(clock_.steady_now() - before, 2s) << "it need not run out";
  EXPECT_EQ(second_.seen.transitions, 1);
  EXPECT_TRUE(second_.lines->contains("the lease is this replica's"));
  EXPECT_EQ(second_.warnings(), 0U);
}

TEST_F(ElectionTest, WhatGoesWrongIsCountedByItsKind) {
  ApiServer server;
  const ServiceAccountFolder account(server.authority(), "token-of-nobody");
  ASSERT_TRUE(first_.begin("pod-a", elected_by(config::ElectionBackend::kKubernetes), pod(server, account)));
  double counted = 0;
  ASSERT_TRUE(eventually([&] {
    for (const auto& sample : first_.recorder.take_increments()) {
      if (sample.key.family == metrics::Family::kElectionErrors) {
        EXPECT_EQ(sample.key.labels, std::vector<std::string>{"unauthenticated"});
        counted += sample.value;
      }
    }
    return counted >= 3;
  }));
  EXPECT_FALSE(first_.leads());
  EXPECT_EQ(first_.warnings(), 1U) << "once, not with each try";
  EXPECT_FALSE(first_.seen.trouble.empty());
  server.set_tokens({"token-of-nobody"});
  ASSERT_TRUE(eventually([&] { return first_.leads(); }));
  EXPECT_TRUE(first_.seen.trouble.empty());
  for (const std::string& line : first_.lines->lines()) EXPECT_EQ(line.find("token-of"), std::string::npos);
}

class RedisElection : public ElectionTest {
 protected:
  void SetUp() override {
    GHSTATS_NEEDS_REDIS();
    config_.store.backend = config::StoreBackend::kRedis;
    config_.store.redis_addr = "127.0.0.1:" + std::to_string(store::testing::shared_redis().port());
    std::string prefix = store::testing::fresh_prefix();
    config_.store.redis_key_prefix = prefix.substr(0, prefix.find(':'));
  }
  config::Config config_ = elected_by(config::ElectionBackend::kRedis);
};

TEST_F(RedisElection, WhoDiesIsReplacedWhenTheLeaseRunsOut) {
  ASSERT_TRUE(first_.begin("host-a", config_, no_pod));
  ASSERT_TRUE(eventually([&] { return first_.leads(); }));
  ASSERT_TRUE(second_.begin("host-b", config_, no_pod));
  ASSERT_TRUE(eventually([&] { return second_.seen.leader.starts_with("host-a_"); }));
  EXPECT_EQ(second_.seen.elected_by, "redis");
  const auto before = clock_.steady_now();
  die(first_);
  EXPECT_FALSE(first_.leads());
  ASSERT_TRUE(eventually([&] { return second_.leads(); }));
  EXPECT_GT(clock_.steady_now() - before, 2s) << "not before";
}

TEST_F(RedisElection, TheCommandSaysWhoLeads) {
  const CommandLine line{.command = Command::kLeader};
  CommandResult told = leader_command(line, config_, no_pod);
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_THAT(told.err, HasSubstr("there is no lease"));
  EXPECT_THAT(told.err, HasSubstr("nobody writes"));

  ASSERT_TRUE(first_.begin("host-a", config_, no_pod));
  ASSERT_TRUE(eventually([&] { return first_.leads(); }));
  store::testing::RedisReplica replica(
      io_, clock_, store::testing::shared_redis().endpoint(),
      store::RedisStoreOptions{.prefix = store::redis_prefix(config_.store.redis_key_prefix)});
  const LeadershipNotice ended{.epoch = 41,
                               .replica = "host-z",
                               .began = from_unix_seconds(1'790'000'000),
                               .ended = from_unix_seconds(1'790'000'600),
                               .why = "the lease was not renewed within 20s: no answer in time"};
  run(tell_end(replica.store(), ended));
  async::TaskGroup telling(io_.get_executor());
  telling.spawn(
      [&] { return tell_leadership(replica.store(), {.epoch = 42, .replica = "host-a", .began = clock_.now()}); });
  ASSERT_TRUE(eventually([&] { return leader_command(line, config_, no_pod).out.contains("epoch 42"); }));
  told = leader_command(line, config_, no_pod);
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_THAT(told.out, HasSubstr("leader        host-a_"));
  EXPECT_THAT(told.out, HasSubstr("3s without renewal"));
  EXPECT_THAT(told.out, HasSubstr("host-z, epoch 41, 2026-09-21T14:23:20Z"));
  EXPECT_THAT(told.out, HasSubstr("the lease was not renewed within 20s: no answer in time"));
  CommandLine as_json = line;
  as_json.queue.json = true;
  told = leader_command(as_json, config_, no_pod);
  EXPECT_THAT(told.out, HasSubstr(R"("writer":{"replica":"host-a","epoch":42,)"));
  telling.cancel();
  run(telling.join());
}

TEST(LeaderCommand, OfAConfigurationThatSharesNothingIsUnusable) {
  const CommandResult told = leader_command({.command = Command::kLeader}, {});
  EXPECT_EQ(told.exit_code, 2);
  EXPECT_THAT(told.err, HasSubstr("each process leads by itself"));
}

TEST(LeaderCommand, SaysThatThisIsNoPodAndAsksTheStoreAllTheSame) {
  const CommandResult told =
      leader_command({.command = Command::kLeader}, elected_by(config::ElectionBackend::kKubernetes),
                     [](const std::string&) { return std::nullopt; });
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_THAT(told.err, HasSubstr("KUBERNETES_SERVICE_HOST"));
}

}  // namespace
}  // namespace ghstats::app
