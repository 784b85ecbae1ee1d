// Replicas whose wall clocks jump, each by itself, before a simulated GitHub whose clock is right.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/moved_clock.h"
#include "harness/simulator.h"

namespace ghstats::harness {

inline constexpr std::chrono::hours kJumps[] = {std::chrono::hours{1}, std::chrono::hours{24}, std::chrono::hours{48},
                                                std::chrono::hours{168}, std::chrono::hours{24 * 400}};

// GitHub's clock is the machine's; each replica has its own.
class WrongClock : public ::testing::Test {
 protected:
  struct Replica {
    Replica(const std::string& role, const std::string& config) {
      auto environment = clock.environment();
      environment["GITHUB_STATS_INITIAL_ROLE"] = role;
      exporter = std::make_unique<Exporter>(folder.path(), Exporter::Options{config, {}, environment});
    }
    [[nodiscard]] std::string health() const { return get(exporter->url() + "/healthz?full=1").body; }

    TemporaryFolder folder;
    MovedClock clock{folder.path()};
    std::unique_ptr<Exporter> exporter;
  };

  void SetUp() override {
    write_file(folder.path() / "token", "ghp_wrong_clock");
    simulator.perform(R"([{"type":"add_repository","org":"acme","name":"alpha","at":")" +
                      format_rfc3339(std::chrono::system_clock::now() - std::chrono::hours{240}) + R"("}])");
  }

  void start(const std::string& store = {}) {
    const std::string config = "server: {listen_addr: \"127.0.0.1:0\"}\ngithub:\n  api_base_url: " + simulator.url() +
                               "\n  orgs:\n    - {org: acme, token_file: " + (folder.path() / "token").string() +
                               ", scrape_interval: 200ms}\n" + store;
    leader = std::make_unique<Replica>("leader", config);
    if (!store.empty()) follower = std::make_unique<Replica>("follower", config);
  }

  void work() { simulator.work({"acme/alpha"}, ++round); }

  [[nodiscard]] std::string difference(const Replica& replica) const {
    const auto now = std::chrono::system_clock::now();
    return differences(activity(replica.exporter->samples(), now), simulator.truth(now));
  }
  void expect_truth(const Replica& replica, const std::string& after) {
    EXPECT_TRUE(eventually(std::chrono::seconds{5}, [&] { return difference(replica).empty(); }))
        << after << ":\n"
        << difference(replica) << replica.exporter->process().output();
  }
  void expect_truth(const std::string& after) {
    ASSERT_TRUE(leader->exporter->complete_cycle("acme", "success", std::chrono::seconds{20}))
        << leader->exporter->process().output();
    expect_truth(*leader, after + ", leader");
    if (follower) expect_truth(*follower, after + ", follower");
  }

  // Clocks jump by `jump`, cycles go on, somebody works meanwhile, and the clocks are right again.
  void jump(std::chrono::hours jump, const std::vector<Replica*>& replicas, const std::string& whose) {
    for (Replica* replica : replicas) replica->clock.set_ahead(jump);
    for (Replica* replica : replicas) (void)replica->exporter->page();
    EXPECT_TRUE(leader->exporter->complete_cycle("acme", "success", std::chrono::seconds{20}))
        << leader->exporter->process().output();
    work();
    EXPECT_TRUE(leader->exporter->complete_cycle("acme", "success", std::chrono::seconds{20}));
    for (Replica* replica : replicas) (void)replica->exporter->page();
    for (Replica* replica : replicas) replica->clock.set_ahead(std::chrono::seconds{0});
    expect_truth(whose + " moved by " + std::to_string(jump.count()) + " h");
  }

  const TemporaryFolder folder;
  Simulator simulator{folder.path(),
                      {"--orgs", "1", "--org", "acme", "--repos", "6", "--users", "10", "--events", "400", "--hours",
                       "60", "--seed", "5", "--token", "ghp_wrong_clock", "--no-rate-limit-headers"}};
  std::unique_ptr<Replica> leader;
  std::unique_ptr<Replica> follower;
  int round = 0;
};

}  // namespace ghstats::harness
