#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/graphql/heads_by_ids.h"
#include "github/graphql/heads_sweep.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::GraphqlFixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHead =
    R"({"id":"R_1","databaseId":1296269,"name":"Hello-World","nameWithOwner":"octocat/Hello-World",)"
    R"("isArchived":false,"isDisabled":true,"isEmpty":false,"isFork":true,"pushedAt":"2011-01-26T19:06:43Z",)"
    R"("defaultBranchRef":{"name":"main","target":{"oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e"}},)"
    R"("pullRequests":{"nodes":[{"updatedAt":"2026-09-20T10:00:00Z"}]},"issues":{"nodes":[]}})";

std::string head_of(const std::string& id) {
  return R"({"id":")" + id + R"(","databaseId":1,"name":"n","nameWithOwner":"acme/n","isArchived":false,)" +
         R"("isDisabled":false,"isEmpty":true,"isFork":false,"pushedAt":null,"defaultBranchRef":null,)" +
         R"("pullRequests":{"nodes":[]},"issues":{"nodes":[]}})";
}

std::string sweep(const std::string& nodes, const std::string& info) {
  return R"("organization":{"repositories":{"totalCount":301,"pageInfo":{)" + info + R"(},"nodes":[)" + nodes + "]}}";
}

TEST(HeadsSweep, ReadsAPageAndWhereItGoesOn) {
  GraphqlFixture f;
  f.on_query()
      .reply(200, f.data(sweep(kHead, R"("hasNextPage":true,"endCursor":"Y3Vyc29y")")))
      .reply(200, f.data(sweep(head_of("R_2"), R"("hasNextPage":false,"endCursor":null)")));
  const auto page = f.run(heads_sweep(f.graphql, std::nullopt));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->total, 301U);
  EXPECT_EQ(page->next, "Y3Vyc29y");
  ASSERT_EQ(page->items.size(), 1U);
  const RepositoryHead& head = page->items[0];
  EXPECT_EQ(head.node, "R_1");
  EXPECT_EQ(to_number(head.repository.id), 1'296'269U);
  EXPECT_EQ(head.repository.full_name, "octocat/Hello-World");
  EXPECT_TRUE(head.repository.fork);
  EXPECT_TRUE(head.repository.disabled);
  EXPECT_FALSE(head.repository.archived);
  EXPECT_EQ(head.repository.default_branch, "main");
  EXPECT_EQ(head.repository.pushed_at, *parse_rfc3339("2011-01-26T19:06:43Z"));
  EXPECT_EQ(head.head, "6dcb09b5b57875f334f61aebed695e2e4193db5e");
  EXPECT_EQ(head.pull_updated_at, *parse_rfc3339("2026-09-20T10:00:00Z"));
  EXPECT_FALSE(head.issue_updated_at);
  EXPECT_EQ(f.variable(0, "org"), "acme");
  EXPECT_EQ(f.variable(0, "first"), 100);
  EXPECT_TRUE(f.variable(0, "cursor").is_null());

  const auto last = f.run(heads_sweep(f.graphql, page->next));
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_FALSE(last->next);
  EXPECT_EQ(f.variable(1, "cursor"), "Y3Vyc29y");
  EXPECT_TRUE(last->items.at(0).empty);
  EXPECT_FALSE(last->items.at(0).head);
}

TEST(HeadsSweep, NamesWhatItMayNotSeeAndGoesOn) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(sweep(R"(null,{"id":"R_2","issues":null},)" + head_of("R_3"),
                                       R"("hasNextPage":false,"endCursor":null)"),
                                 R"({"type":"FORBIDDEN","path":["organization","repositories","nodes",1,"issues"],)"
                                 R"("message":"Resource not accessible by integration"})"));
  const auto page = f.run(heads_sweep(f.graphql, std::nullopt));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].node, "R_3");
  ASSERT_EQ(page->refused.size(), 2U);
  EXPECT_EQ(page->refused[0].node, "");
  EXPECT_EQ(page->refused[0].error.code, ErrorCode::kNotFound);
  EXPECT_EQ(page->refused[1].node, "R_2");
  EXPECT_EQ(page->refused[1].error.code, ErrorCode::kPermissionDenied);
}

TEST(HeadsSweep, NamesTheFieldThatHasAnotherShape) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(sweep(R"({"id":"R_1","databaseId":"1"})", R"("hasNextPage":false)")));
  const auto page = f.run(heads_sweep(f.graphql, std::nullopt));
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(page.error().message,
            "repository heads of acme: field 'data.organization.repositories.nodes.databaseId': expected number, got "
            "string");
}

TEST(HeadsSweep, AnOrganisationThatIsNotThereIsAnError) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(R"("organization":null)",
                                 R"({"type":"NOT_FOUND","path":["organization"],"message":"Could not resolve"})"));
  EXPECT_EQ(f.run(heads_sweep(f.graphql, std::nullopt)).error().code, ErrorCode::kNotFound);
}

