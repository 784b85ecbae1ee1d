// Replicas that elect their leader, each with ways of its own to GitHub, to Redis and to Kubernetes' API server.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/http.h"
#include "harness/log_lines.h"
#include "harness/network_path.h"
#include "harness/page_watch.h"
#include "harness/samples.h"
#include "harness/shared_world.h"
#include "kube/testing/api_server.h"
#include "kube/testing/service_account.h"

namespace ghstats::harness {

enum class ElectedBy : std::uint8_t { kKubernetes, kRedis };

// At the end of each test every page that was asked for must have been answered with 200, and no two leaders have asked
// GitHub at the same time.
class ElectionWorld : public SharedWorld {
 protected:
  using Milliseconds = std::chrono::milliseconds;

  // Short, so that tests are; a leader on a busy machine must be able to keep it.
  static constexpr Milliseconds kLeaseDuration{3000};
  static constexpr Milliseconds kRenewDeadline{2000};
  static constexpr Milliseconds kRetryPeriod{500};
  static constexpr Milliseconds kRequestTimeout{2000};  // of requests to GitHub
  static constexpr Milliseconds kRoleChange{1000};      // from a decision to what it means (contract.md section 10)

  // Until another one leads when the leader has given its lease back, or is lost without a word.
  static constexpr Milliseconds kAfterStop = 2 * kRetryPeriod + kRoleChange;
  static constexpr Milliseconds kAfterLoss = kLeaseDuration + 2 * kRetryPeriod + kRoleChange;
  // Until a leader that cannot renew its lease leads no longer.
  static constexpr Milliseconds kStepDown = kRenewDeadline + kRoleChange;
  static constexpr Milliseconds kPatience{20'000};  // for what has no limit of its own

  // A replica and its surroundings.
  struct Member {
    Member(std::string given_name, net::Endpoint to_github, net::Endpoint to_redis, kube::testing::ApiServer& api)
        : name(std::move(given_name)),
          github(std::move(to_github)),
          redis(std::move(to_redis)),
          api_port(api.open_port()),
          account(api.authority(), "token-1") {}

    std::string name;
    NetworkPath github;
    NetworkPath redis;
    std::uint16_t api_port;  // the API server's for this one
    kube::testing::ServiceAccountFolder account;
    std::string config;
    std::unique_ptr<Replica> replica;
    bool lives = false;           // and is asked for pages
    std::size_t led_in_past = 0;  // leaderships of its earlier processes
    [[nodiscard]] std::string log() const { return replica->exporter().process().output(); }
    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(github.port()); }
  };

  void SetUp() override {
    SharedWorld::SetUp();
    if (!IsSkipped()) redis = std::make_unique<redis::testing::RedisServer>();
  }

  void TearDown() override {
    if (!IsSkipped()) {
      EXPECT_TRUE(watch.failures().empty())
          << watch.failures().size() << " of " << watch.pages() << " pages, first " << watch.failures().front();
      expect_one_asks_at_a_time();
      for (Member* member : living()) {
        leave(*member);
        EXPECT_EQ(member->replica->stop(), 0) << member->log();
      }
    }
    SharedWorld::TearDown();
  }

  // So many that do not run yet.
  void make_members(ElectedBy elected_by, std::size_t count = 3) {
    const std::string election =
        elected_by == ElectedBy::kRedis ? "backend: redis" : "namespace: monitoring, lease_name: github-stats-exporter";
    const auto origin = http::origin_of(simulator->url());
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back(std::make_unique<Member>("replica-" + std::to_string(i),
                                                 net::Endpoint{"127.0.0.1", origin->port}, redis->endpoint(), api));
      Member& member = *members.back();
      member.config = config_for(*simulator, {"acme"},
                                 "store: {" + address(member.redis.port()) +
                                     "}\nbackfill: {enabled: false}\nleader_election: {enabled: true, " + election +
                                     ", lease_duration: 3s, renew_deadline: 2s, retry_period: 500ms}\n",
                                 "request_timeout: 2s", {}, "300ms");
      member.config.replace(member.config.find(simulator->url()), simulator->url().size(), "http://" + member.host());
    }
  }

  // What a pod's environment says.
  [[nodiscard]] static std::map<std::string, std::string> pod(const Member& member) {
    const std::filesystem::path token = member.account.files().token;
    return {{"KUBERNETES_SERVICE_HOST", "127.0.0.1"},
            {"KUBERNETES_SERVICE_PORT", std::to_string(member.api_port)},
            {"GITHUB_STATS_SERVICE_ACCOUNT_DIR", token.parent_path().string()}};
  }

  void start(Member& member) { start(member, pod(member)); }
  void start(Member& member, std::map<std::string, std::string> environment) {
    if (member.replica) member.led_in_past += count(member, "info", "leading");
    member.replica =
        std::make_unique<Replica>("follower", member.config, now, Replica::Own{std::move(environment), member.name});
    join(member);
  }
  // All of them, until one leads and every page is right.
  void start_all(ElectedBy elected_by) {
    make_members(elected_by);
    for (const auto& member : members) start(*member);
    expect_truth();
  }

