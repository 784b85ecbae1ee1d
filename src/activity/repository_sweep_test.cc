#include "activity/repository_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "activity/testing/github_json.h"
#include "async/task_group.h"
#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using store::CollectionFamily;
using testing::comment_json;
using testing::commit_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::json_list;
using testing::pull_json;
using testing::review_json;
using ::testing::UnorderedElementsAre;
using work::Miss;
using work::Reason;

constexpr const char* kCommits = "/repos/acme/api/commits?*";
constexpr const char* kPulls = "/repos/acme/api/pulls?*";
constexpr const char* kReviewsOfFive = "/repos/acme/api/pulls/5/reviews?*";
constexpr const char* kComments = "/repos/acme/api/issues/comments?*";

// 'acme/api' (1), which no cycle has seen before unless a test says so.
class RepositorySweepTest : public ::testing::Test {
 protected:
  RepositorySweepTest() {
    job_.org = "acme";
    job_.repository = {.id = RepoId{1}, .name = "api", .full_name = "acme/api"};
    job_.listed_at = now() - 5s;
  }

  // One event of each kind by Ann, and Bob's review.
  void everything_happens() {
    github_.on_get(kCommits).reply(200, json_list({commit_json(std::string(40, 'a'), "ann", now() - 1h)}));
    github_.on_get(kPulls).reply(200, json_list({pull_json(5, "ann", now() - 5h, now() - 1h, now() - 2h)}));
    github_.on_get(kReviewsOfFive).reply(200, json_list({review_json(80, "bob", now() - 3h)}));
    github_.on_get(kComments).reply(200, json_list({comment_json(9, "ann", now() - 4h, now() - 4h)}));
  }
  // Of what was not scripted before.
  void nothing_happens() { github_.on_get("/repos/*").reply(200, "[]"); }

  RepositoryHarvest sweep() { return github_.run(sweep_repository(github_.api, settings_, job_)); }

  static std::vector<std::string> events(const RepositoryHarvest& harvest) {
    std::vector<std::string> out;
    for (const ledger::Event& event : harvest.batch.events) {
      out.push_back(event.user + " " + std::string(to_string(event.kind)));
    }
    return out;
  }
  static std::vector<CollectionFamily> collected(const RepositoryHarvest& harvest) {
    std::vector<CollectionFamily> out;
    for (const store::Checkpoint& checkpoint : harvest.batch.checkpoints) out.push_back(checkpoint.family);
    return out;
  }
  // Of a harvest with one miss.
  static Miss missed(const RepositoryHarvest& harvest) {
    EXPECT_EQ(harvest.misses.size(), 1U);
    return harvest.misses.empty() ? Miss{} : harvest.misses[0];
  }
  [[nodiscard]] bool asked(const std::string& part) const {
    const auto urls = github_.client.urls();
    return std::ranges::any_of(urls, [&](const std::string& url) { return url.find(part) != std::string::npos; });
  }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }

  ApiFixture github_;
  SweepSettings settings_;
  RepositoryJob job_;
};

TEST_F(RepositorySweepTest, EachFamilyHasItsEventsAndItsCheckpoint) {
  everything_happens();
  const RepositoryHarvest harvest = sweep();
  EXPECT_THAT(events(harvest),
              UnorderedElementsAre("ann commit", "ann pr_opened", "ann pr_merged", "bob review", "ann issue_comment"));
  EXPECT_THAT(collected(harvest), UnorderedElementsAre(CollectionFamily::kCommits, CollectionFamily::kPullRequests,
                                                       CollectionFamily::kReviews, CollectionFamily::kIssueComments));
  for (const store::Checkpoint& checkpoint : harvest.batch.checkpoints) {
    EXPECT_EQ(checkpoint.repo, RepoId{1});
    EXPECT_EQ(checkpoint.collected_until, now());
  }
  ASSERT_EQ(harvest.batch.repositories.size(), 1U);
  EXPECT_EQ(harvest.batch.repositories[0].name, "api");
  EXPECT_THAT(harvest.misses, IsEmpty());
  EXPECT_TRUE(harvest.answered);
  EXPECT_EQ(harvest.commits_until, now());
}

