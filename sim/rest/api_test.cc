#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::at;
using ::testing::ElementsAre;
using testing::Got;
using ::testing::HasSubstr;

std::vector<std::string> texts(const Got& got, std::string_view field) {
  std::vector<std::string> found;
  for (const auto& item : got.json().as_array()) found.emplace_back(item.at(field).as_string());
  return found;
}

std::vector<std::int64_t> numbers(const Got& got, std::string_view field) {
  std::vector<std::int64_t> found;
  for (const auto& item : got.json().as_array()) found.push_back(item.at(field).to_number<std::int64_t>());
  return found;
}

class Api : public ApiFixture {
 protected:
  Api() { happens(R"({"type":"add_repository","org":"acme","name":"App","at":"2020-01-01T00:00:00Z"})"); }
};

TEST_F(Api, LinksPagesByIdOnTheHostTheClientUsed) {
  for (int i = 0; i < 5; ++i) happens(R"({"type":"commit","repo":"acme/App","author":"ann"})");
  const auto first = get("/repos/ACME/app/commits?per_page=2");
  const std::string base = "<http://api.test/repositories/500000000/commits?per_page=2&page=";
  EXPECT_EQ(first.header("Link"), base + "2>; rel=\"next\", " + base + "3>; rel=\"last\"");
  const auto middle = get("/repositories/500000000/commits?per_page=2&page=2");
  EXPECT_EQ(middle.header("Link"), base + "1>; rel=\"prev\", " + base + "3>; rel=\"next\", " + base +
                                       "3>; rel=\"last\", " + base + "1>; rel=\"first\"");
  const auto last = get("/repos/acme/App/commits?per_page=2&page=3");
  EXPECT_EQ(last.header("Link"), base + "2>; rel=\"prev\", " + base + "1>; rel=\"first\"");
  EXPECT_EQ(last.json().as_array().size(), 1U);
  EXPECT_EQ(get("/repos/acme/App/commits?per_page=5").header("Link"), "");
}

TEST_F(Api, ClampsPagesToAHundredAndServesThirtyByDefault) {
  for (int i = 0; i < 130; ++i) happens(R"({"type":"commit","repo":"acme/App","author":"ann"})");
  EXPECT_EQ(get("/repos/acme/App/commits?per_page=500").json().as_array().size(), 100U);
  EXPECT_EQ(get("/repos/acme/App/commits").json().as_array().size(), 30U);
  EXPECT_EQ(get("/repos/acme/App/commits?per_page=0").json().as_array().size(), 30U);
}

TEST_F(Api, KeepsTheEnterprisePrefixInLinks) {
  for (int i = 0; i < 2; ++i) happens(R"({"type":"commit","repo":"acme/App","author":"ann"})");
  EXPECT_THAT(get("/api/v3/repos/acme/App/commits?per_page=1").header("Link"),
              HasSubstr("<http://api.test/api/v3/repositories/500000000/commits?"));
}

TEST_F(Api, AnswersConflictForAnEmptyRepository) {
  const auto got = get("/repos/acme/App/commits");
  EXPECT_EQ(got.status, 409);
  EXPECT_EQ(got.message(), "Git Repository is empty.");
  EXPECT_EQ(get("/repos/acme/App").json().at("pushed_at"), nullptr);
}

TEST_F(Api, FiltersCommitsByCommitterDateBothEndsIncluded) {
  happens(R"([{"type":"commit","repo":"acme/App","author":"ann","message":"a","at":"2026-11-20T09:00:00Z"},
              {"type":"commit","repo":"acme/App","author":"ann","message":"b","at":"2026-11-20T10:00:00Z",
               "author_date":"2026-01-01T00:00:00Z"},
              {"type":"commit","repo":"acme/App","author":"ann","message":"c","at":"2026-11-20T11:00:00Z"}])");
  const auto got = get("/repos/acme/App/commits?since=2026-11-20T10:00:00Z&until=2026-11-20T11:00:00Z");
  ASSERT_EQ(got.json().as_array().size(), 2U);
  EXPECT_EQ(got.json().at(0).at("commit").at("message"), "c");
  EXPECT_EQ(got.json().at(1).at("commit").at("author").at("date"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(get("/repos/acme/App/commits?since=2026-11-20T10:00:01Z").json().as_array().size(), 1U);
  EXPECT_EQ(get("/repos/acme/App/commits?since=2026-11-20T11:00:01Z").body, "[]");
  EXPECT_EQ(get("/repos/acme/App/commits?since=yesterday").status, 422);
}

TEST_F(Api, ShowsWhatWasPushedOnlyFromThenOn) {
  happens(R"({"type":"commit","repo":"acme/App","author":"ann","at":"2026-11-20T10:00:00Z",
              "pushed_at":"2026-11-20T13:00:00Z"})");
  EXPECT_EQ(get("/repos/acme/App/commits").status, 409);
  move_clock("2026-11-20T13:00:00Z");
  EXPECT_EQ(get("/repos/acme/App/commits").json().as_array().size(), 1U);
  EXPECT_EQ(get("/repos/acme/App").json().at("pushed_at"), "2026-11-20T13:00:00Z");
}