  // From here on its page is asked for and must be there; or it need not be.
  void join(Member& member) {
    member.lives = true;
    watch.add(member.name, member.replica->exporter().url() + "/metrics");
  }
  void leave(Member& member) {
    member.lives = false;
    watch.remove(member.name);
  }

  void pass(std::chrono::seconds time) {
    SharedWorld::pass(time);
    for (const auto& member : members) {
      if (member->replica) member->replica->set_clock(now);
    }
  }

  [[nodiscard]] std::vector<Member*> living() const {
    std::vector<Member*> out;
    for (const auto& member : members) {
      if (member->lives) out.push_back(member.get());
    }
    return out;
  }
  [[nodiscard]] std::string logs() const {
    std::string out;
    for (const auto& member : members) out += member->name + ":\n" + (member->replica ? member->log() : "");
    return out;
  }

  // Who says that it leads.
  [[nodiscard]] std::vector<Member*> leaders() const {
    std::vector<Member*> out;
    for (Member* member : living()) {
      if (role_of(*member) == "leader") out.push_back(member);
    }
    return out;
  }
  // Empty without an answer: a machine that stands still for long makes servers hang up. Pages are watched elsewhere.
  [[nodiscard]] static std::string role_of(const Member& member) {
    try {
      return member.replica->role();
    } catch (const std::exception&) {
      return {};
    }
  }
  [[nodiscard]] bool nobody_leads() const { return leaders().empty(); }
  // At one and the same moment: the first says so before and after the second.
  [[nodiscard]] bool two_lead() const {
    const auto found = leaders();
    return found.size() > 1 && role_of(*found.front()) == "leader";
  }
  // The only one who leads; null when there is none within `limit`.
  Member* elected(Milliseconds limit = kPatience) {
    std::vector<Member*> found;
    eventually(limit, [&] { return (found = leaders()).size() == 1; });
    return found.size() == 1 ? found.front() : nullptr;
  }

  // Who leads after `before`, whose end began at `since`; null, and the test has failed, when nobody does. Another one
  // must lead within `limit`, and never two.
  Member* expect_successor(Member& before, SteadyPoint since, Milliseconds limit) {
    Member* next = nullptr;
    bool two = false;
    eventually(kPatience, [&] {
      two = two_lead();
      for (Member* member : leaders()) {
        if (member != &before) next = member;
      }
      return next != nullptr || two;
    });
    EXPECT_FALSE(two) << logs();
    const SteadyPoint seen = std::chrono::steady_clock::now();
    const auto took = std::chrono::duration_cast<Milliseconds>(seen - since);
    if (next == nullptr) {
      ADD_FAILURE() << "nobody leads\n" << logs();
      return next;
    }
    EXPECT_LE(took, limit) << logs();
    RecordProperty("failover_ms_" + std::to_string(handovers.size()), std::to_string(took.count()));
    handovers.push_back({&before, next, since, seen});
    return next;
  }

  // Exactly one leads, its next whole cycle succeeds, and all pages are right, the same, and name it.
  void expect_truth() {
    Member* const leads = elected();
    ASSERT_NE(leads, nullptr) << logs();
    ASSERT_TRUE(leads->replica->exporter().complete_cycle("acme")) << logs();
    for (Member* member : living()) ASSERT_EQ(wrong_after(*member->replica, Milliseconds{5000}), "") << member->name;
    EXPECT_EQ(disagreement(*leads), "");
    for (Member* member : living()) {
      EXPECT_EQ(complaints_after(Milliseconds{5000}, [&] { return untold(*member, *leads); }), "") << member->log();
    }
  }

  // What this replica does not say, or wrongly, of who leads; empty when all is right.
  std::string untold(Member& asked, Member& leads) {
    const std::string role = &asked == &leads ? "leader" : "follower";
    const std::string url = asked.replica->exporter().url();
    const Samples page = asked.replica->look();
    const std::string landing = get(url + "/").body;
    std::string out;
    if (asked.replica->role() != role) out += "/healthz: not " + role + "\n";
    if (landing.find("<th scope=\"row\">Role</th><td>" + role + "</td>") == std::string::npos)
      out += "/: not " + role + "\n";
    if (landing.find("<td>" + identity(leads) + "</td>") == std::string::npos)
      out += "/: not " + identity(leads) + "\n";
    if (election_of(asked, "leader") != identity(leads))
      out += "/healthz?full=1: " + election_of(asked, "leader") + "\n";
    if (sum_of(page, "gh_exporter_leader", {{"replica", leads.name}}) != 1) out += "gh_exporter_leader: not 1\n";
    if (sum_of(page, "gh_exporter_leader") != 1) out += "gh_exporter_leader: another one\n";
    const double transitions = sum_of(page, "gh_exporter_leader_transitions_total");
    if (transitions != leaderships()) {
      out += "transitions: " + std::to_string(transitions) + " of " + std::to_string(leaderships()) + "\n";
    }
    return out;
  }

