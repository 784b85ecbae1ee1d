// What the client makes of a GraphQL that refuses, breaks or answers in parts: what ADR 0031 says, and never a request
// that a limit forbade.
#include <gmock/gmock.h>

#include <algorithm>

#include "client/simulated_github.h"
#include "client/told.h"
#include "github/graphql/heads_by_ids.h"
#include "github/graphql/heads_sweep.h"
#include "github/graphql/issues_of_repos.h"
#include "github/graphql/probe.h"
#include "github/graphql/pulls_of_repos.h"
#include "github/graphql/pulls_updated.h"
#include "sim/render/render.h"

namespace ghstats::client {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;

class Trouble : public SimulatedGithub {
 protected:
  explicit Trouble(sim::Options options = quiet_world()) : SimulatedGithub(std::move(options)) {}
  ~Trouble() override { EXPECT_EQ(forbidden(), ""); }

  // The same instant, however much time passes.
  [[nodiscard]] TimePoint since() const { return since_; }
  std::vector<github::NodeId> ids() {
    std::vector<github::NodeId> ids;
    for (const auto& head : run(ask_heads(*graphql_))) ids.push_back(head.node);
    return ids;
  }
  Lines heads() {
    Lines lines;
    for (const auto& head : run(ask_heads(*graphql_))) lines.insert(line_of(head.repository));
    return lines;
  }
  static Lines all_of(const ByGraphql& told) {
    Lines lines = told.pulls;
    for (const auto* more : {&told.reviews, &told.comments, &told.review_comments, &told.issues}) {
      lines.insert(more->begin(), more->end());
    }
    return lines;
  }
  // Everything there is to ask.
  Lines everything() {
    Lines lines = heads();
    lines.merge(all_of(run(ask_search(*graphql_, since()))));
    lines.merge(all_of(run(ask_repositories(*graphql_, ids(), since()))));
    lines.merge(
        commit_lines(run(ask_commits(*graphql_, ids(), {.since = since(), .until = std::nullopt, .lines = true}))));
    return lines;
  }

 private:
  const TimePoint since_ = clock_.now() - hours{20};
};

TEST_F(Trouble, OfOneRepositoryIsItsOwn) {
  auto ids = this->ids();
  const auto whole = told(github::heads_by_ids(*graphql_, ids));
  happens(R"([{"type":"hide","repo":")" + whole.items[3].repository.full_name + R"("},{"type":"block","repo":")" +
          whole.items[5].repository.full_name + R"(","status":451,"reason":"dmca"}])");
  ids.push_back("R_nobody");
  ids.push_back("C_" + whole.items[0].head.value());  // a commit
  const auto heads = told(github::heads_by_ids(*graphql_, ids));
  EXPECT_EQ(heads.items.size(), whole.items.size() - 2);
  ASSERT_EQ(heads.refused.size(), 4U);
  EXPECT_EQ(heads.refused[0].node, ids[3]);
  EXPECT_EQ(heads.refused[1].node, ids[5]);
  for (const auto& refusal : heads.refused)
    EXPECT_EQ(refusal.error.code, ErrorCode::kNotFound) << refusal.error.message;
  EXPECT_EQ(queries("HeadsByIds"), 2) << "a refusal is asked for again";
}

TEST_F(Trouble, OfAForbiddenQueryIsToldAsSuch) {
  fault(R"([{"match":{"operation":"Probe"},"action":{"permission":true}}])");
  EXPECT_EQ(run(github::probe_graphql(*graphql_)).error().code, ErrorCode::kPermissionDenied);
}

class WithoutIssues : public Trouble {
 protected:
  static sim::Options without_issues() {
    auto options = quiet_world();
    options.permissions = {"contents", "metadata", "pull_requests"};
    return options;
  }
  WithoutIssues() : Trouble(without_issues()) {}
};

TEST_F(WithoutIssues, HeadsAreRefusedAndCommitsAreNot) {
  const auto page = told(github::heads_sweep(*graphql_, std::nullopt));
  EXPECT_TRUE(page.items.empty());
  EXPECT_EQ(page.refused.size(), page.total);
  for (const auto& refusal : page.refused) {
    EXPECT_EQ(refusal.error.code, ErrorCode::kPermissionDenied) << refusal.error.message;
  }
  std::vector<github::NodeId> ids;
  for (const auto& repository : simulation_->world.repositories()) {
    if (!repository.hidden.at(clock_.now())) ids.push_back(sim::node_id("R", repository.id));
  }
  const auto rest = run(ask_rest(*rest_, since()));
  const auto commits =
      commit_lines(run(ask_commits(*graphql_, ids, {.since = since(), .until = std::nullopt, .lines = true})));
  EXPECT_EQ(difference(rest.commits, commits), "");
}

// A limit that GitHub tells in either spelling.
class RateLimited : public Trouble, public ::testing::WithParamInterface<const char*> {};

