#include <fmt/format.h>
#include <gmock/gmock.h>

#include "sim/graphql/cost.h"
#include "sim/graphql/parser.h"
#include "sim/testing/graphql_fixture.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using testing::Got;
using testing::GraphqlFixture;
using ::testing::HasSubstr;

std::expected<graphql::Cost, graphql::QueryError> cost(std::string_view query, const json::object& variables = {}) {
  const auto document = graphql::parse_document(query).value();
  return graphql::cost_of(graphql::Schema::github(), document, document.operations.front(), variables, 500'000);
}

// The examples of GitHub's documentation and of its arithmetic.
TEST(GraphqlCost, IsAHundredthOfTheRequestsThatFullPagesWouldNeed) {
  const std::string pages = "organization(login: \"a\") { repositories(first: 100) { nodes { id ";
  EXPECT_EQ(cost("{ viewer { login } }")->points, 1);
  EXPECT_EQ(cost("{ viewer { login } }")->nodes, 0);
  EXPECT_EQ(cost("{" + pages + "} } } }")->points, 1);
  // 1 + 100 + 100 requests.
  EXPECT_EQ(cost("{" + pages + "issues(first: 1) { totalCount } pullRequests(last: 1) { totalCount } } } } }")->points,
            2);
  EXPECT_EQ(cost("{" + pages + "issues(first: 1) { totalCount } pullRequests(last: 1) { totalCount } } } } }")->nodes,
            300);
  // 1 + 50 + 50 * 50 requests.
  const auto deep = cost(R"({ organization(login: "a") { repositories(first: 50) { nodes {
    pullRequests(first: 50) { nodes { reviews(last: 20) { totalCount nodes { id } } } } } } } })");
  EXPECT_EQ(deep->points, 26);
  EXPECT_EQ(deep->nodes, 52'550);
  // Ids count as a page; a number without a page costs nothing.
  const auto nodes = cost(
      "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { issues(first: 2) { totalCount } "
      "pullRequests { totalCount } } } }",
      {{"ids", json::array{"a", "b", "c"}}});
  EXPECT_EQ(nodes->nodes, 9);
}

TEST(GraphqlCost, IsRefusedBeyondTheLimitOfNodes) {
  const auto query = [](int repositories, int pulls, int reviews) {
    return fmt::format(R"({{ organization(login: "a") {{ repositories(first: {}) {{ nodes {{ pullRequests(first: {}) {{
      nodes {{ reviews(first: {}) {{ nodes {{ id }} }} }} }} }} }} }} }})",
                       repositories, pulls, reviews);
  };
  const auto product = cost(query(100, 100, 100));
  ASSERT_FALSE(product.has_value());
  EXPECT_EQ(product.error().type, "MAX_NODE_LIMIT_EXCEEDED");
  EXPECT_EQ(
      product.error().message,
      "By the time this query traverses to the reviews connection, it is requesting up to 1,000,000 possible nodes "
      "which exceeds the maximum limit of 500,000.");
  EXPECT_EQ(cost(query(50, 100, 100)).error().message,
            "This query requests up to 505,050 possible nodes which exceeds the maximum limit of 500,000.");
  EXPECT_TRUE(cost(query(49, 100, 100)).has_value());
}

class GraphqlLimits : public GraphqlFixture {
 protected:
  static Options few() {
    Options options;
    options.service.graphql_rate_limit = 3;
    return options;
  }
  GraphqlLimits() : GraphqlFixture(few()) {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"issue","repo":"acme/app","author":"ann"},{"type":"issue","repo":"acme/app","author":"bob"}])");
  }
  Got control(const std::string& path, const std::string& body) { return send("POST", "/_sim/" + path, {}, body); }
  const std::string two_points = R"(query Two { rateLimit { cost limit remaining used resetAt nodeCount }
    organization(login: "acme") { repositories(first: 100) { nodes {
      issues(first: 1) { totalCount } pullRequests(first: 1) { totalCount } } } } })";
  const std::string issues =
      R"(query Issues { repository(owner: "acme", name: "app") { name issues(first: 5) { nodes { number } } } })";
};

