// Tests with several replicas of the program and one Redis.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "store/testing/redis_replica.h"

namespace ghstats::store::testing {

class RedisStoreFixture : public ::testing::Test {
 protected:
  void SetUp() override { GHSTATS_NEEDS_REDIS(); }
  void TearDown() override { replicas_.clear(); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  // What must succeed.
  template <class T>
  T get(async::Task<Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }

  [[nodiscard]] RedisStoreOptions options() const {
    RedisStoreOptions out;
    out.prefix = prefix_;
    return out;
  }

  // A process of its own that shares the test's data, which is in `server` (or in the one all tests share).
  RedisReplica& replica(RedisStoreOptions options, const net::Endpoint& server) {
    replicas_.push_back(std::make_unique<RedisReplica>(io_, clock_, server, std::move(options)));
    return *replicas_.back();
  }
  RedisReplica& replica() { return replica(options(), shared_redis().endpoint()); }

  Authority lead(MetricStore& store) { return {Role::kLeader, Source::kLeaderScrape, get(store.begin_leadership())}; }
  static constexpr Authority kBackfill{Role::kFollower, Source::kWorkerBackfill, 0};
  static constexpr Authority kCounters{Role::kFollower, Source::kReplicaCounters, 0};

  [[nodiscard]] ledger::Event review(std::string id, std::string user, RepoId repo = RepoId{7}) const {
    return {ledger::EventKind::kReview,           repo,        std::move(id), std::move(user),
            clock_.now() - std::chrono::hours{1}, clock_.now()};
  }
  static Batch counting(double amount) {
    Batch batch;
    batch.increments = {{runs_key(), amount}};
    return batch;
  }
  static metrics::SeriesKey runs_key() { return {metrics::Family::kScrapeRuns, {"acme", "success"}}; }
  // What the set says of the counter; -1 when nothing.
  static double runs_in(const ChangeSet& set) {
    double value = -1;
    for (const auto& sample : set.counters) {
      if (sample.key == runs_key()) value = sample.value;
    }
    return value;
  }
  // What the store's pages would show.
  double runs_of(MetricStore& store) { return runs_in(get(store.snapshot()).set); }

  redis::Reply ask(RedisReplica& replica, redis::Command command) {
    return get(replica.client().execute(std::move(command), std::chrono::seconds{10}));
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  const std::string prefix_ = fresh_prefix();
  std::vector<std::unique_ptr<RedisReplica>> replicas_;
};

}  // namespace ghstats::store::testing
