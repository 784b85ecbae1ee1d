#include "activity/org_cycle.h"

#include <gtest/gtest.h>

#include <map>

#include "activity/testing/org_cycle_fixture.h"
#include "async/task_group.h"
#include "ledger/ledger.h"
#include "store/testing/failing_store.h"

namespace ghstats::activity {
namespace {

using work::Miss;
using work::Reason;

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using store::CollectionFamily;

using OrgCycleTest = testing::OrgCycleFixture;

TEST_F(OrgCycleTest, TurnsEveryFamilyIntoEventsAndCheckpoints) {
  github_.on_get("/repos/acme/api/commits*")
      .reply(200, R"([{"sha":")" + std::string(40, 'a') + R"(","author":{"login":"ann","type":"User"},"commit":{)" +
                      R"("author":{"name":"Ann","email":"a@x","date":")" + ago(9h) + R"("},"committer":{"name":"C",)" +
                      R"("email":"c@x","date":")" + ago(1h) + R"("}}}])");
  github_.on_get("/repos/acme/api/pulls?*")
      .reply(200, R"([{"number":5,"user":{"login":"ann","type":"User"},"created_at":")" + ago(5h) +
                      R"(","updated_at":")" + ago(1h) + R"(","merged_at":")" + ago(2h) + R"("}])");
  github_.on_get("/repos/acme/api/pulls/5/reviews*")
      .reply(200, R"([{"id":80,"user":{"login":"bob","type":"User"},"state":"APPROVED","submitted_at":")" + ago(3h) +
                      R"("},{"id":81,"user":{"login":"ann","type":"User"},"state":"COMMENTED","submitted_at":")" +
                      ago(3h) + R"("},{"id":82,"user":{"login":"eve","type":"User"},"state":"PENDING"}])");
  github_.on_get("/repos/acme/api/issues/comments*")
      .reply(200, R"([{"id":9,"user":null,"created_at":")" + ago(4h) + R"(","updated_at":")" + ago(4h) +
                      R"("},{"id":10,"user":{"login":"bob","type":"User"},"created_at":")" + ago(99h) +
                      R"(","updated_at":")" + ago(1h) + R"("}])");
  rest_is_empty();
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_EQ(report.repositories, 2U);
  // Ann's review of her own pull request, the pending one and the old comment that was edited do not count.
  EXPECT_EQ(stored(), (std::map<std::string, int>{{"1/ann/commit", 1},
                                                  {"1/ann/pr_opened", 1},
                                                  {"1/ann/pr_merged", 1},
                                                  {"1/bob/review", 1},
                                                  {"1/ghost/issue_comment", 1}}));
  EXPECT_EQ(collected(RepoId{1}).size(), 4U);
  EXPECT_EQ(collected(RepoId{2}).size(), 4U);
}

TEST_F(OrgCycleTest, TheSecondCycleAsksFromTheCheckpointAndCountsNothingTwice) {
  github_.on_get("/repos/acme/api/issues/comments*")
      .reply(200,
             R"([{"id":9,"user":{"login":"bob","type":"User"},"created_at":")" + ago(1h) + R"(","updated_at":")" +
                 ago(1h) + R"("}])",
             {{"Link", R"(<https://api.github.com/repositories/1/issues/comments?page=2>; rel="next")"}});
  github_.on_get("/repositories/1/issues/comments?page=2").reply(200, "[]");
  rest_is_empty();
  const auto second_pages = [&] { return github_.client.count("https://api.github.com/repositories/1/"); };
  cycle();
  EXPECT_EQ(second_pages(), 1U);
  github_.clock.advance(10min);
  const CycleReport report = cycle();
  EXPECT_EQ(report.stored.events_new, 0U);
  EXPECT_EQ(stored().at("1/bob/issue_comment"), 1);
  EXPECT_EQ(second_pages(), 1U) << "what was updated before the checkpoint is not read again";
}

TEST_F(OrgCycleTest, OneFamilyThatFailsCostsThatFamilyOnly) {
  github_.on_get("/repos/acme/api/commits*").reply(200, R"({"not":"a list"})");
  rest_is_empty();
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kPartial);
  ASSERT_EQ(report.misses.size(), 1U);
  const Miss& miss = report.misses[0];
  EXPECT_EQ(miss.repo, "api");
  EXPECT_EQ(miss.reason, Reason::kActivityCommitsFailed);
  EXPECT_EQ(miss.families, std::vector{CollectionFamily::kCommits});
  EXPECT_EQ(miss.window, (TimeWindow{github_.clock.now() - 25h, github_.clock.now()}));
  EXPECT_EQ(collected(RepoId{1}).size(), 3U);
  EXPECT_EQ(collected(RepoId{2}).size(), 4U);
}