TEST_F(RepositorySweepTest, NothingThatHappenedIsKnownToo) {
  nothing_happens();
  const RepositoryHarvest harvest = sweep();
  EXPECT_THAT(harvest.batch.events, IsEmpty());
  EXPECT_EQ(harvest.batch.checkpoints.size(), 4U);
  EXPECT_EQ(harvest.batch.repositories.size(), 1U);
}

TEST_F(RepositorySweepTest, OnlyTheFamiliesOfTheJobAreAskedFor) {
  everything_happens();
  job_.families = {CollectionFamily::kIssueComments};
  EXPECT_THAT(collected(sweep()), ElementsAre(CollectionFamily::kIssueComments));
  EXPECT_FALSE(asked("/commits?"));
  EXPECT_FALSE(asked("/pulls"));
}

TEST_F(RepositorySweepTest, ReviewsAloneNeedTheListOfPullRequestsButWriteNothingAboutIt) {
  everything_happens();
  job_.families = {CollectionFamily::kReviews};
  const RepositoryHarvest harvest = sweep();
  EXPECT_THAT(events(harvest), ElementsAre("bob review"));
  EXPECT_THAT(collected(harvest), ElementsAre(CollectionFamily::kReviews));
}

TEST_F(RepositorySweepTest, PullRequestsAloneCostNoRequestForReviews) {
  everything_happens();
  job_.families = {CollectionFamily::kPullRequests};
  EXPECT_THAT(collected(sweep()), ElementsAre(CollectionFamily::kPullRequests));
  EXPECT_FALSE(asked("/reviews"));
}

TEST_F(RepositorySweepTest, EachFamilyBeginsAtItsOwnCheckpointLessTheOverlap) {
  job_.checkpoints = {{CollectionFamily::kPullRequests, now() - 10min},
                      {CollectionFamily::kReviews, now() - 20min},
                      {CollectionFamily::kIssueComments, now() - 30min}};
  github_.on_get(kPulls).reply(200, json_list({pull_json(5, "ann", now() - 12min - 1s, now() - 15min),
                                               pull_json(6, "ann", now() - 900h, now() - 23min)}));
  github_.on_get(kReviewsOfFive)
      .reply(200, json_list({review_json(80, "bob", now() - 22min), review_json(81, "bob", now() - 22min - 1s)}));
  github_.on_get(kComments).reply(200, json_list({comment_json(1, "ann", now() - 32min, now() - 32min),
                                                  comment_json(2, "ann", now() - 32min - 1s, now() - 31min)}));
  nothing_happens();
  const RepositoryHarvest harvest = sweep();
  // Opened before the checkpoint of the pull requests; the one updated before that of the reviews is not asked about.
  EXPECT_THAT(events(harvest), ElementsAre("bob review", "ann issue_comment"));
  EXPECT_FALSE(asked("/pulls/6/"));
  // The store is told which checkpoint each one continues.
  for (const store::Checkpoint& checkpoint : harvest.batch.checkpoints) {
    if (checkpoint.family == CollectionFamily::kCommits) continue;
    EXPECT_EQ(checkpoint.continues, job_.checkpoints.at(checkpoint.family));
  }
}

TEST_F(RepositorySweepTest, CommitsKnownAlreadyAreNotAskedForAndKnownUntilTheListing) {
  job_.commits_known = true;
  job_.checkpoints = {{CollectionFamily::kCommits, now() - 10min}};
  nothing_happens();
  const RepositoryHarvest harvest = sweep();
  EXPECT_FALSE(asked("/commits?"));
  ASSERT_EQ(harvest.batch.checkpoints.size(), 4U);
  EXPECT_EQ(harvest.batch.checkpoints[0].family, CollectionFamily::kCommits);
  EXPECT_EQ(harvest.batch.checkpoints[0].collected_until, job_.listed_at);
  EXPECT_EQ(harvest.commits_until, std::nullopt);
}

