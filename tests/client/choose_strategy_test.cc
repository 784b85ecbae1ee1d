// github.collection: auto, against a GitHub that lets it use GraphQL or does not.
#include "activity/choose_strategy.h"

#include <gmock/gmock.h>

#include "client/simulated_github.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"

namespace ghstats::client {
namespace {

using namespace std::chrono_literals;
using activity::CycleReport;
using activity::CycleResult;

class ChooseStrategy : public SimulatedGithub {
 protected:
  explicit ChooseStrategy(sim::Options options = quiet_world()) : SimulatedGithub(std::move(options)) {
    EXPECT_EQ(run(store_->begin_leadership()).value(), 1U);
    settings_.org = "acme";
    use(kinds::CollectionMode::kAuto);
  }

  void use(kinds::CollectionMode mode) {
    const store::Authority leader{Role::kLeader, store::Source::kLeaderScrape, 1};
    strategy_ = activity::make_strategy(
        mode, {.api = *graphql_, .inventory = inventory_, .store = *store_, .authority = leader}, {.org = settings_},
        log::testing::make_logger(lines_));
  }
  CycleReport cycle() {
    pass(5min);
    return run(strategy_->bring_up_to_date());
  }
  // Requests for one repository's pull requests over REST.
  std::int64_t swept() {
    std::int64_t count = 0;
    for (const auto& endpoint : control("GET", "/_sim/requests").at("endpoints").as_array()) {
      if (endpoint.at("endpoint").as_string().ends_with("/pulls")) count += endpoint.at("count").as_int64();
    }
    return count;
  }
  [[nodiscard]] std::size_t lines_with(std::string_view text) const {
    const auto lines = lines_->lines();
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](const std::string& line) { return line.contains(text); }));
  }

  activity::OrgSettings settings_;
  std::unique_ptr<store::MetricStore> store_ = store::make_memory_store(io_.get_executor(), clock_, {});
  activity::Inventory inventory_{io_.get_executor(), *rest_, {}};
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  std::unique_ptr<activity::Strategy> strategy_;
};

TEST_F(ChooseStrategy, AsksWhatChangedWhereItMay) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_EQ(swept(), 0);
  EXPECT_EQ(queries("Probe"), 1);
  EXPECT_EQ(lines_with("activity is collected by asking what changed"), 1U);
}

TEST_F(ChooseStrategy, SweepsWhereTheHostHasNoGraphql) {
  fault(R"([{"match":{"path_regex":"^/graphql"},"action":{"status":404}}])");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_GT(swept(), 0);
  EXPECT_EQ(lines_with("asking every repository"), 1U) << "once, not in each cycle";
  EXPECT_EQ(lines_with("asking what changed"), 0U);
}

TEST_F(ChooseStrategy, AsksAgainAnHourAfterANo) {
  fault(R"([{"match":{"path_regex":"^/graphql"},"action":{"status":404}}])");
  cycle();
  control("DELETE", "/_sim/faults");
  cycle();
  EXPECT_EQ(lines_with("asking what changed"), 0U);
  pass(56min);
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_EQ(lines_with("asking what changed"), 1U);
}

// As an older server might, whose schema lacks a field.
TEST_F(ChooseStrategy, SweepsWhereTheHostDoesNotKnowWhatIsAsked) {
  fault(R"([{"match":{"operation":"PullsOfRepos"},"action":{"status":200,
    "body":{"errors":[{"message":"Field 'x' doesn't exist on type 'PullRequest'","path":["query","x"]}]}}}])");
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_GT(swept(), 0);
  EXPECT_EQ(lines_with("asking every repository"), 1U);
  EXPECT_EQ(lines_with("doesn't exist"), 1U) << "and why";
}

TEST_F(ChooseStrategy, AGithubThatDoesNotAnswerDecidesNothing) {
  fault(R"([{"match":{"operation":"Probe"},"action":{"status":503}}])");
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_GT(swept(), 0);
  EXPECT_EQ(lines_with("activity is collected"), 0U);
  control("DELETE", "/_sim/faults");
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_EQ(lines_with("asking what changed"), 1U);
}

class ChooseWithoutIssues : public ChooseStrategy {
 protected:
  static sim::Options without_issues() {
    sim::Options options = quiet_world();
    options.permissions = {"contents", "metadata", "pull_requests"};
    return options;
  }
  ChooseWithoutIssues() : ChooseStrategy(without_issues()) {}
};

// What a head shows includes issues, so GraphQL tells such a credential of no head at all.
TEST_F(ChooseWithoutIssues, TheSameCycleIsASweep) {
  const CycleReport report = cycle();
  EXPECT_GT(report.repositories, 0U);
  EXPECT_GT(report.stored.events_new, 100U);
  EXPECT_GT(swept(), 0);
  EXPECT_EQ(lines_with("asking every repository"), 1U);
}

TEST_F(ChooseWithoutIssues, ChangesAloneSaysWhy) {
  use(kinds::CollectionMode::kChanges);
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kFailure);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->code, ErrorCode::kPermissionDenied) << report.failure->message;
  EXPECT_EQ(swept(), 0);
}

}  // namespace
}  // namespace ghstats::client
