// Everything that can go wrong with a query, at every operation of `changes`: nothing is invented, no request is sent
// that a limit forbids, and once it is over the events are those of a sweep.
#include <gmock/gmock.h>

#include "base/time_format.h"
#include "client/collected_twice.h"
#include "harness/fault_table.h"

namespace ghstats::client {
namespace {

using namespace std::chrono_literals;
using activity::CycleResult;

// What REST has, and what only GraphQL says.
std::vector<harness::Fault> faults() {
  std::vector<harness::Fault> out = harness::all_faults();
  // `silence` waits in real time (trouble_test.cc has it); the others are of addresses that GraphQL does not have.
  std::erase_if(out, [](const harness::Fault& fault) {
    return fault.name == "silence" || fault.name == "s451" || fault.name == "s301" || fault.name == "s202";
  });
  const auto add = [&](const std::string& name, const std::string& action, int times) {
    harness::Fault& fault = out.emplace_back();
    fault.name = name;
    fault.action = action;
    fault.times = times;
  };
  add("rate-limited", R"({"graphql_error":"RATE_LIMITED"})", 2);
  add("secondary-in-200", R"({"secondary_limit":200,"retry_after":3})", 2);
  add("something-went-wrong", R"({"graphql_error":"SOMETHING_WENT_WRONG"})", 0);
  add("timed-out", R"({"graphql_error":"TIMEOUT"})", 0);
  add("resource-limit", R"({"resource_limit":5})", 0);
  return out;
}

class ChangesFaults : public CollectedTwice, public ::testing::WithParamInterface<const char*> {
 protected:
  static sim::Options small() {
    sim::Options options = quiet_world();
    options.repositories = 6;
    options.users = 8;
    options.events = 150;
    return options;
  }
  ChangesFaults() : CollectedTwice(small()) {
    always_listed_ = 0;  // by id, too
    // One request at a time, so that each knows what the one before was told.
    settings_.concurrency = 1;
    restart();
  }

  // One more of everything in two repositories, and more in one than an answer holds.
  void work() {
    const auto& repositories = sweep_.inventory.repositories();
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string of = R"("repo":")" + repositories.at(i).full_name + R"(","author":"worker")";
      happens(R"([{"type":"commit",)" + of + R"(},{"type":"issue",)" + of + "}]");
      const auto opened = happens(R"({"type":"pull_request",)" + of + "}").at(0);
      const std::string one = of + R"(,"number":)" + std::to_string(opened.at("number").to_number<std::int64_t>());
      const int times = i == 0 ? 1 : 22;  // an answer holds 20
      for (int k = 0; k < times; ++k) {
        happens(R"([{"type":"review",)" + one + R"(},{"type":"comment",)" + one + R"(},{"type":"review_comment",)" +
                one + "}]");
      }
    }
  }
  void expect_nothing_invented(const std::string& when) {
    // A credential that is refused, or has nothing left, keeps the sweep from looking, too.
    if (sweep().result != CycleResult::kSuccess) return;
    EXPECT_THAT(difference(), ::testing::Not(::testing::HasSubstr("invented"))) << when;
  }
};

TEST_P(ChangesFaults, CostWhatWasAskedForWhileTheyLast) {
  const std::string operation = GetParam();
  ASSERT_EQ(changes().result, CycleResult::kSuccess);
  ASSERT_EQ(sweep().result, CycleResult::kSuccess);
  for (const harness::Fault& fault : faults()) {
    const std::string times = fault.times > 0 ? "\"times\":" + std::to_string(fault.times) + "," : "";
    work();
    this->fault("[{" + times + R"("match":{"operation":")" + operation + R"("},"action":)" + fault.action + "}]");
    pass(3min);
    changes();
    expect_nothing_invented(fault.name);
    pass(20min);
    changes();
    expect_nothing_invented(fault.name);
    control("DELETE", "/_sim/faults");
    pass(20min);
    ASSERT_EQ(changes().result, CycleResult::kSuccess) << "after " << fault.name;
    ASSERT_EQ(sweep().result, CycleResult::kSuccess);
    ASSERT_EQ(difference(), "") << "after " << fault.name;
    // Secondary limits last in real time, of which the clock here knows nothing.
    ASSERT_THAT(forbidden(), ::testing::Not(::testing::HasSubstr("primary"))) << fault.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Operations, ChangesFaults,
                         ::testing::Values("HeadsSweep", "HeadsByIds", "PullsUpdated", "IssuesUpdated", "CommitsSince",
                                           "PullsOfRepos", "IssuesOfRepos", "MoreReviews", "MoreComments",
                                           "MoreReviewComments"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace ghstats::client