TEST_F(OrgCycleTest, AMissReachesBackToTheLastCheckpointAndHeals) {
  auto& comments = github_.on_get("/repos/acme/web/issues/comments*");
  comments.reply(200, "[]").reply(404, "{}").reply(200, "[]");
  rest_is_empty();
  cycle();
  const TimePoint first = github_.clock.now();
  github_.clock.advance(1h);
  const CycleReport failed = cycle();
  ASSERT_EQ(failed.misses.size(), 1U);
  EXPECT_EQ(failed.misses[0].reason, Reason::kActivityIssueCommentsFailed);
  EXPECT_EQ(failed.misses[0].window, (TimeWindow{first, github_.clock.now()}));
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
}

TEST_F(OrgCycleTest, AFamilyThatIsSwitchedOffIsNotAskedForAndLaterHasAllOfItsDay) {
  constexpr const char* kUrl = "https://api.github.com/repos/acme/api/pulls/comments";
  github_.on_get("/repos/acme/api/pulls/comments*")
      .reply(200, R"([{"id":2,"user":{"login":"fix[bot]","type":"Bot"},"created_at":")" + ago(1h) +
                      R"(","updated_at":")" + ago(1h) + R"("},{"id":1,"user":{"login":"bob"},"created_at":")" +
                      ago(24h) + R"(","updated_at":")" + ago(24h) + R"("}])");
  rest_is_empty();
  cycle();
  EXPECT_EQ(github_.client.count(kUrl), 0U);
  github_.clock.advance(10min);

  settings_.sweep.families = {kinds::kAllFamilies.begin(), kinds::kAllFamilies.end()};
  settings_.sweep.events.include_bots = false;
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_EQ(github_.client.count(kUrl), 1U);
  EXPECT_EQ(stored(), (std::map<std::string, int>{{"1/bob/review_comment", 1}}));
  EXPECT_EQ(collected(RepoId{1}).size(), kinds::kCollectionFamilies);
}

TEST_F(OrgCycleTest, CommentsOnDiffsThatCouldNotBeListedAreMissedAsReviews) {
  settings_.sweep.families = {kinds::kAllFamilies.begin(), kinds::kAllFamilies.end()};
  github_.on_get("/repos/acme/api/pulls/comments*").reply(200, R"({"not":"a list"})");
  rest_is_empty();
  const CycleReport report = cycle();
  ASSERT_EQ(report.misses.size(), 1U);
  EXPECT_EQ(report.misses[0].families, std::vector{CollectionFamily::kReviewComments});
  EXPECT_EQ(report.misses[0].reason, Reason::kActivityReviewsFailed);
  EXPECT_EQ(collected(RepoId{1}).size(), kinds::kCollectionFamilies - 1);
}

TEST_F(OrgCycleTest, AnIssueCountsAsClosedWhileItIsClosed) {
  settings_.sweep.families = {CollectionFamily::kIssues};
  const auto issue = [&](std::chrono::seconds updated, const std::string& closed) {
    return R"([{"number":7,"user":{"login":"ann"},"created_at":")" + ago(900h) + R"(","updated_at":")" + ago(updated) +
           R"(",)" + closed + "}]";
  };
  github_.on_get("/repos/acme/api/issues?*")
      .reply(200, issue(1h, R"("closed_by":{"login":"bob"},"closed_at":")" + ago(1h) + '"'))
      .reply(200, issue(-9min, R"("closed_by":null,"closed_at":null,"state_reason":"reopened")"));
  rest_is_empty();
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  const auto closed_by_bob = [&] {
    ledger::Ledger known({}, github_.clock.now());
    for (const auto& event : run(store_->snapshot())->set.events) known.insert(event);
    const auto row = known.find_row(RepoId{1}, "bob");
    return row ? known.row(*row).count[static_cast<std::size_t>(ledger::EventKind::kIssueClosed)] : 0U;
  };
  EXPECT_EQ(closed_by_bob(), 1U);
  github_.clock.advance(10min);
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_EQ(closed_by_bob(), 0U);
}

