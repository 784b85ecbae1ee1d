#include "activity/changes/told_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "activity/collectors/comments.h"
#include "activity/collectors/pull_requests.h"
#include "activity/collectors/reviews.h"
#include "activity/testing/github_json.h"
#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using store::CollectionFamily;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TimePoint kServed = from_unix_seconds(1'790'000'000);
const TimePoint kOldest = kServed - 25h;
constexpr RepoId kRepo{7};

using Account = std::optional<github::Account>;
const Account kAnn = github::Account{"ann", false};
const Account kBob = github::Account{"bob", false};
const Account kBot = github::Account{"renovate[bot]", true};
const Account kNamedLikeABot = github::Account{"scan[bot]", false};
const Account kDeleted;

const std::vector<Account> kEverybody{kAnn, kBob, kBot, kNamedLikeABot, kDeleted};
const std::vector<TimePoint> kTimes{kServed, kOldest, kOldest - 1s};
const std::vector<EventPolicy> kPolicies{{.self_reviews = false, .include_bots = true},
                                         {.self_reviews = true, .include_bots = true},
                                         {.self_reviews = false, .include_bots = false}};

ToldPolicy policy(EventPolicy events = {}) {
  return {.events = events, .families = kinds::families_of(kinds::kEveryFamily), .oldest = kOldest};
}

std::vector<std::string> lines(const std::vector<ledger::Event>& events) {
  std::vector<std::string> out;
  for (const ledger::Event& event : events) {
    EXPECT_EQ(event.repo, kRepo);
    EXPECT_EQ(event.version, kServed);
    out.push_back(std::string(to_string(event.kind)) + " " + event.id + " " + event.user + " " +
                  format_rfc3339(event.at));
  }
  return out;
}

template <class T>
std::vector<std::string> told(T item, const ToldPolicy& policy) {
  item.repository = {.node = "R_7", .id = kRepo, .full_name = "acme/api"};
  std::vector<ledger::Event> events;
  add_events(item, policy, kServed, events);
  return lines(events);
}

github::ReviewActivity review(std::uint64_t id, Account user, TimePoint at, std::string state = "APPROVED") {
  github::ReviewActivity out;
  out.review = {.id = id, .user = std::move(user), .state = std::move(state), .submitted_at = at};
  return out;
}

github::PullActivity pull_of(Account user, TimePoint created = kOldest - 1h, std::optional<TimePoint> merged = {}) {
  github::PullActivity out;
  out.pull = {.number = 9, .user = std::move(user), .created_at = created, .updated_at = kServed, .merged_at = merged};
  return out;
}

// Everybody's, at the edges of the window.
std::vector<github::Comment> comments() {
  std::vector<github::Comment> out;
  for (const Account& user : kEverybody) {
    for (const TimePoint at : kTimes)
      out.push_back({.id = out.size() + 1, .user = user, .created_at = at, .updated_at = kServed});
  }
  return out;
}

TEST(ToldEvents, OfPullRequestsAreThoseOfRest) {
  std::size_t compared = 0;
  for (const EventPolicy events : kPolicies) {
    for (const Account& user : kEverybody) {
      for (const TimePoint created : kTimes) {
        for (const auto merged : {std::optional<TimePoint>{}, std::optional{kServed}, std::optional{kOldest - 1s}}) {
          const auto pull = pull_of(user, created, merged);
          const auto rest =
              pull_request_events({.items = {pull.pull}, .served_at = kServed}, {kRepo, ""}, events, kOldest);
          const auto graphql = told(pull, policy(events));
          EXPECT_EQ(graphql, lines(rest.events));
          compared += graphql.size();
        }
      }
    }
  }
  EXPECT_GT(compared, 50U);
}

TEST(ToldEvents, OfCommentsAreThoseOfRest) {
  for (const EventPolicy events : kPolicies) {
    const auto rest = [&](ledger::EventKind kind) {
      return lines(
          comment_events({.items = comments(), .served_at = kServed}, kind, {kRepo, ""}, events, kOldest).events);
    };
    const auto in_conversations = rest(ledger::EventKind::kIssueComment);
    EXPECT_EQ(in_conversations.size(), events.include_bots ? 10U : 6U);
    github::IssueActivity issue;
    issue.comments.items = comments();
    EXPECT_EQ(told(issue, policy(events)), in_conversations);

    github::PullActivity pull = pull_of(kAnn);
    pull.comments.items = comments();
    EXPECT_EQ(told(pull, policy(events)), in_conversations);

    pull.comments.items.clear();
    pull.reviews.items = {review(1, kAnn, kOldest - 1h)};
    pull.reviews.items[0].comments.items = comments();
    EXPECT_EQ(told(pull, policy(events)), rest(ledger::EventKind::kReviewComment));
  }
}

