// What collecting changes costs, counted by the simulator.
#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "base/time_format.h"
#include "client/collected_twice.h"

namespace ghstats::client {
namespace {

using namespace std::chrono_literals;
using activity::CycleResult;

struct Cost {
  std::int64_t requests = 0;
  std::int64_t points = 0;  // of GraphQL's budget
  std::string text;
};

class ChangesCost : public CollectedTwice {
 protected:
  explicit ChangesCost(sim::Options options, github::RateLimitOptions limits = unpaced())
      : CollectedTwice(std::move(options), limits) {
    settings_.sweep.families = kinds::families_of(kinds::kDefaultFamilies);
    restart();
  }

  // A day until now of so many repositories.
  static sim::Options a_day_of(std::size_t repositories, std::size_t users, std::size_t events) {
    sim::Options options = busy_world();
    options.repositories = repositories;
    options.users = users;
    options.events = events;
    return options;
  }

  // Everything that GitHub was asked since the last call, tokens left out.
  Cost cost() {
    const auto counted = control("GET", "/_sim/requests");
    Cost out{.text = boost::json::serialize(counted.at("endpoints"))};
    for (const auto& endpoint : counted.at("endpoints").as_array()) {
      const auto name = endpoint.at("endpoint").as_string();
      if (name.ends_with("/access_tokens")) continue;
      out.requests += endpoint.at("count").as_int64();
      if (name.starts_with("POST /graphql")) out.points += endpoint.at("points").as_int64();
    }
    control("DELETE", "/_sim/requests");
    return out;
  }
  void cycle() { ASSERT_EQ(changes().result, CycleResult::kSuccess); }

  // "owner/name" of the first `count` repositories that are collected.
  std::vector<std::string> collected(std::size_t count) {
    std::vector<std::string> out;
    for (const auto& repository : changes_.inventory.repositories()) {
      if (out.size() < count) out.push_back(repository.full_name);
    }
    return out;
  }
};

class IdleThousand : public ChangesCost {
 protected:
  static sim::Options idle() {
    sim::Options options = a_day_of(1'000, 100, 3'000);
    options.from = parse_rfc3339("2026-11-19T06:00:00Z").value();
    return options;
  }
  IdleThousand() : ChangesCost(idle()) {}
};

TEST_F(IdleThousand, AnHourAtFiveMinutesIsAtMostAHundredRequests) {
  cycle();
  pass(5min);
  cycle();
  cost();
  for (int i = 0; i < 12; ++i) {
    pass(5min);
    cycle();
  }
  const Cost hour = cost();
  RecordProperty("requests", static_cast<int>(hour.requests));
  RecordProperty("points", static_cast<int>(hour.points));
  EXPECT_LE(hour.requests, 100) << hour.text;
  EXPECT_GE(hour.requests, 12) << "it was an hour of work";
}

class TenThousand : public ChangesCost {
 protected:
  TenThousand() : ChangesCost(a_day_of(10'000, 1'000, 20'000)) {}

  // 300 pull requests and pushes in 200 repositories.
  void work() {
    const auto active = collected(200);
    boost::json::array all;
    for (std::size_t i = 0; i < 300; ++i) {
      all.push_back(boost::json::object{
          {"type", "pull_request"}, {"repo", active[i % active.size()]}, {"author", "worker"}, {"title", "t"}});
    }
    for (const std::string& repository : active) {
      all.push_back(boost::json::object{{"type", "commit"}, {"repo", repository}, {"author", "worker"}});
    }
    happens(boost::json::serialize(all));
  }
};

TEST_F(TenThousand, ACycleCostsWhatHappenedAndAReconcileTheHeads) {
  cycle();
  pass(6min);
  work();
  pass(2min);
  cost();
  cycle();
  const Cost fast = cost();
  EXPECT_LE(fast.requests, 20) << fast.text;
  EXPECT_LE(fast.points, 30) << fast.text;
  pass(8min);
  cycle();
  const Cost reconcile = cost();
  EXPECT_LE(reconcile.requests, 125) << reconcile.text;
  RecordProperty("fast", fast.text);
  RecordProperty("reconcile", reconcile.text);
  pass(5min);
  cycle();
  const Cost idle = cost();
  EXPECT_LE(idle.requests, 20) << idle.text;
  EXPECT_LE(idle.points, 30) << idle.text;
}

class BusyDay : public ChangesCost {
 protected:
  // Paced as GitHub asks for, but for the time that answers take: here it is the tests'.
  static github::RateLimitOptions paced() {
    github::RateLimitOptions limits;
    limits.graphql_time_per_minute = std::chrono::seconds{0};
    return limits;
  }
  BusyDay() : ChangesCost(a_day_of(300, 400, 60'000), paced()) {}
};

TEST_F(BusyDay, IsLoadedInFourHundredRequestsAndAMinute) {
  const TimePoint began = clock_.now();
  cycle();
  const Cost load = cost();
  RecordProperty("load", load.text);
  EXPECT_LE(load.requests, 400) << load.text;
  EXPECT_LE(clock_.now() - began, 60s) << "at GitHub's pace";
  pass(5min);
  cycle();
  ASSERT_EQ(sweep().result, CycleResult::kSuccess);
  EXPECT_GT(run(changes_.store->snapshot())->set.events.size(), 30'000U);
}

}  // namespace
}  // namespace ghstats::client
