#include "activity/collectors/reviews.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "activity/testing/github_json.h"
#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr RepoId kRepo{1};

// Ann's pull requests 1 to n of 'acme/api', updated an hour ago.
class ReviewsTest : public ::testing::Test {
 protected:
  void pulls(std::uint64_t count) {
    for (std::uint64_t number = 1; number <= count; ++number) {
      pulls_.items.push_back({.number = number,
                              .user = github::Account{"ann", false},
                              .created_at = now() - 40h,
                              .updated_at = now() - 1h,
                              .merged_at = {}});
    }
    pulls_.served_at = now();
  }
  http::testing::FakeClient::Rule& on_reviews(int number) {
    return github_.on_get("/repos/acme/api/pulls/" + std::to_string(number) + "/reviews?per_page=100");
  }
  std::string review(std::uint64_t id, const std::string& user, std::chrono::seconds age,
                     const std::string& state = "APPROVED") {
    return testing::review_json(id, user, now() - age, state);
  }
  PartialCollection collect(EventPolicy policy = {}) {
    return github_.run(collect_reviews(github_.api, pulls_, {kRepo, "acme/api"}, policy, now() - 25h));
  }
  static std::vector<std::string> ids(const PartialCollection& out) {
    std::vector<std::string> ids;
    for (const ledger::Event& event : out.collection.events) ids.push_back(event.id + " " + event.user);
    return ids;
  }
  std::size_t asked(int number) {
    return github_.client.count("https://api.github.com/repos/acme/api/pulls/" + std::to_string(number) + "/");
  }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }

  // Five attempts, none of which is answered.
  static void time_out(http::testing::FakeClient::Rule& rule) { rule.fail(ErrorCode::kTimeout, "no answer in 20s"); }

  ApiFixture github_;
  github::Listing<github::PullRequest> pulls_;
};

TEST_F(ReviewsTest, TwoTimeOutsFarApartCostTheirOwnReviewsOnly) {
  pulls(5);
  on_reviews(1).reply(200, "[" + review(11, "bob", 1h) + "]");
  time_out(on_reviews(2));
  on_reviews(3).reply(200, "[" + review(13, "bob", 1h) + "]");
  time_out(on_reviews(4));
  on_reviews(5).reply(200, "[" + review(15, "bob", 1h) + "]");
  const PartialCollection out = collect();
  EXPECT_THAT(ids(out), ElementsAre("11 bob", "13 bob", "15 bob"));
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->code, ErrorCode::kTimeout);
  EXPECT_NE(out.error->message.find("acme/api#2"), std::string::npos) << out.error->message;
}

TEST_F(ReviewsTest, TwoInARowWithoutAnAnswerEndIt) {
  pulls(4);
  on_reviews(1).reply(200, "[" + review(11, "bob", 1h) + "]");
  time_out(on_reviews(2));
  on_reviews(3).reply(502, "");
  const PartialCollection out = collect();
  EXPECT_THAT(ids(out), ElementsAre("11 bob"));
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(asked(4), 0U);
}

TEST_F(ReviewsTest, WithoutATokenOneRequestEndsIt) {
  pulls(3);
  github_.on_get("/repos/*").reply(401, R"({"message":"Bad credentials"})");
  const PartialCollection out = collect();
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(asked(2), 0U);
}

TEST_F(ReviewsTest, AnswersThatMakeNoSenseCostTheirOwnReviewsOnly) {
  pulls(4);
  for (const int number : {1, 2, 3}) on_reviews(number).reply(200, "{}");
  on_reviews(4).reply(200, "[" + review(14, "bob", 1h) + "]");
  const PartialCollection out = collect();
  EXPECT_THAT(ids(out), ElementsAre("14 bob"));
  ASSERT_TRUE(out.error);
  EXPECT_NE(out.error->message.find("acme/api#1"), std::string::npos) << "the first error: " << out.error->message;
}

TEST_F(ReviewsTest, PullRequestsNotUpdatedSinceThenAreNotAskedAbout) {
  pulls(2);
  pulls_.items[0].updated_at = now() - 26h;
  on_reviews(2).reply(200, "[]");
  EXPECT_FALSE(collect().error);
  EXPECT_EQ(asked(1), 0U);
}

TEST_F(ReviewsTest, CountsWhatWasSubmittedInTheWindowAndNothingPending) {
  pulls(1);
  on_reviews(1).reply(200, "[" + review(1, "bob", 25h) + "," + review(2, "bob", 25h + 1s) + "," +
                               review(3, "bob", 1h, "PENDING") + "," + review(4, "bob", 1h, "COMMENTED") + "," +
                               R"({"id":5,"user":{"login":"eve","type":"User"},"state":"PENDING"}])");
  const PartialCollection out = collect();
  EXPECT_THAT(ids(out), ElementsAre("1 bob", "4 bob"));
  EXPECT_EQ(out.collection.collected_until, pulls_.served_at);
  EXPECT_EQ(out.collection.events[0].kind, ledger::EventKind::kReview);
  EXPECT_EQ(out.collection.events[0].at, now() - 25h);
  EXPECT_EQ(out.collection.events[0].repo, kRepo);
}

TEST_F(ReviewsTest, ReviewsOfOnesOwnPullRequestCountOnRequestOnly) {
  pulls(1);
  on_reviews(1).reply(200, "[" + review(1, "ann", 1h) + "," + review(2, "bob", 1h) + "]");
  EXPECT_THAT(ids(collect({.self_reviews = false})), ElementsAre("2 bob"));
  EXPECT_THAT(ids(collect({.self_reviews = true})), ElementsAre("1 ann", "2 bob"));
}

// They need not be the same person.
TEST_F(ReviewsTest, ADeletedAccountsReviewOfADeletedAccountsPullRequestCounts) {
  pulls(1);
  pulls_.items[0].user.reset();
  on_reviews(1).reply(200, "[" + review(1, "", 1h) + "]");
  EXPECT_THAT(ids(collect({.self_reviews = false})), ElementsAre("1 ghost"));
}

TEST_F(ReviewsTest, BotsAreLeftOutOnRequest) {
  pulls(1);
  on_reviews(1).reply(200, "[" + review(1, "scan[bot]", 1h, "COMMENTED") + "]");
  EXPECT_THAT(ids(collect({.include_bots = true})), ElementsAre("1 scan[bot]"));
  EXPECT_THAT(ids(collect({.include_bots = false})), IsEmpty());
}

}  // namespace
}  // namespace ghstats::activity