TEST_F(OrgCycleTest, WithoutPullRequestsThereAreNoReviewsEither) {
  github_.on_get("/repos/acme/api/pulls?*").reply(403, R"({"message":"Resource not accessible by integration"})");
  rest_is_empty();
  const CycleReport report = cycle();
  ASSERT_EQ(report.misses.size(), 1U);
  EXPECT_EQ(report.misses[0].families, (std::vector{CollectionFamily::kPullRequests, CollectionFamily::kReviews}));
}

TEST_F(OrgCycleTest, AnOrganisationThatCannotBeListedIsAFailure) {
  ApiFixture broken;
  broken.on_get("/orgs/acme/repos*").reply(401, R"({"message":"Bad credentials"})");
  const CycleReport report = broken.run(run_org_cycle({inventory(broken), *store_, authority_}, settings_));
  EXPECT_EQ(report.result, CycleResult::kFailure);
  EXPECT_EQ(report.failure->code, ErrorCode::kUnauthenticated);
  ASSERT_EQ(report.misses.size(), 1U);
  EXPECT_EQ(report.misses[0].reason, Reason::kScrapeError);
  EXPECT_TRUE(report.misses[0].repo.empty());
}

TEST_F(OrgCycleTest, ACycleEndsWhenNothingElseCouldWorkEither) {
  for (const char* refusal : {"401", "403 rate", "500"}) {
    ApiFixture github;
    std::string items;
    for (int i = 1; i <= 40; ++i) {
      items += (i > 1 ? "," : "") + ("{\"id\":" + std::to_string(i) + ",\"name\":\"r" + std::to_string(i)) +
               "\",\"full_name\":\"acme/r" + std::to_string(i) + "\",\"fork\":false,\"private\":false}";
    }
    github.on_get("/orgs/acme/repos*").reply(200, "[" + items + "]");
    auto& rule = github.on_get("/repos/*");
    if (std::string_view(refusal) == "401") rule.reply(401, R"({"message":"Bad credentials"})");
    if (std::string_view(refusal) == "500") rule.reply(500, "");
    if (std::string_view(refusal) == "403 rate") {
      rule.reply(403, R"({"message":"API rate limit exceeded for installation ID 1."})",
                 {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "4000000000"}});
    }
    settings_.concurrency = 2;
    const auto store = store::make_memory_store(github.io.get_executor(), github.clock, {});
    const store::Authority authority{Role::kLeader, store::Source::kLeaderScrape,
                                     *github.run(store->begin_leadership())};
    const CycleReport report = github.run(run_org_cycle({inventory(github), *store, authority}, settings_));
    EXPECT_EQ(report.result, CycleResult::kFailure) << refusal;
    EXPECT_LT(github.client.requests().size(), 90U) << refusal;  // of 40 repositories x 3 families, some five times
    ASSERT_FALSE(report.misses.empty());
    EXPECT_TRUE(report.misses.back().repo.empty()) << refusal;  // one miss for all that was not reached
    EXPECT_EQ(report.misses.back().families.size(), 4U);
  }
}

TEST_F(OrgCycleTest, OnePullRequestThatFailsCostsItsOwnReviewsOnly) {
  const auto pull = [&](int number) {
    return R"({"number":)" + std::to_string(number) + R"(,"user":{"login":"ann","type":"User"},"created_at":")" +
           ago(5h) + R"(","updated_at":")" + ago(1h) + R"(","merged_at":null})";
  };
  github_.on_get("/repos/acme/api/pulls?*").reply(200, "[" + pull(5) + "," + pull(6) + "]");
  github_.on_get("/repos/acme/api/pulls/5/reviews*").reply(200, "{}");
  github_.on_get("/repos/acme/api/pulls/6/reviews*")
      .reply(200, R"([{"id":80,"user":{"login":"bob","type":"User"},"state":"APPROVED","submitted_at":")" + ago(3h) +
                      R"("}])");
  rest_is_empty();
  const CycleReport report = cycle();
  ASSERT_EQ(report.misses.size(), 1U);
  EXPECT_EQ(report.misses[0].reason, Reason::kActivityReviewsFailed);
  EXPECT_EQ(stored().at("1/bob/review"), 1);
  EXPECT_EQ(collected(RepoId{1}).size(), 3U);  // no checkpoint for the reviews
}

