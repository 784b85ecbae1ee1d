// What every MetricStore promises, as tests: an implementation instantiates StoreConformance with its factory.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "store/store.h"

namespace ghstats::store::testing {

struct ConformanceLimits {
  std::size_t max_series_budget = 1000;
  std::size_t feed_length = 1000;
};

struct ConformanceFactory {
  std::string name;
  std::function<std::unique_ptr<MetricStore>(boost::asio::io_context&, const Clock&, ConformanceLimits)> make;
};

// A fresh, empty store for every test.
class StoreConformance : public ::testing::TestWithParam<ConformanceFactory> {
 protected:
  void open(ConformanceLimits limits = {}) { store_ = GetParam().make(io_, clock_, limits); }
  void SetUp() override { open(); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  Authority lead() {
    const auto epoch = run(store_->begin_leadership());
    return {Role::kLeader, Source::kLeaderScrape, *epoch};
  }

  Result<Receipt> commit(Batch batch, Authority authority) { return run(store_->commit(std::move(batch), authority)); }

  // `condition` after that long, by the test's clock or by one that nobody moves.
  bool passes(std::chrono::nanoseconds time, const std::function<bool()>& condition) {
    clock_.advance(time);
    const auto deadline = std::chrono::steady_clock::now() + time + std::chrono::seconds{10};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      run(async::sleep_for(std::chrono::milliseconds{5}));
    }
    return true;
  }

  ChangeSet snapshot_set() { return run(store_->snapshot())->set; }

  CoverageRecord known_coverage(std::string org = "acme");
  std::vector<RepoId> members(std::string org = "acme");
  // That they are covered until now, by who was alone.
  void claim_members(const Authority& authority, std::string org, std::vector<RepoId> members);
  // In a store that has no room for anybody but ann, of whom it knows a review of kRepo.
  Authority lead_with_a_full_budget();

  [[nodiscard]] ledger::Event review(std::string id, std::string user) const {
    return {ledger::EventKind::kReview,           kRepo,       std::move(id), std::move(user),
            clock_.now() - std::chrono::hours{1}, clock_.now()};
  }

  static constexpr RepoId kRepo{7};
  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::unique_ptr<MetricStore> store_;
};

}  // namespace ghstats::store::testing