TEST(ToldEvents, OfReviewsAreThoseOfRest) {
  for (const EventPolicy events : kPolicies) {
    for (const Account& author : kEverybody) {
      github::testing::ApiFixture github;
      github::PullActivity graphql = pull_of(author);
      std::vector<std::string> json;
      for (const Account& user : kEverybody) {
        for (const TimePoint at : kTimes) {
          for (const auto* state : {"APPROVED", "COMMENTED", "PENDING"}) {
            const std::uint64_t id = json.size() + 1;
            json.push_back(testing::review_json(id, user ? user->login : "", at, state));
            graphql.reviews.items.push_back(review(id, user, at, state));
          }
        }
      }
      github.on_get("/repos/acme/api/pulls/9/reviews?*")
          .reply(200, testing::json_list(json), {{"Date", format_http_date(kServed)}});
      const auto rest = github.run(collect_reviews(github.api, {.items = {graphql.pull}, .served_at = kServed},
                                                   {kRepo, "acme/api"}, events, kOldest));
      ASSERT_FALSE(rest.error) << rest.error->message;
      EXPECT_EQ(told(graphql, policy(events)), lines(rest.collection.events));
      EXPECT_GE(rest.collection.events.size(), 8U);
    }
  }
}

TEST(ToldEvents, OfAReviewThatNobodyHasSubmittedAreNone) {
  auto pending = review(1, kBob, kServed, "PENDING");
  pending.review.submitted_at.reset();
  github::PullActivity pull = pull_of(kAnn);
  pull.reviews.items = {pending};
  EXPECT_THAT(told(pull, policy()), IsEmpty());
}

github::HistoryCommit commit(std::string sha, Account author, TimePoint at, std::optional<std::string> name = "Name",
                             std::string email = "a@example.org") {
  github::HistoryCommit out;
  out.commit.sha = std::move(sha);
  out.commit.author = std::move(author);
  out.commit.author_name = std::move(name);
  out.commit.author_email = std::move(email);
  out.commit.committed_at = at;
  return out;
}

TEST(ToldEvents, OfCommitsAreTheirAuthorsAtTheirCommittersDate) {
  github::CommitHistory history;
  history.commits = {commit("a", kAnn, kServed),
                     commit("b", kNamedLikeABot, kServed),
                     commit("c", {}, kOldest),
                     commit("d", {}, kOldest - 1s),
                     commit("e", {}, kServed, {}),
                     commit("f", {}, kServed, "Carl", "583231+carl@users.noreply.github.com"),
                     commit("g", {}, kServed, "Scan", "7+deploy[bot]@users.noreply.github.com")};
  const std::string at = " " + format_rfc3339(kServed);
  EXPECT_THAT(told(history, policy()),
              ElementsAre("commit a ann" + at, "commit b scan[bot]" + at,
                          "commit c unlinked_git_author " + format_rfc3339(kOldest),
                          "commit e unattributed_commit" + at, "commit f carl" + at, "commit g deploy[bot]" + at));
  EXPECT_THAT(told(history, policy({.include_bots = false})),
              ElementsAre("commit a ann" + at, "commit c unlinked_git_author " + format_rfc3339(kOldest),
                          "commit e unattributed_commit" + at, "commit f carl" + at));
}

TEST(ToldEvents, OfFamiliesThatAreNotWantedAreNone) {
  auto reviewed = review(1, kBob, kServed);
  reviewed.comments.items = {{.id = 2, .user = kBob, .created_at = kServed, .updated_at = kServed}};
  github::PullActivity pull = pull_of(kAnn, kServed, kServed);
  pull.reviews.items = {reviewed};
  pull.comments.items = {{.id = 3, .user = kAnn, .created_at = kServed, .updated_at = kServed}};
  github::IssueActivity issue;
  issue.comments = pull.comments;
  github::CommitHistory history;
  history.commits = {commit("a", kAnn, kServed)};
  const auto all = policy();
  std::size_t met = 0;
  for (const CollectionFamily family : kinds::kAllFamilies) {
    auto only = all;
    only.families = {family};
    for (const auto& [of_all, of_one] : {std::pair{told(pull, all), told(pull, only)},
                                         {told(issue, all), told(issue, only)},
                                         {told(history, all), told(history, only)}}) {
      std::vector<std::string> expected;
      for (const std::string& line : of_all) {
        for (const kinds::KindRow& row : kinds::kKindRows) {
          if (row.family == family && line.starts_with(std::string(row.name) + " ")) expected.push_back(line);
        }
      }
      EXPECT_EQ(of_one, expected) << to_string(family);
      met += of_one.size();
    }
  }
  EXPECT_EQ(met, told(pull, all).size() + 2) << "each by one family";
}

TEST(ToldEvents, AnAspectIsAskedForWhatItsFamiliesNeed) {
  auto only = policy();
  only.families = {CollectionFamily::kReviewComments};
  EXPECT_FALSE(wanted_of(only, Aspect::kCommits).anything);
  EXPECT_FALSE(wanted_of(only, Aspect::kIssues).anything);
  const Wanted pulls = wanted_of(only, Aspect::kPulls);
  EXPECT_TRUE(pulls.anything);
  EXPECT_TRUE(pulls.review_comments);
  EXPECT_FALSE(pulls.reviews);
  EXPECT_FALSE(pulls.comments);
  only.families = kinds::families_of(kinds::kDefaultFamilies);
  EXPECT_FALSE(wanted_of(only, Aspect::kPulls).review_comments);
  EXPECT_TRUE(wanted_of(only, Aspect::kPulls).reviews);
  EXPECT_TRUE(wanted_of(only, Aspect::kIssues).comments);
  EXPECT_FALSE(wanted_of(only, Aspect::kIssues).closed_by);
  EXPECT_TRUE(wanted_of(only, Aspect::kCommits).anything);
}

}  // namespace
}  // namespace ghstats::activity