TEST_F(Api, ServesMissingAuthorsAsNullAndAsEmptyObject) {
  happens(R"([{"type":"commit","repo":"acme/App","author_name":"N","author_email":"n@x","at":"2026-11-20T09:00:00Z"},
              {"type":"commit","repo":"acme/App","author_name":"N","author_email":"n@x","empty_object":true,
               "at":"2026-11-20T10:00:00Z"},
              {"type":"commit","repo":"acme/App","at":"2026-11-20T11:00:00Z"}])");
  const auto commits = get("/repos/acme/App/commits").json();
  EXPECT_EQ(commits.at(0).at("author"), nullptr);
  EXPECT_EQ(commits.at(0).at("commit").at("author"), nullptr);
  EXPECT_EQ(commits.at(1).at("author"), boost::json::object());
  EXPECT_EQ(commits.at(2).at("author"), nullptr);
  EXPECT_EQ(commits.at(2).at("commit").at("author").at("name"), "N");
}

TEST_F(Api, OrdersPullRequestsAsDocumented) {
  happens(R"([{"type":"pull_request","repo":"acme/App","author":"ann","at":"2026-11-20T08:00:00Z"},
              {"type":"pull_request","repo":"acme/App","author":"bob","at":"2026-11-20T09:00:00Z"},
              {"type":"pull_request","repo":"acme/App","author":"bob","at":"2026-11-20T10:00:00Z"},
              {"type":"close","repo":"acme/App","number":3,"at":"2026-11-20T10:30:00Z"},
              {"type":"review","repo":"acme/App","number":1,"author":"bob","at":"2026-11-20T11:00:00Z"}])");
  EXPECT_THAT(numbers(get("/repos/acme/App/pulls"), "number"), ElementsAre(2, 1));
  EXPECT_THAT(numbers(get("/repos/acme/App/pulls?state=all&sort=updated&direction=desc"), "number"),
              ElementsAre(1, 3, 2));
  EXPECT_THAT(numbers(get("/repos/acme/App/pulls?state=all&sort=updated"), "number"), ElementsAre(2, 3, 1));
  EXPECT_THAT(numbers(get("/repos/acme/App/pulls?state=closed"), "number"), ElementsAre(3));
}

TEST_F(Api, MovesPullRequestAndRepositoryTimesAsGitHubDoes) {
  happens(R"([{"type":"pull_request","repo":"acme/App","author":"ann","at":"2026-11-20T08:00:00Z"},
              {"type":"comment","repo":"acme/App","number":1,"author":"bob","at":"2026-11-20T09:00:00Z"},
              {"type":"merge","repo":"acme/App","number":1,"at":"2026-11-20T11:00:00Z"}])");
  move_clock("2026-11-20T10:00:00Z");
  auto pull = get("/repos/acme/App/pulls/1").json();
  EXPECT_EQ(pull.at("updated_at"), "2026-11-20T09:00:00Z");
  EXPECT_EQ(pull.at("merged_at"), nullptr);
  EXPECT_EQ(pull.at("state"), "open");
  EXPECT_EQ(get("/repos/acme/App").json().at("pushed_at"), "2026-11-20T08:00:00Z");
  move_clock("2026-11-20T11:00:00Z");
  pull = get("/repos/acme/App/pulls/1").json();
  EXPECT_EQ(pull.at("updated_at"), "2026-11-20T11:00:00Z");
  EXPECT_EQ(pull.at("merged_at"), "2026-11-20T11:00:00Z");
  EXPECT_EQ(pull.at("closed_at"), "2026-11-20T11:00:00Z");
  const auto commits = get("/repos/acme/App/commits").json();
  ASSERT_EQ(commits.as_array().size(), 1U);
  EXPECT_EQ(commits.at(0).at("sha"), pull.at("merge_commit_sha"));
  EXPECT_EQ(commits.at(0).at("author").at("login"), "ann");
  EXPECT_EQ(commits.at(0).at("committer").at("login"), "web-flow");
  EXPECT_EQ(get("/repos/acme/App").json().at("pushed_at"), "2026-11-20T11:00:00Z");
  EXPECT_EQ(pull.at("state"), "closed");
}

