// What a cycle leaves out because it is known, final, or not asked to do; and doing it again.
#include <gmock/gmock.h>

#include <algorithm>

#include "activity/testing/org_cycle_fixture.h"

namespace ghstats::activity {
namespace {

using work::Miss;
using work::Outcome;
using work::Reason;

using namespace std::chrono_literals;
using store::CollectionFamily;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RedoTest : public testing::OrgCycleFixture {
 protected:
  int asked(const std::string& part) {
    const auto urls = github_.client.urls();
    return static_cast<int>(
        std::ranges::count_if(urls, [&](const std::string& url) { return url.find(part) != std::string::npos; }));
  }
  Result<Outcome> redo_one(RepoId repo, Redo redo) {
    return run(redo_repository({inventory(github_), *store_, authority_, &pushes_}, settings_, repo, std::move(redo)));
  }
  CycleReport redo_all(Redo redo) {
    return run(run_org_cycle({inventory(github_), *store_, authority_, &pushes_}, settings_, std::move(redo)));
  }
  void repository_is(const std::string& answer, int status = 200) {
    github_.on_get("/repositories/1").reply(status, answer);
  }
  std::string api_now_called(const std::string& name) {
    return R"({"id":1,"name":")" + name + R"(","full_name":"acme/)" + name + R"(","fork":false,"pushed_at":null})";
  }
  [[nodiscard]] TimeWindow last_hour() const { return {github_.clock.now() - 1h, github_.clock.now()}; }
};

TEST_F(RedoTest, CommitsAreAskedForOnceWhileNothingIsPushed) {
  rest_is_empty();
  cycle();
  github_.clock.advance(5min);
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_EQ(asked("/commits?"), 2);
  EXPECT_EQ(asked("/pulls?"), 4);
  // Known until the listing that showed no push.
  const auto checkpoints = *run(store_->checkpoints({RepoId{1}}));
  EXPECT_THAT(checkpoints, ::testing::SizeIs(4));
  EXPECT_EQ(checkpoints[0].collected_until, checkpoints[3].collected_until);
}

TEST_F(RedoTest, CommitsOfARepositoryWithoutRecentPushesAreNeverAskedFor) {
  github::testing::ApiFixture other;
  other.on_get("/orgs/acme/repos*")
      .reply(200, R"([{"id":3,"name":"old","full_name":"acme/old","fork":false,"pushed_at":"2020-01-01T00:00:00Z"}])");
  other.on_get("/repos/acme/old/*").reply(200, "[]");
  const auto report = other.run(run_org_cycle({inventory(other), *store_, authority_, &pushes_}, settings_));
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_EQ(other.client.count("https://api.github.com/repos/acme/old/commits"), 0U);
  EXPECT_EQ(collected(RepoId{3}).size(), 4U);
}

TEST_F(RedoTest, AnEmptyListIsNoMissingList) {
  filter_.deny = {"*"};
  const CycleReport nothing = cycle();
  EXPECT_TRUE(nothing.listed);
  EXPECT_EQ(nothing.repositories, 0U);
  EXPECT_EQ(nothing.result, CycleResult::kSuccess);

  github::testing::ApiFixture other;
  other.on_get("/orgs/acme/repos*").reply(500, "");
  const auto failed = other.run(run_org_cycle({inventory(other), *store_, authority_}, settings_));
  EXPECT_FALSE(failed.listed);
  EXPECT_EQ(failed.misses.at(0).reason, Reason::kScrapeError);
}

TEST_F(RedoTest, WhatGitHubSaysIsGoneIsFinalAndMakesNoCycleLess) {
  github_.on_get("/repos/acme/web/*").reply(404, R"({"message":"Not Found"})");
  rest_is_empty();
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  ASSERT_FALSE(report.misses.empty());
  for (const Miss& miss : report.misses) EXPECT_TRUE(miss.is_final) << miss.error.message;
}

TEST_F(RedoTest, AMissingPermissionIsFinalButTheCycleIsPartial) {
  github_.on_get("/repos/acme/web/issues/*").reply(403, R"({"message":"Resource not accessible by integration"})");
  rest_is_empty();
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kPartial);
  ASSERT_EQ(report.misses.size(), 1U);
  EXPECT_TRUE(report.misses[0].is_final);
}

TEST_F(RedoTest, OnlyTheMissedFamilyOfOneRepositoryIsCollected) {
  const std::string comment = R"([{"id":9,"user":{"login":"bob","type":"User"},"created_at":")" + ago(1h) +
                              R"(","updated_at":")" + ago(1h) + R"("}])";
  auto& comments = github_.on_get("/repos/acme/api/issues/comments*");
  for (int attempt = 0; attempt < 5; ++attempt) comments.reply(500, "");
  comments.reply(200, comment);
  rest_is_empty();
  const CycleReport missed = cycle();
  ASSERT_EQ(missed.misses.size(), 1U);
  EXPECT_FALSE(missed.misses[0].is_final);
  EXPECT_THAT(missed.misses[0].families, ElementsAre(CollectionFamily::kIssueComments));
  const int before = static_cast<int>(github_.client.urls().size());
  repository_is(api_now_called("api"));
  const auto outcome = redo_one(RepoId{1}, {missed.misses[0].window, missed.misses[0].families});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, Outcome::kDone);
  EXPECT_EQ(static_cast<int>(github_.client.urls().size()) - before, 2);  // the repository, its comments
  EXPECT_EQ(stored().at("1/bob/issue_comment"), 1);
  EXPECT_EQ(collected(RepoId{1}).size(), 4U);
}