TEST_F(OrgCycleTest, AClockThatRunsAheadOfGitHubWritesNoCheckpointOverWhatItDidNotAskFor) {
  const auto now = github_.clock.now();
  github_.on_get("/repos/*").reply(200, "[]", {{"Date", format_http_date(now - 8h)}});
  filter_.deny = {"web"};
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_TRUE(collected(RepoId{1}).empty()) << "asked before GitHub had said what the time is";
  cycle();
  EXPECT_EQ(collected(RepoId{1}).size(), 4U) << "asked for by GitHub's clock";
  github_.clock.jump(-8h);
  cycle();
  EXPECT_EQ(collected(RepoId{1}).size(), 4U);
}

// Redis restarts with old data, or fails over, after the cycle has asked it how far each repository was collected.
TEST_F(OrgCycleTest, WhatTheStoreForgetsDuringACycleIsCollectedAgain) {
  github_.on_get("/repos/acme/api/issues/comments*")
      .reply(200, R"([{"id":9,"user":{"login":"bob","type":"User"},"created_at":")" + ago(1h) + R"(","updated_at":")" +
                      ago(1h) + R"("}])");
  rest_is_empty();
  cycle();
  github_.clock.advance(10min);

  const auto forgetful = store::make_memory_store(github_.io.get_executor(), github_.clock, {});
  run(forgetful->begin_leadership());
  store::testing::FailingStore store(github_.io.get_executor(), *store_);
  for (int repository = 0; repository < 2; ++repository) store.hang_next(store::testing::Verb::kCommit);
  async::TaskGroup group(github_.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    const auto report = co_await run_org_cycle({inventory(github_), store, authority_, &pushes_}, settings_);
    EXPECT_EQ(report.stored.events_known, 0U);
  });
  github_.poll();
  ASSERT_EQ(store.hanging(), 2U);
  store.replace(*forgetful);
  store.release_hanging();
  run(group.join());

  EXPECT_TRUE(run(forgetful->snapshot())->set.events.empty()) << "older than what the cycle asked for";
  run(run_org_cycle({inventory(github_), store, authority_, &pushes_}, settings_));
  EXPECT_EQ(run(forgetful->snapshot())->set.events.size(), 1U);
}

TEST_F(OrgCycleTest, WhatWasCollectedLongestAgoComesFirst) {
  settings_.concurrency = 1;
  rest_is_empty();
  cycle();
  github_.clock.advance(10min);
  store::Batch batch;
  for (const auto family : {CollectionFamily::kCommits, CollectionFamily::kPullRequests, CollectionFamily::kReviews,
                            CollectionFamily::kIssueComments}) {
    batch.checkpoints.push_back({RepoId{1}, family, github_.clock.now()});
  }
  run(store_->commit(std::move(batch), authority_));
  const auto before = github_.client.requests().size();
  cycle();
  const auto urls = github_.client.urls();
  EXPECT_NE(urls.at(before + 1).find("/repos/acme/web/"), std::string::npos) << urls.at(before + 1);
}

TEST_F(OrgCycleTest, FilteredRepositoriesAreNotAskedFor) {
  filter_.deny = {"we*"};
  rest_is_empty();
  EXPECT_EQ(cycle().repositories, 1U);
  EXPECT_EQ(github_.client.count("https://api.github.com/repos/acme/web"), 0U);
}

TEST_F(OrgCycleTest, ASupersededLeaderStopsAsking) {
  settings_.concurrency = 1;
  rest_is_empty();
  run(store_->begin_leadership());
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kFailure);
  EXPECT_EQ(report.failure->code, ErrorCode::kSuperseded);
  EXPECT_EQ(github_.client.count("https://api.github.com/repos/"), 3U);  // the first repository, then no more
  EXPECT_TRUE(stored().empty());
}

TEST_F(OrgCycleTest, CancellingEndsHangingRequestsAndIsNoMiss) {
  github_.on_get("/repos/*").hang();
  CycleReport report;
  async::TaskGroup group(github_.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    report = co_await run_org_cycle({inventory(github_), *store_, authority_, &pushes_}, settings_);
  });
  group.spawn([&]() -> async::Task<> {
    while (github_.client.hanging() < 2) co_await async::yield();
    group.cancel();
  });
  github_.run(group.join());
  EXPECT_EQ(report.result, CycleResult::kCancelled);
  EXPECT_TRUE(report.misses.empty());
}

}  // namespace
}  // namespace ghstats::activity