  // In how far other pages differ from the leader's, at a moment when that one does not change.
  std::string disagreement(Member& leads) {
    std::string found;
    eventually(kPatience, [&] {
      found.clear();
      const Samples before = shared_series(leads.replica->look());
      for (Member* member : living()) {
        if (member != &leads) found += differences(shared_series(member->replica->look()), before);
      }
      if (before != shared_series(leads.replica->look())) found += "the leader's page changes all the time\n";
      return found.empty();
    });
    return found;
  }

  // Leaderships that began, by the logs.
  [[nodiscard]] double leaderships() const {
    std::size_t out = 0;
    for (const auto& member : members) {
      out += member->led_in_past + (member->replica ? count(*member, "info", "leading") : 0);
    }
    return static_cast<double>(out);
  }
  // Of the last one of this process; 0: there was none.
  [[nodiscard]] static std::uint64_t epoch_of(const Member& member) {
    const std::string epoch = last_said(member, "leading", "epoch");
    return epoch.empty() ? 0 : std::stoull(epoch);
  }
  // As the election names it.
  [[nodiscard]] static std::string identity(const Member& member) {
    return last_said(member, "taking part in an election", "as");
  }
  // Why its last leadership ended, by its log.
  [[nodiscard]] static std::string end_of(const Member& member) {
    return last_said(member, "leadership ended", "reason") + last_said(member, "leadership ended", "error");
  }

  [[nodiscard]] static std::size_t count(const Member& member, const std::string& level, const std::string& message) {
    const auto lines = log_lines(member.log());
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [&](const auto& line) { return text_of(line, "level") == level && text_of(line, "msg") == message; }));
  }
  static constexpr const char* kTrouble = "election cannot go on";  // the warning
  [[nodiscard]] static std::size_t troubles(const Member& member) { return count(member, "warn", kTrouble); }

  [[nodiscard]] static std::string last_said(const Member& member, const std::string& message, const char* field) {
    std::string out;
    for (const auto& line : log_lines(member.log())) {
      if (text_of(line, "msg") == message) out = text_of(line, field);
    }
    return out;
  }

  // Of "leader" in /healthz?full=1; "null": not known.
  [[nodiscard]] static std::string election_of(const Member& member, const char* field) {
    const auto document = boost::json::parse(get(member.replica->exporter().url() + "/healthz?full=1").body);
    const auto& value = document.at("leader").at(field);
    return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
  }
  [[nodiscard]] static std::string reasons_of(const Member& member) {
    const auto document = boost::json::parse(get(member.replica->exporter().url() + "/healthz?full=1").body);
    return boost::json::serialize(document.at("reasons"));
  }

  // A change of leaders that a test has waited for.
  struct Handover {
    Member* from;
    Member* to;
    SteadyPoint since;         // when what caused it began
    SteadyPoint seen;          // when the next one was known to lead
    SteadyPoint resumed = {};  // when the one before, which stood still, went on
  };

  // By the simulator's log: who was leader asks no longer when the next one has begun for the time of one request; of
  // one that stood still, from its going on. Who never led has never asked.
  void expect_one_asks_at_a_time() {
    const auto arrivals = simulator->arrivals();
    for (std::size_t i = 0; i < handovers.size(); ++i) {
      const Handover& change = handovers[i];
      const SteadyPoint from = i == 0 ? SteadyPoint::min() : handovers[i - 1].seen;
      SteadyPoint until = SteadyPoint::max();
      for (std::size_t later = i + 1; later < handovers.size(); ++later) {
        if (handovers[later].to == change.from) until = std::min(until, handovers[later].since);
      }
      std::optional<SteadyPoint> first;
      SteadyPoint last = from;
      for (const auto& [host, at] : arrivals) {
        if (at < from || at > until) continue;
        if (host == change.to->host() && !first) first = at;
        if (host == change.from->host()) last = at;
      }
      EXPECT_TRUE(first) << change.to->name << " leads and has never asked GitHub";
      if (!first) continue;
      const auto both = std::chrono::duration_cast<Milliseconds>(last - std::max(*first, change.resumed));
      EXPECT_LE(both, kRequestTimeout) << change.from->name << " and " << change.to->name;
      RecordProperty("overlap_ms_" + std::to_string(i), std::to_string(both.count()));
    }
    for (const auto& member : members) {
      if (!member->replica || leaderships_of(*member) > 0) continue;
      EXPECT_FALSE(std::ranges::any_of(arrivals, [&](const auto& a) { return a.host == member->host(); }))
          << member->name << " never led and has asked GitHub";
    }
  }

  std::unique_ptr<redis::testing::RedisServer> redis;
  kube::testing::ApiServer api;
  std::vector<std::unique_ptr<Member>> members;
  std::vector<Handover> handovers;
  PageWatch watch;

 private:
  [[nodiscard]] static std::size_t leaderships_of(const Member& member) {
    return member.led_in_past + count(member, "info", "leading");
  }
};

}  // namespace ghstats::harness