TEST_F(RedoTest, WhatAScheduledCycleHealedIsNotAskedAgain) {
  rest_is_empty();
  cycle();
  const int before = asked("/repos/");
  repository_is(api_now_called("api"));
  const auto outcome = redo_one(RepoId{1}, {last_hour()});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, Outcome::kAlreadyHealed);
  EXPECT_EQ(redo_all({last_hour()}).repositories, 0U);
  EXPECT_EQ(asked("/repos/"), before);
}

TEST_F(RedoTest, ARepositoryIsRedoneUnderItsCurrentName) {
  repository_is(api_now_called("new-name"));
  rest_is_empty();
  const auto outcome = redo_one(RepoId{1}, {last_hour()});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(asked("/repos/acme/new-name/"), 3);
  EXPECT_EQ(run(store_->snapshot())->set.repositories.at(0).name, "new-name");
}

TEST_F(RedoTest, NothingIsDoneForARepositoryThatIsGoneOrLeftOut) {
  github_.on_get("/repositories/1").reply(404, R"({"message":"Not Found"})").reply(200, api_now_called("api"));
  EXPECT_EQ(*redo_one(RepoId{1}, {last_hour()}), Outcome::kGone);
  filter_.deny = {"api"};
  github_.clock.advance(2h);  // a refusal is remembered for a while
  EXPECT_EQ(*redo_one(RepoId{1}, {last_hour()}), Outcome::kGone);
}

TEST_F(RedoTest, WhatFailsAgainIsTheErrorAndTheRestIsKept) {
  repository_is(api_now_called("api"));
  github_.on_get("/repos/acme/api/pulls*").reply(500, "");
  rest_is_empty();
  const auto outcome = redo_one(RepoId{1}, {last_hour()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(collected(RepoId{1}), UnorderedElementsAre(CollectionFamily::kCommits, CollectionFamily::kIssueComments));
}

TEST_F(RedoTest, AWholeOrganisationIsRedoneWhereItsCheckpointsStopShort) {
  rest_is_empty();
  cycle();
  github_.clock.advance(10min);
  const CycleReport report = redo_all({{github_.clock.now() - 20min, github_.clock.now() - 10min}});
  EXPECT_EQ(report.repositories, 0U);
  const CycleReport later = redo_all({{github_.clock.now() - 5min, github_.clock.now()}});
  EXPECT_EQ(later.repositories, 2U);
  EXPECT_EQ(later.result, CycleResult::kSuccess);
  EXPECT_THAT(later.misses, IsEmpty());
}

}  // namespace
}  // namespace ghstats::activity