TEST_F(Api, ShowsPendingReviewsToTheirAuthorOnly) {
  happens(R"([{"type":"pull_request","repo":"acme/App","author":"ann"},
              {"type":"review","repo":"acme/App","number":1,"author":"bob","state":"APPROVED","at":"2026-11-20T11:00:00Z"},
              {"type":"review","repo":"acme/App","number":1,"author":"bob","state":"PENDING"},
              {"type":"review","repo":"acme/App","number":1,"author":"sim-user","state":"PENDING"}])");
  const auto got = get("/repos/acme/App/pulls/1/reviews");
  EXPECT_THAT(texts(got, "state"), ElementsAre("APPROVED", "PENDING"));
  EXPECT_EQ(got.json().at(0).at("submitted_at"), "2026-11-20T11:00:00Z");
  EXPECT_FALSE(got.json().at(1).as_object().contains("submitted_at"));
  EXPECT_EQ(get("/repos/acme/App/pulls/2/reviews").status, 404);
}

TEST_F(Api, FiltersCommentsByUpdateSoThatEditedOnesComeBack) {
  happens(R"([{"type":"issue","repo":"acme/App","author":"ann","at":"2026-11-20T08:00:00Z"},
              {"type":"comment","repo":"acme/App","number":1,"author":"ann","at":"2026-11-20T08:10:00Z"},
              {"type":"comment","repo":"acme/App","number":1,"author":"bob","at":"2026-11-20T09:00:00Z"}])");
  const auto id = get("/repos/acme/App/issues/comments").json().at(0).at("id").to_number<std::int64_t>();
  EXPECT_GT(id, std::int64_t{1} << 32U);
  EXPECT_EQ(get("/repos/acme/App/issues/comments?since=2026-11-20T08:30:00Z").json().as_array().size(), 1U);
  happens(R"({"type":"edit_comment","repo":"acme/App","id":)" + std::to_string(id) + "}");
  const auto got = get("/repos/acme/App/issues/comments?since=2026-11-20T08:30:00Z");
  EXPECT_THAT(texts(got, "created_at"), ElementsAre("2026-11-20T08:10:00Z", "2026-11-20T09:00:00Z"));
  EXPECT_THAT(texts(get("/repos/acme/App/issues/comments?sort=updated&direction=desc"), "updated_at"),
              ElementsAre("2026-11-20T12:00:00Z", "2026-11-20T09:00:00Z"));
  EXPECT_THAT(texts(get("/repos/acme/App/issues/comments?direction=desc"), "created_at"),
              ElementsAre("2026-11-20T08:10:00Z", "2026-11-20T09:00:00Z"));
}

TEST_F(Api, ListsCommentsOnDiffsByUpdateAndWithTheirReviews) {
  happens(R"([{"type":"pull_request","repo":"acme/App","author":"ann","at":"2026-11-20T08:00:00Z"},
              {"type":"review_comment","repo":"acme/App","number":1,"author":"bob","at":"2026-11-20T08:10:00Z"},
              {"type":"review_comment","repo":"acme/App","number":1,"author":"cy","at":"2026-11-20T09:00:00Z"}])");
  const auto all = get("/repos/acme/App/pulls/comments");
  EXPECT_THAT(texts(all, "created_at"), ElementsAre("2026-11-20T08:10:00Z", "2026-11-20T09:00:00Z"));
  EXPECT_EQ(all.json().at(0).at("pull_request_url"), "http://api.test/repos/acme/App/pulls/1");
  // GitHub makes a review of its own for a comment that is given outside of one.
  const auto reviews = get("/repos/acme/App/pulls/1/reviews");
  EXPECT_THAT(texts(reviews, "state"), ElementsAre("COMMENTED", "COMMENTED"));
  EXPECT_THAT(numbers(all, "pull_request_review_id"), ::testing::ElementsAreArray(numbers(reviews, "id")));
  EXPECT_EQ(get("/repos/acme/App/pulls/1").json().at("updated_at"), "2026-11-20T09:00:00Z");

  EXPECT_EQ(get("/repos/acme/App/pulls/comments?since=2026-11-20T08:30:00Z").json().as_array().size(), 1U);
  happens(R"({"type":"edit_comment","repo":"acme/App","at":"2026-11-20T10:00:00Z","id":)" +
          std::to_string(numbers(all, "id").at(0)) + "}");
  EXPECT_EQ(get("/repos/acme/App/pulls/comments?since=2026-11-20T08:30:00Z").json().as_array().size(), 2U);
  const auto first = get("/repos/acme/App/pulls/comments?sort=updated&direction=desc&per_page=1");
  EXPECT_THAT(texts(first, "updated_at"), ElementsAre("2026-11-20T10:00:00Z"));
  EXPECT_THAT(first.header("Link"),
              HasSubstr("/pulls/comments?sort=updated&direction=desc&per_page=1&page=2>; rel=\"next\""));
  EXPECT_EQ(get("/repos/acme/App/pulls/comments?sort=created_at").status, 200);
  EXPECT_EQ(get("/repos/acme/App/pulls/comments?sort=position").status, 422);
}