TEST_F(GraphqlLimits, CountPointsOfTheirOwn) {
  const auto got = post(two_points);
  EXPECT_EQ(
      got.json().at("data").at("rateLimit"),
      json::parse(R"({"cost":2,"limit":3,"remaining":1,"used":2,"resetAt":"2026-11-20T13:00:00Z","nodeCount":300})"));
  EXPECT_EQ(got.header("x-ratelimit-resource"), "graphql");
  EXPECT_EQ(got.header("x-ratelimit-limit"), "3");
  EXPECT_EQ(got.header("x-ratelimit-remaining"), "1");
  EXPECT_EQ(got.header("x-ratelimit-used"), "2");
  EXPECT_EQ(got.header("ETag"), "");
  const auto rest = get("/repos/acme/app");
  EXPECT_EQ(rest.header("x-ratelimit-resource"), "core");
  EXPECT_EQ(rest.header("x-ratelimit-used"), "1");
  EXPECT_EQ(get("/rate_limit").json().at("resources").at("graphql").at("remaining"), 1);
}

TEST_F(GraphqlLimits, CostNothingForWhatIsNotExecuted) {
  (void)post("{ viewer { nickname } }");
  (void)post("{ viewer ");
  EXPECT_EQ(post("{ viewer { id } }").header("x-ratelimit-used"), "1");
}

TEST_F(GraphqlLimits, RefuseInA200InBothSpellings) {
  (void)post(two_points);
  (void)post(two_points);
  const auto got = post(issues);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("x-ratelimit-remaining"), "0");
  EXPECT_EQ(
      got.json(),
      json::parse(R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user sim-user."}]})"));
  EXPECT_EQ(control("graphql", R"({"rate_limit_type":"RATE_LIMIT"})").status, 200);
  const auto other = post(issues).json().at("errors").at(0);
  EXPECT_EQ(other.at("type"), "RATE_LIMIT");
  EXPECT_EQ(other.at("code"), "graphql_rate_limit");
  EXPECT_EQ(get("/repos/acme/app").status, 200) << "the other limit is another one";
  move_clock("2026-11-20T13:00:00Z");
  EXPECT_TRUE(post(issues).json().as_object().contains("data"));
}

TEST_F(GraphqlLimits, AreCountedByOperation) {
  (void)post(two_points);
  (void)post(issues);
  (void)post("{ viewer { id } ");
  const auto counts = send("GET", "/_sim/requests", {}).json();
  EXPECT_EQ(counts.at("points"), 3);
  EXPECT_EQ(counts.at("endpoints"),
            json::parse(R"json([{"endpoint":"POST /graphql (invalid)","status":200,"count":1,"paid":0,"points":0
},
                            {"endpoint":"POST /graphql Issues","status":200,"count":1,"paid":1,"points":1},
                            {"endpoint":"POST /graphql Two","status":200,"count":1,"paid":1,"points":2}])json"));
}

TEST_F(GraphqlLimits, CountAsForbiddenWhatComesAfterTheyWereTold) {
  simulation_ = nullptr;
  Options options = few();
  options.service.forbidden_grace = Duration{-1};
  options.clock_mode = SimClock::Mode::kFrozen;
  options.start = testing::at("2026-11-20T12:00:00Z");
  options.org_names = {"acme"};
  options.token = "pat";
  simulation_ = make_simulation(options, {}).value();
  (void)post(two_points);
  (void)post(two_points);
  (void)get("/orgs/acme/repos");
  EXPECT_EQ(send("GET", "/_sim/requests", {}).json().at("forbidden"), 0);
  (void)post("query Again { viewer { id } }");
  const auto counts = send("GET", "/_sim/requests", {}).json();
  EXPECT_EQ(counts.at("forbidden"), 1);
  EXPECT_EQ(counts.at("forbidden_requests").at(0).at("endpoint"), "POST /graphql Again");
}

TEST_F(GraphqlLimits, OfSizeLeaveTheRestNull) {
  EXPECT_EQ(control("graphql", R"({"resource_limit":3})").status, 200);
  const auto got = post(issues);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.json().at("data"),
            json::parse(R"({"repository":{"name":"app","issues":{"nodes":[{"number":1},null]}}})"));
  EXPECT_EQ(got.json().at("errors"),
            json::parse(R"([{"type":"RESOURCE_LIMITS_EXCEEDED","path":["repository","issues","nodes",1],
                             "locations":[{"line":1,"column":81}],"message":"Resource limits for this query exceeded."}])"));
  EXPECT_EQ(control("graphql", R"({"resource_limit":null})").status, 200);
  EXPECT_EQ(data(issues).at("repository").at("issues").at("nodes").as_array().size(), 2U);
}