// A GitHub that knows heads by id: what `answer` says about a list of ids.
class Heads : public GraphqlFixture {
 public:
  Heads() {
    on_query().call([this](const http::Request& request) -> Result<http::Response> {
      std::string nodes;
      std::string errors;
      const auto body = boost::json::parse(request.body);
      const auto& ids = body.at("variables").at("ids").as_array();
      sizes.push_back(ids.size());
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::string id(ids[i].as_string());
        if (id == fatal) return http::Response{502, {}, "", ""};
        if (i > 0) nodes += ",";
        if (id == garbled) {
          nodes += R"({"id":")" + id + R"(","databaseId":"x"})";
        } else if (id == gone) {
          nodes += "null";
          errors +=
              R"({"type":"NOT_FOUND","path":["nodes",)" + std::to_string(i) + R"(],"message":"Could not resolve"})";
        } else {
          nodes += head_of(id);
        }
      }
      return http::Response{200, {{"x-ratelimit-remaining", "4000"}}, data(R"("nodes":[)" + nodes + "]", errors), ""};
    });
  }

  static std::vector<NodeId> ids(int count) {
    std::vector<NodeId> out;
    for (int i = 0; i < count; ++i) out.push_back("R_" + std::to_string(i));
    return out;
  }

  std::string fatal = {};
  std::string garbled = {};
  std::string gone = {};
  std::vector<std::size_t> sizes = {};
};

TEST(HeadsByIds, AsksForAHundredAtATime) {
  Heads f;
  const auto batch = f.run(heads_by_ids(f.graphql, Heads::ids(250)));
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_THAT(f.sizes, ElementsAre(100, 100, 50));
  EXPECT_EQ(batch->items.size(), 250U);
  EXPECT_EQ(batch->items[249].node, "R_249");
  EXPECT_THAT(batch->refused, IsEmpty());
  EXPECT_NE(batch->served_at, TimePoint{});
}

TEST(HeadsByIds, AsksNothingForNothing) {
  Heads f;
  const auto batch = f.run(heads_by_ids(f.graphql, {}));
  ASSERT_TRUE(batch);
  EXPECT_THAT(f.sizes, IsEmpty());
}

TEST(HeadsByIds, ARepositoryThatIsGoneCostsItselfOnly) {
  Heads f;
  f.gone = "R_120";
  const auto batch = f.run(heads_by_ids(f.graphql, Heads::ids(130)));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items.size(), 129U);
  ASSERT_EQ(batch->refused.size(), 1U);
  EXPECT_EQ(batch->refused[0].node, "R_120");
  EXPECT_EQ(batch->refused[0].error.code, ErrorCode::kNotFound);
}

TEST(HeadsByIds, ARepositoryThatGitHubCannotAnswerIsFoundAndCostsItselfOnly) {
  Heads f;
  f.fatal = "R_70";
  const auto batch = f.run(heads_by_ids(f.graphql, Heads::ids(130)));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items.size(), 129U);
  ASSERT_EQ(batch->refused.size(), 1U);
  EXPECT_EQ(batch->refused[0].node, "R_70");
  EXPECT_EQ(batch->refused[0].error.code, ErrorCode::kUnavailable);
}

TEST(HeadsByIds, ARepositoryThatDoesNotReadIsFoundAndCostsItselfOnly) {
  Heads f;
  f.garbled = "R_7";
  const auto batch = f.run(heads_by_ids(f.graphql, Heads::ids(100)));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items.size(), 99U);
  ASSERT_EQ(batch->refused.size(), 1U);
  EXPECT_EQ(batch->refused[0].node, "R_7");
  EXPECT_THAT(batch->refused[0].error.message, HasSubstr("field 'data.nodes.databaseId'"));
  EXPECT_THAT(f.waits, IsEmpty()) << "nothing to wait for";
}

TEST(HeadsByIds, AnOutageIsNotAskedToItsEnd) {
  GraphqlFixture f;
  f.on_query().fail(ErrorCode::kUnavailable);
  const auto batch = f.run(heads_by_ids(f.graphql, Heads::ids(1'000)));
  ASSERT_TRUE(batch);
  EXPECT_EQ(f.client.requests().size(), 10U) << "two queries, five attempts each";
  EXPECT_EQ(batch->refused.size(), 1'000U);
  EXPECT_EQ(batch->refused[999].error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(batch->served_at, TimePoint{});
}

TEST(HeadsByIds, ALimitRefusesTheRestAtOnce) {
  GraphqlFixture f;
  f.on_query().reply(403, R"({"message":"You have exceeded a secondary rate limit"})");
  const auto batch = f.run(heads_by_ids(f.graphql, Heads::ids(1'000)));
  ASSERT_TRUE(batch);
  EXPECT_EQ(f.client.requests().size(), 5U);
  EXPECT_EQ(batch->refused.size(), 1'000U);
  EXPECT_EQ(batch->refused[0].error.code, ErrorCode::kRateLimited);
}

}  // namespace
}  // namespace ghstats::github