TEST_F(Api, ListsIssuesAndPullRequestsAmongThem) {
  happens(R"([{"type":"issue","repo":"acme/App","author":"ann","at":"2026-11-20T08:00:00Z"},
              {"type":"pull_request","repo":"acme/App","author":"bob","at":"2026-11-20T08:30:00Z"},
              {"type":"issue","repo":"acme/App","author":"cy","at":"2026-11-20T09:00:00Z"},
              {"type":"comment","repo":"acme/App","number":1,"author":"bob","at":"2026-11-20T09:30:00Z"},
              {"type":"close","repo":"acme/App","number":3,"by":"bob","at":"2026-11-20T10:00:00Z"},
              {"type":"merge","repo":"acme/App","number":2,"at":"2026-11-20T11:00:00Z","by":"dan"},
              {"type":"issue","repo":"acme/App","author":"ann","at":"2026-11-20T13:00:00Z"}])");
  EXPECT_THAT(numbers(get("/repos/acme/App/issues"), "number"), ElementsAre(1)) << "open ones";
  const auto all = get("/repos/acme/App/issues?state=all&sort=updated&direction=desc");
  EXPECT_THAT(numbers(all, "number"), ElementsAre(2, 3, 1));
  EXPECT_THAT(texts(all, "updated_at"),
              ElementsAre("2026-11-20T11:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T09:30:00Z"));
  EXPECT_EQ(all.json().at(0).at("pull_request").at("merged_at"), "2026-11-20T11:00:00Z");
  EXPECT_EQ(all.json().at(0).at("closed_by").at("login"), "dan");
  EXPECT_FALSE(all.json().at(1).as_object().contains("pull_request"));
  EXPECT_EQ(all.json().at(1).at("closed_by").at("login"), "bob");
  EXPECT_EQ(all.json().at(2).at("closed_by"), nullptr);
  EXPECT_EQ(all.json().at(2).at("comments"), 1);
  EXPECT_EQ(get("/repos/acme/App/issues/3").json(), all.json().at(1));
  EXPECT_EQ(get("/repos/acme/App/issues/4").status, 404) << "of the future";

  EXPECT_THAT(numbers(get("/repos/acme/App/issues?state=all&since=2026-11-20T10:00:00Z&direction=asc"), "number"),
              ElementsAre(2, 3));
  EXPECT_THAT(numbers(get("/repos/acme/App/issues?state=closed&sort=created"), "number"), ElementsAre(3, 2));
  EXPECT_THAT(numbers(get("/repos/acme/App/issues?state=all&sort=comments"), "number"), ElementsAre(1, 3, 2));
  EXPECT_THAT(get("/repos/acme/App/issues?state=all&per_page=2").header("Link"), HasSubstr("/issues?state=all&"));
  EXPECT_EQ(get("/repos/acme/App/issues?sort=popularity").status, 422);
}

TEST_F(Api, AnIssueThatIsOpenedAgainIsUpdatedAndNotClosed) {
  happens(R"([{"type":"issue","repo":"acme/App","author":"ann","at":"2026-11-20T08:00:00Z"},
              {"type":"close","repo":"acme/App","number":1,"by":"bob","at":"2026-11-20T09:00:00Z"},
              {"type":"reopen","repo":"acme/App","number":1,"at":"2026-11-20T10:00:00Z"},
              {"type":"close","repo":"acme/App","number":1,"by":"cy","at":"2026-11-20T13:00:00Z"}])");
  auto issue = get("/repos/acme/App/issues/1").json();
  EXPECT_EQ(issue.at("state"), "open");
  EXPECT_EQ(issue.at("state_reason"), "reopened");
  EXPECT_EQ(issue.at("closed_at"), nullptr);
  EXPECT_EQ(issue.at("closed_by"), nullptr);
  EXPECT_EQ(issue.at("updated_at"), "2026-11-20T10:00:00Z");
  move_clock("2026-11-20T13:00:00Z");
  issue = get("/repos/acme/App/issues/1").json();
  EXPECT_EQ(issue.at("state_reason"), "completed");
  EXPECT_EQ(issue.at("closed_at"), "2026-11-20T13:00:00Z");
  EXPECT_EQ(issue.at("closed_by").at("login"), "cy");
  const auto refused = send("POST", "/_sim/activity", {},
                            R"({"type":"close","repo":"acme/App","number":1,"at":"2026-11-20T13:30:00Z"})");
  EXPECT_EQ(refused.message(), "activity 0: issue 1 is closed");
}