TEST_P(RateLimited, IsWaitedForAndThenAnswered) {
  const auto before = heads();
  fault(std::string(R"([{"match":{"operation":"HeadsSweep"},"times":1,"action":{"graphql_error":")") + GetParam() +
        R"(","reset_in":120}}])");
  EXPECT_EQ(heads(), before);
  EXPECT_GE(waited_at_gate_, seconds{120});
  EXPECT_LT(waited_at_gate_, seconds{150});
  EXPECT_TRUE(waits_.empty()) << "a limit is no error to be repeated";
}

TEST_P(RateLimited, ForbidsNothingOverRest) {
  fault(std::string(R"([{"match":{"operation":"Probe"},"times":1,"action":{"graphql_error":")") + GetParam() +
        R"(","reset_in":120}}])");
  EXPECT_TRUE(run(github::probe_graphql(*graphql_)));
  const auto waited = waited_at_gate_;
  EXPECT_FALSE(run(ask_rest(*rest_, since())).commits.empty());
  EXPECT_EQ(waited_at_gate_, waited);
}

INSTANTIATE_TEST_SUITE_P(Spellings, RateLimited, ::testing::Values("RATE_LIMITED", "RATE_LIMIT"));

// 40 points an hour, all of which may be used.
class FewPoints : public SimulatedGithub {
 protected:
  static sim::Options few() {
    auto options = quiet_world();
    options.service.graphql_rate_limit = 40;
    return options;
  }
  static github::RateLimitOptions frugal() {
    auto limits = unpaced();
    limits.min_remaining_threshold = 10;
    return limits;
  }
  FewPoints() : SimulatedGithub(few(), frugal()) {}
};

TEST_F(FewPoints, AreSpentUpToTheThresholdAndThenTheNextHourIsWaitedFor) {
  for (int i = 0; i < 45; ++i) ASSERT_TRUE(run(github::probe_graphql(*graphql_)));
  EXPECT_GT(waited_at_gate_, std::chrono::minutes{55});
  EXPECT_LT(waited_at_gate_, std::chrono::minutes{65});
  EXPECT_EQ(forbidden(), "");
}

TEST_F(Trouble, OfASecondaryLimitStopsRestAsWell) {
  fault(R"([{"match":{"operation":"Probe"},"times":1,"action":{"secondary_limit":403,"retry_after":70}}])");
  EXPECT_TRUE(run(github::probe_graphql(*graphql_)));
  EXPECT_GE(waited_at_gate_, seconds{70});
  EXPECT_LT(waited_at_gate_, seconds{90});
  control("DELETE", "/_sim/requests");  // the simulator measures Retry-After in real time, which does not pass here
}

TEST_F(Trouble, OfASecondaryLimitInsideAnAnswerIsWaitedForAllTheSame) {
  fault(R"([{"match":{"operation":"Probe"},"times":1,"action":{"secondary_limit":200,"retry_after":70}}])");
  EXPECT_TRUE(run(github::probe_graphql(*graphql_)));
  EXPECT_GE(waited_at_gate_, seconds{70});
  EXPECT_LT(waited_at_gate_, seconds{90});
  EXPECT_THAT(forbidden(), HasSubstr("secondary")) << "the simulator does not take it for a refusal";
  control("DELETE", "/_sim/requests");
}

TEST_F(Trouble, OfAnAnswerThatIsNoAnswerIsFoundByAskingForLess) {
  const auto whole = told(github::heads_by_ids(*graphql_, ids()));
  for (const char* action :
       {R"({"body_not_json":true})", R"({"wrong_shape":true})", R"({"huge_body_bytes":40000000})"}) {
    fault(std::string(R"([{"match":{"operation":"HeadsByIds"},"times":1,"action":)") + action + "}]");
    const auto heads = told(github::heads_by_ids(*graphql_, ids()));
    EXPECT_EQ(heads.items.size(), whole.items.size()) << action;
    EXPECT_TRUE(heads.refused.empty()) << action;
  }
}

TEST_F(Trouble, OfTooManyObjectsIsAnsweredInParts) {
  const auto whole = everything();
  const auto asked = attempts_.size();
  control("POST", "/_sim/graphql", R"({"resource_limit":400})");
  EXPECT_EQ(difference(whole, everything()), "");
  EXPECT_GT(attempts_.size(), 2 * asked) << "nothing was too much";
  EXPECT_TRUE(waits_.empty()) << "what is too large for sure is asked for at once in a smaller shape";
}

TEST_F(Trouble, OfTooManyNodesIsAskedForInParts) {
  const auto whole = everything();
  const auto asked = attempts_.size();
  control("POST", "/_sim/graphql", R"({"node_limit":3000})");
  EXPECT_EQ(difference(whole, everything()), "");
  EXPECT_GT(attempts_.size(), 2 * asked) << "nothing was too much";
  EXPECT_TRUE(waits_.empty());
}