TEST_F(RepositorySweepTest, SelfReviewsFollowTheirSwitch) {
  for (const bool counted : {false, true}) {
    ApiFixture github;
    github.on_get(kPulls).reply(200, json_list({pull_json(5, "ann", now() - 900h, now() - 1h)}));
    github.on_get(kReviewsOfFive)
        .reply(200, json_list({review_json(80, "ann", now() - 3h), review_json(81, "bob", now() - 3h)}));
    github.on_get("/repos/*").reply(200, "[]");
    settings_.events.self_reviews = counted;
    const RepositoryHarvest harvest = github.run(sweep_repository(github.api, settings_, job_));
    EXPECT_EQ(events(harvest).size(), counted ? 2U : 1U);
  }
}

TEST_F(RepositorySweepTest, BotsAreCountedInEveryFamilyOrInNone) {
  for (const bool counted : {false, true}) {
    ApiFixture github;
    const std::string bot = "ci[bot]";
    github.on_get(kCommits).reply(200, json_list({commit_json(std::string(40, 'a'), bot, now() - 1h)}));
    github.on_get(kPulls).reply(200, json_list({pull_json(5, bot, now() - 5h, now() - 1h, now() - 2h)}));
    github.on_get(kReviewsOfFive).reply(200, json_list({review_json(80, "scan[bot]", now() - 3h)}));
    github.on_get(kComments).reply(200, json_list({comment_json(9, bot, now() - 4h, now() - 4h)}));
    settings_.events.include_bots = counted;
    const RepositoryHarvest harvest = github.run(sweep_repository(github.api, settings_, job_));
    EXPECT_EQ(events(harvest).size(), counted ? 5U : 0U);
    EXPECT_EQ(harvest.batch.checkpoints.size(), 4U);
  }
}

TEST_F(RepositorySweepTest, AFamilyThatFailsIsAMissAndHasNoCheckpoint) {
  const std::vector<std::tuple<const char*, Reason, std::vector<CollectionFamily>>> cases = {
      {kCommits, Reason::kActivityCommitsFailed, {CollectionFamily::kCommits}},
      {kPulls, Reason::kActivityPullsFailed, {CollectionFamily::kPullRequests, CollectionFamily::kReviews}},
      {kReviewsOfFive, Reason::kActivityReviewsFailed, {CollectionFamily::kReviews}},
      {kComments, Reason::kActivityIssueCommentsFailed, {CollectionFamily::kIssueComments}}};
  for (const auto& [url, reason, families] : cases) {
    ApiFixture github;
    github.on_get(url).reply(200, "no JSON");
    github.on_get(kPulls).reply(200, json_list({pull_json(5, "ann", now() - 900h, now() - 1h)}));
    github.on_get("/repos/*").reply(200, "[]");
    const RepositoryHarvest harvest = github.run(sweep_repository(github.api, settings_, job_));
    const Miss miss = missed(harvest);
    EXPECT_EQ(miss.reason, reason);
    EXPECT_EQ(miss.families, families) << url;
    EXPECT_EQ(miss.window, (TimeWindow{now() - 25h, now()}));
    EXPECT_FALSE(miss.is_final);
    EXPECT_EQ(miss.repo, "api");
    EXPECT_EQ(harvest.batch.checkpoints.size(), 4U - families.size()) << url;
    for (const CollectionFamily family : families) {
      EXPECT_THAT(collected(harvest), ::testing::Not(::testing::Contains(family)));
    }
    EXPECT_TRUE(harvest.answered);
  }
}