TEST_F(Api, ServesDeletedAccountsAsNull) {
  happens(R"([{"type":"pull_request","repo":"acme/App","author":"ann"},{"type":"delete_account","login":"ann"}])");
  EXPECT_EQ(get("/repos/acme/App/pulls").json().at(0).at("user"), nullptr);
}

TEST_F(Api, RedirectsRenamedRepositoriesById) {
  happens(R"([{"type":"commit","repo":"acme/App","author":"ann"},{"type":"rename","repo":"acme/App","name":"App2"}])");
  const auto got = get("/repos/acme/App/commits?per_page=1");
  EXPECT_EQ(got.status, 301);
  EXPECT_EQ(got.header("Location"), "http://api.test/repositories/500000000/commits?per_page=1");
  EXPECT_EQ(got.message(), "Moved Permanently");
  EXPECT_EQ(get("/repositories/500000000/commits").status, 200);
  EXPECT_EQ(get("/repos/acme/app2").json().at("full_name"), "acme/App2");
}

TEST_F(Api, HidesAndBlocksRepositories) {
  happens(R"({"type":"block","repo":"acme/App","status":451,"reason":"dmca"})");
  const auto blocked = get("/repos/acme/App/pulls");
  EXPECT_EQ(blocked.status, 451);
  EXPECT_EQ(blocked.json().at("block").at("reason"), "dmca");
  happens(R"([{"type":"unblock","repo":"acme/App"},{"type":"hide","repo":"acme/App"}])");
  EXPECT_EQ(get("/repos/acme/App/pulls").status, 404);
  EXPECT_EQ(get("/orgs/acme/repos").body, "[]");
}

TEST_F(Api, ListsAnOrganisationsRepositoriesInTheOrderAskedFor) {
  happens(R"([{"type":"add_repository","org":"acme","name":"b","at":"2021-01-01T00:00:00Z","fork":true},
              {"type":"add_repository","org":"acme","name":"c","at":"2022-01-01T00:00:00Z","private":false},
              {"type":"push","repo":"acme/b","at":"2026-11-20T10:00:00Z"},
              {"type":"push","repo":"acme/App","at":"2026-11-20T11:00:00Z"}])");
  EXPECT_THAT(texts(get("/orgs/acme/repos"), "name"), ElementsAre("c", "b", "App"));
  EXPECT_THAT(texts(get("/orgs/Acme/repos?sort=pushed"), "name"), ElementsAre("App", "b", "c"));
  EXPECT_THAT(texts(get("/orgs/acme/repos?sort=full_name"), "name"), ElementsAre("App", "b", "c"));
  EXPECT_THAT(texts(get("/orgs/acme/repos?type=forks"), "name"), ElementsAre("b"));
  EXPECT_EQ(get("/orgs/acme/repos?sort=size").status, 422);
}

TEST_F(Api, KeepsOrganisationsAndUsersApart) {
  happens(R"([{"type":"add_user","login":"ann"},
              {"type":"add_repository","org":"ann","name":"own","private":false},
              {"type":"add_repository","org":"ann","name":"secret"}])");
  EXPECT_EQ(get("/orgs/ann/repos").status, 404);
  EXPECT_THAT(texts(get("/users/ann/repos"), "name"), ElementsAre("own"));
  EXPECT_EQ(get("/users/nobody/repos").status, 404);
}

TEST_F(Api, KnowsNothingElse) {
  const auto got = get("/repos/acme/App/commits/");
  EXPECT_EQ(got.status, 404);
  EXPECT_EQ(got.body, R"({"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"})");
  EXPECT_EQ(get("/repos/acme/nothing").status, 404);
  EXPECT_EQ(get("/teapot").status, 404);
}

}  // namespace
}  // namespace ghstats::sim