TEST_F(Trouble, OfRepositoriesThatAreTooLargeIsTheirsOneByOne) {
  const auto ids = this->ids();
  control("POST", "/_sim/graphql", R"({"resource_limit":2})");
  const auto heads = told(github::heads_by_ids(*graphql_, ids));
  EXPECT_TRUE(heads.items.empty());
  for (const auto& refusal : heads.refused) EXPECT_EQ(refusal.error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(heads.refused.size(), ids.size());
}

// GitHub's own limits on both sides. In a minute that takes no time 400 queries are what pacing lets through.
class PerMinute : public SimulatedGithub {
 protected:
  static sim::Options limited() {
    auto options = quiet_world();
    options.service.points_per_minute = 900;
    options.service.graphql_points_per_minute = 2'000;
    return options;
  }
  PerMinute() : SimulatedGithub(limited(), {}) {}
};

TEST_F(PerMinute, QueriesAreNotPacedByWhatRestMay) {
  for (int i = 0; i < 250; ++i) ASSERT_TRUE(run(github::probe_graphql(*graphql_)));
  EXPECT_LT(waited_at_gate_, seconds{60});
  EXPECT_TRUE(std::ranges::none_of(attempts_, &github::Attempt::secondary_limit));
}

// GitHub Enterprise Server as it comes: another path, and no rate limits.
class EnterpriseServer : public SimulatedGithub {
 protected:
  static sim::Options unlimited() {
    auto options = quiet_world();
    options.service.rate_limit_headers = false;
    return options;
  }
  EnterpriseServer() : SimulatedGithub(unlimited(), unpaced(), "/api/v3") {}
};

TEST_F(EnterpriseServer, AnswersBesideRest) {
  const auto since = clock_.now() - hours{20};
  const auto rest = run(ask_rest(*rest_, since));
  EXPECT_EQ(difference(rest.pulls, run(ask_search(*graphql_, since)).pulls), "");
  EXPECT_EQ(run(ask_heads(*graphql_)).size(), rest.repositories.size());
}

TEST_F(Trouble, OfAnExpiredTokenIsANewToken) {
  const auto before = heads();
  pass(hours{2});
  EXPECT_EQ(heads(), before);
  happens(R"({"type":"revoke_tokens"})");
  EXPECT_EQ(heads(), before);
}

TEST_F(Trouble, OfASearchThatLagsShowsInTheHeads) {
  const auto head = told(github::heads_sweep(*graphql_, std::nullopt)).items.front();
  const auto& name = head.repository.full_name;
  control("POST", "/_sim/search", R"({"lag_seconds":600})");
  pass(seconds{60});
  happens(R"({"type":"pull_request","repo":")" + name + R"(","author":"latecomer"})");
  const auto late = HasSubstr("of latecomer");
  EXPECT_THAT(run(ask_search(*graphql_, since())).pulls, ::testing::Not(::testing::Contains(late)));
  const auto now = told(github::heads_by_ids(*graphql_, {head.node}));
  EXPECT_EQ(now.items.at(0).pull_updated_at, clock_.now());
  EXPECT_THAT(run(ask_repositories(*graphql_, {head.node}, since())).pulls, ::testing::Contains(late));
  pass(seconds{600});
  EXPECT_THAT(run(ask_search(*graphql_, since())).pulls, ::testing::Contains(late));
}

TEST_F(Trouble, OfMoreThanAThousandResultsIsToldByTheirNumber) {
  const auto name = told(github::heads_sweep(*graphql_, std::nullopt)).items.front().repository.full_name;
  std::string many;
  for (int i = 0; i < 1100; ++i) {
    many += (many.empty() ? "[" : ",") + (R"({"type":"pull_request","repo":")" + name) + R"(","author":"busy"})";
  }
  happens(many + ']');
  const std::string search = "org:acme is:pr author:busy sort:updated-asc";
  std::set<std::uint64_t> found;
  std::optional<std::string> cursor;
  do {
    const auto page = told(github::pulls_updated(*graphql_, search, cursor, false));
    EXPECT_EQ(page.total, 1100U);
    for (const auto& pull : page.items) found.insert(pull.pull.number);
    cursor = page.next;
  } while (cursor);
  EXPECT_EQ(found.size(), 1000U);
}

// What breaks once, at each operation.
class Broken : public Trouble, public ::testing::WithParamInterface<const char*> {};

TEST_P(Broken, OnceIsAsIfNothingHadHappened) {
  const auto whole = everything();
  for (const auto* operation :
       {"HeadsSweep", "PullsUpdated", "IssuesUpdated", "PullsOfRepos", "IssuesOfRepos", "CommitsSince"}) {
    control("DELETE", "/_sim/faults");
    fault(std::string(R"([{"match":{"operation":")") + operation + R"("},"times":1,"action":)" + GetParam() + "}]");
    EXPECT_EQ(difference(whole, everything()), "") << operation;
    EXPECT_EQ(control("GET", "/_sim/faults").at(0).at("hits").as_int64(), 1) << operation;
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, Broken,
                         ::testing::Values(R"({"graphql_error":"TIMEOUT"})",
                                           R"({"graphql_error":"SOMETHING_WENT_WRONG"})",
                                           R"({"graphql_error":"SOMETHING_WENT_WRONG","status":200})",
                                           R"({"status":503})", R"({"reset":true})", R"({"cut_after_bytes":400})",
                                           R"({"resource_limit":20})", R"({"unauthenticated":true})"));

}  // namespace
}  // namespace ghstats::client
