// Doing again what was missed where changes are collected: nothing that is claimed meanwhile, the whole of an
// organisation over GraphQL, and over REST where GraphQL does not let it.
#include <gmock/gmock.h>

#include "activity/redo.h"
#include "client/collected_twice.h"
#include "log/testing/memory_sink.h"

namespace ghstats::client {
namespace {

using namespace std::chrono_literals;
using activity::CycleResult;
using work::Miss;
using work::Outcome;

class RedoChanges : public CollectedTwice {
 protected:
  RedoChanges() : CollectedTwice(quiet_world()) {}

  Result<Outcome> redo(Miss miss) {
    activity::RedoEnvironment environment{.inventory = changes_.inventory,
                                          .store = *changes_.store,
                                          .authority = {Role::kLeader, store::Source::kWorkerBackfill, 1},
                                          .recorder = recorder_,
                                          .clock = clock_,
                                          .loc_memory = loc_memory_,
                                          .logger = log::testing::make_logger(),
                                          .graphql = graphql_.get()};
    return run(activity::redo(std::move(environment), settings_, {}, std::move(miss), clock_.now()));
  }
  // Of the last hour.
  [[nodiscard]] Miss of_organisation() const {
    return {.org = "acme", .window = {clock_.now() - 1h, clock_.now()}, .reason = work::Reason::kScrapeError};
  }
  std::int64_t requests() { return control("GET", "/_sim/requests").at("total").as_int64(); }
  // A review in a pull request, so that there is something to be missed.
  void work() {
    const std::string of =
        R"("repo":")" + changes_.inventory.repositories().front().full_name + R"(","author":"worker")";
    happens(R"([{"type":"commit",)" + of + R"(},{"type":"pull_request",)" + of + "}]");
  }

  metrics::Recorder recorder_;
  activity::LocMemory loc_memory_;
};

TEST_F(RedoChanges, WhatIsClaimedIsNotAskedForAgain) {
  pass(1min);
  Miss missed = of_organisation();
  ASSERT_EQ(changes().result, CycleResult::kSuccess);
  const auto before = requests();
  EXPECT_EQ(redo(missed).value(), Outcome::kAlreadyHealed);
  missed.repo_id = changes_.inventory.repositories().front().id;
  missed.repo = changes_.inventory.repositories().front().name;
  EXPECT_EQ(redo(missed).value(), Outcome::kAlreadyHealed);
  EXPECT_EQ(requests(), before);
}

TEST_F(RedoChanges, TheWholeIsAskedForOverGraphqlAndNothingIsClaimed) {
  ASSERT_EQ(changes().result, CycleResult::kSuccess);
  const auto claimed = run(changes_.store->coverage("acme")).value();
  pass(30min);
  work();
  pass(5min);
  control("DELETE", "/_sim/requests");
  EXPECT_EQ(redo(of_organisation()).value(), Outcome::kDone);
  EXPECT_GT(queries("HeadsSweep"), 0);
  ASSERT_EQ(sweep().result, CycleResult::kSuccess);
  EXPECT_EQ(difference(), "");
  EXPECT_EQ(run(changes_.store->coverage("acme")).value(), claimed);
}

TEST_F(RedoChanges, WhereGraphqlIsNotAllowedAnyMoreEveryRepositoryIsAsked) {
  ASSERT_EQ(changes().result, CycleResult::kSuccess);
  pass(30min);
  work();
  pass(5min);
  fault(R"([{"match":{"path_regex":"^/graphql"},"action":{"permission":true}}])");
  EXPECT_EQ(redo(of_organisation()).value(), Outcome::kDone);
  ASSERT_EQ(sweep().result, CycleResult::kSuccess);
  EXPECT_EQ(difference(), "");
}

}  // namespace
}  // namespace ghstats::client
