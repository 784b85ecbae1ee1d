// What the simulator cannot make: lists in another order than that of their times, and a GitHub that goes in circles.
#include "activity/changes/complete_item.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/time_format.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::testing::GraphqlFixture;
using ::testing::ElementsAre;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

ToldPolicy policy() {
  return {.events = {}, .families = kinds::families_of(kinds::kEveryFamily), .oldest = kNow - 25h};
}

github::Comment comment(std::uint64_t id, TimePoint at) {
  return {.id = id, .user = {}, .created_at = at, .updated_at = at};
}

// A list that is read backwards, with or without something before it.
std::string page(const std::string& field, const std::string& nodes, const std::string& older = "") {
  const std::string info =
      older.empty() ? R"({"hasPreviousPage":false})" : R"({"hasPreviousPage":true,"startCursor":")" + older + R"("})";
  return R"("node":{")" + field + R"(":{"pageInfo":)" + info + R"(,"nodes":[)" + nodes + "]}}";
}

std::string comment_json(std::uint64_t id, TimePoint at) {
  const std::string time = '"' + format_rfc3339(at) + '"';
  return R"({"fullDatabaseId":")" + std::to_string(id) + R"(","createdAt":)" + time + R"(,"updatedAt":)" + time +
         R"(,"state":"SUBMITTED","author":null})";
}

std::string review_json(std::uint64_t id, TimePoint submitted_at) {
  return R"({"id":"PRR","fullDatabaseId":")" + std::to_string(id) + R"(","state":"APPROVED","submittedAt":")" +
         format_rfc3339(submitted_at) + R"(","author":null})";
}

template <class T>
std::vector<std::uint64_t> ids(const std::vector<T>& items) {
  std::vector<std::uint64_t> out;
  for (const T& item : items) {
    if constexpr (requires { item.review; }) {
      out.push_back(item.review.id);
    } else {
      out.push_back(item.id);
    }
  }
  return out;
}

// Begun before those that are too old, submitted now.
TEST(CompleteItem, ReadsReviewsToTheEndWhateverTheirTimes) {
  GraphqlFixture f;
  f.on_query()
      .reply(200, f.data(page("reviews", review_json(2, kNow - 30h), "older")))
      .reply(200, f.data(page("reviews", review_json(1, kNow))));
  github::PullActivity pull;
  pull.reviews.items.emplace_back().review = {.id = 3, .user = {}, .state = "APPROVED", .submitted_at = kNow - 40h};
  pull.reviews.older = "old";
  const ToldPolicy told = policy();
  EXPECT_TRUE(is_cut(pull, told));
  const Status whole = f.run(complete(f.graphql, pull, told));
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_THAT(ids(pull.reviews.items), ElementsAre(1, 2, 3));
  EXPECT_FALSE(is_cut(pull, told));
  EXPECT_EQ(f.variable(1, "cursor"), "older");
}

TEST(CompleteItem, ReadsCommentsOnADiffToTheEndWhateverTheirTimes) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(page("comments", comment_json(1, kNow))));
  github::PullActivity pull;
  auto& review = pull.reviews.items.emplace_back();
  review.comments = {.items = {comment(2, kNow - 30h)}, .older = "old"};
  const ToldPolicy told = policy();
  EXPECT_TRUE(is_cut(pull, told));
  ASSERT_TRUE(f.run(complete(f.graphql, pull, told)));
  EXPECT_THAT(ids(pull.reviews.items[0].comments.items), ElementsAre(1, 2));
}

TEST(CompleteItem, ReadsAConversationUntilItsPageBeginsBeforeTheWindow) {
  GraphqlFixture f;
  f.on_query().reply(200,
                     f.data(page("comments", comment_json(1, kNow - 26h) + "," + comment_json(2, kNow - 24h), "o")));
  github::IssueActivity issue;
  issue.comments = {.items = {comment(3, kNow - 25h)}, .older = "old"};
  const ToldPolicy told = policy();
  EXPECT_TRUE(is_cut(issue, told)) << "one at the window's first second may have others beside it";
  ASSERT_TRUE(f.run(complete(f.graphql, issue, told)));
  EXPECT_THAT(ids(issue.comments.items), ElementsAre(1, 2, 3));
  EXPECT_EQ(issue.comments.older, "o");
  EXPECT_FALSE(is_cut(issue, told));
  EXPECT_EQ(f.client.requests().size(), 1U);
}

TEST(CompleteItem, AsksNothingThatNobodyWants) {
  github::PullActivity pull;
  auto& review = pull.reviews.items.emplace_back();
  review.comments.older = "a";
  pull.reviews.older = "b";
  pull.comments.older = "c";
  GraphqlFixture f;
  ToldPolicy told = policy();
  told.families = {store::CollectionFamily::kPullRequests};
  EXPECT_FALSE(is_cut(pull, told));
  ASSERT_TRUE(f.run(complete(f.graphql, pull, told)));
  EXPECT_TRUE(f.client.requests().empty());
}

TEST(CompleteItem, ACursorThatLeadsToItselfIsAnError) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(page("comments", comment_json(1, kNow), "old")));
  github::IssueActivity issue;
  issue.comments = {.items = {comment(3, kNow)}, .older = "old"};
  const ToldPolicy told = policy();
  const Status whole = f.run(complete(f.graphql, issue, told));
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(ids(issue.comments.items), ElementsAre(3));
}

}  // namespace
}  // namespace ghstats::activity