TEST_F(GraphqlLimits, OfPermissionsAreToldAtTheField) {
  Options options;
  options.permissions = {"metadata", "contents", "issues"};
  options.clock_mode = SimClock::Mode::kFrozen;
  options.start = testing::at("2026-11-20T12:00:00Z");
  options.org_names = {"acme"};
  simulation_ = make_simulation(options, {}).value();
  happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})");
  auto& installation = *simulation_->credentials.find_installation(1000);
  const auto token =
      simulation_->credentials.issue_token(installation, {}, installation.permissions, simulation_->clock.now());
  http::Headers headers;
  headers.add("Authorization", "bearer " + token.text);
  headers.add("User-Agent", "test");
  const auto got =
      send("POST", "/graphql", headers,
           R"({"query":"{ repository(owner: \"acme\", name: \"app\") { pullRequests(first: 1) { nodes { id } } } }"})");
  EXPECT_EQ(got.json().at("data"), json::parse(R"({"repository":null})"));
  EXPECT_EQ(got.json().at("errors").at(0).at("type"), "FORBIDDEN");
  EXPECT_EQ(got.json().at("errors").at(0).at("message"), "Resource not accessible by integration");
}

TEST_F(GraphqlLimits, StrikeTheOperationsThatFaultsName) {
  EXPECT_EQ(control("faults",
                    R"([{"match":{"operation":"Issues"},"times":1,"action":{"graphql_error":"SOMETHING_WENT_WRONG"}},
                                  {"match":{"operation":"Issues"},"times":1,"action":{"graphql_error":"TIMEOUT"}},
                                  {"match":{"operation":"Issues"},"times":1,"action":{"resource_limit":1}},
                                  {"match":{"operation":"Issues"},"times":1,"action":{"status":503}},
                                  {"match":{"operation":"Issues"},"times":1,"action":{"graphql_error":"RATE_LIMIT","reset_in":60}}])")
                .status,
            200);
  EXPECT_EQ(get("/repos/acme/app").status, 200);
  EXPECT_EQ(post("query Other { viewer { id } }").status, 200);
  const auto wrong = post(issues);
  EXPECT_EQ(wrong.status, 502);
  EXPECT_EQ(wrong.json().at("data"), nullptr);
  EXPECT_THAT(std::string(wrong.json().at("errors").at(0).at("message").as_string()),
              HasSubstr("Something went wrong while executing your query."));
  const auto late = post(issues);
  EXPECT_EQ(late.status, 502);
  EXPECT_THAT(late.message(), HasSubstr("We couldn't respond to your request in time."));
  EXPECT_EQ(post(issues).json().at("errors").at(0).at("type"), "RESOURCE_LIMITS_EXCEEDED");
  EXPECT_EQ(post(issues).status, 503);
  const auto limited = post(issues);
  EXPECT_EQ(limited.status, 200);
  EXPECT_EQ(limited.json().at("errors").at(0).at("type"), "RATE_LIMIT");
  EXPECT_EQ(limited.header("x-ratelimit-remaining"), "0");
  EXPECT_EQ(limited.header("x-ratelimit-resource"), "graphql");
  EXPECT_EQ(get("/repos/acme/app").status, 200);
  move_clock("2026-11-20T12:01:00Z");
  EXPECT_EQ(data(issues).at("repository").at("name"), "app");
  EXPECT_EQ(control("faults", R"({"action":{"graphql_error":"OOPS"}})").status, 422);
}

TEST_F(GraphqlLimits, AreNoneOnAnEnterpriseServerWithoutLimits) {
  Options options;
  options.service.rate_limit_headers = false;
  options.clock_mode = SimClock::Mode::kFrozen;
  options.start = testing::at("2026-11-20T12:00:00Z");
  options.org_names = {"acme"};
  options.token = "pat";
  simulation_ = make_simulation(options, {}).value();
  const auto got = post("{ rateLimit { cost } viewer { login } }", {}, "", "/api/graphql");
  EXPECT_EQ(got.json().at("data").at("rateLimit"), nullptr);
  EXPECT_EQ(got.header("x-ratelimit-limit"), "");
}

}  // namespace
}  // namespace ghstats::sim