TEST_F(RepositorySweepTest, AMissReachesBackToTheEarliestCheckpointOfItsFamilies) {
  job_.checkpoints = {{CollectionFamily::kPullRequests, now() - 10min}, {CollectionFamily::kReviews, now() - 40min}};
  github_.on_get(kPulls).reply(200, "no JSON");
  nothing_happens();
  EXPECT_EQ(missed(sweep()).window, (TimeWindow{now() - 40min, now()}));
}

TEST_F(RepositorySweepTest, AMissNamesOnlyFamiliesOfTheJob) {
  job_.families = {CollectionFamily::kPullRequests};
  github_.on_get(kPulls).reply(200, "no JSON");
  EXPECT_THAT(missed(sweep()).families, ElementsAre(CollectionFamily::kPullRequests));
}

// Events without their neighbours are still true.
TEST_F(RepositorySweepTest, ReviewsOfTheOtherPullRequestsAreKeptButNoCheckpointSaysThatAllAreKnown) {
  job_.families = {CollectionFamily::kReviews};
  github_.on_get(kPulls).reply(
      200, json_list({pull_json(4, "ann", now() - 900h, now() - 1h), pull_json(5, "ann", now() - 900h, now() - 1h)}));
  github_.on_get("/repos/acme/api/pulls/4/reviews?*").reply(200, "no JSON");
  github_.on_get(kReviewsOfFive).reply(200, json_list({review_json(80, "bob", now() - 3h)}));
  const RepositoryHarvest harvest = sweep();
  EXPECT_THAT(events(harvest), ElementsAre("bob review"));
  EXPECT_THAT(harvest.batch.checkpoints, IsEmpty());
  EXPECT_EQ(harvest.batch.repositories.size(), 1U);
  EXPECT_EQ(missed(harvest).reason, Reason::kActivityReviewsFailed);
}

TEST_F(RepositorySweepTest, WhatGitHubDoesNotShowIsAFinalMiss) {
  for (const int status : {404, 410, 451}) {
    ApiFixture github;
    github.on_get("/repos/*").reply(status, R"({"message":"gone"})");
    job_.families = {CollectionFamily::kCommits};
    const RepositoryHarvest harvest = github.run(sweep_repository(github.api, settings_, job_));
    EXPECT_TRUE(missed(harvest).is_final) << status;
    EXPECT_THAT(harvest.batch.repositories, IsEmpty());
    EXPECT_FALSE(harvest.answered);
  }
}

TEST_F(RepositorySweepTest, ARateLimitIsTheReasonWhateverTheFamily) {
  job_.families = {CollectionFamily::kIssueComments};
  github_.on_get("/repos/*").reply(429, R"({"message":"secondary rate limit"})");
  const Miss miss = missed(sweep());
  EXPECT_EQ(miss.reason, Reason::kRateLimited);
  EXPECT_FALSE(miss.is_final);
}

TEST_F(RepositorySweepTest, WithoutAnAnswerNothingIsWritten) {
  github_.on_get("/repos/*").fail(ErrorCode::kUnavailable);
  const RepositoryHarvest harvest = sweep();
  EXPECT_FALSE(harvest.answered);
  EXPECT_EQ(harvest.misses.size(), 3U);
  EXPECT_THAT(harvest.batch.repositories, IsEmpty());
  EXPECT_THAT(harvest.batch.checkpoints, IsEmpty());
}

TEST_F(RepositorySweepTest, BeingCancelledIsNoMiss) {
  github_.on_get("/repos/*").hang();
  RepositoryHarvest harvest;
  async::TaskGroup group(github_.io.get_executor());
  group.spawn([&]() -> async::Task<> { harvest = co_await sweep_repository(github_.api, settings_, job_); });
  group.spawn([&]() -> async::Task<> {
    while (github_.client.hanging() == 0) co_await async::yield();
    group.cancel();
  });
  github_.run(group.join());
  EXPECT_TRUE(harvest.cancelled);
  EXPECT_THAT(harvest.misses, IsEmpty());
}

}  // namespace
}  // namespace ghstats::activity
