#include "sim/truth/truth.h"

#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::at;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// One organisation, one repository, everything written down.
class Truth : public ::testing::Test {
 protected:
  Truth() {
    const auto* org = *world_.add_account("acme", AccountKind::kOrganization, at("2020-01-01T00:00:00Z"));
    ann_ = *world_.add_account("ann", AccountKind::kUser, at("2020-01-01T00:00:00Z"));
    bob_ = *world_.add_account("bob", AccountKind::kUser, at("2020-01-01T00:00:00Z"));
    NewRepository made;
    made.name = "app";
    made.created_at = at("2020-01-01T00:00:00Z");
    repo_ = *world_.add_repository(*org, made);
  }

  void commit(const Account* author, GitPerson person, const char* when, const char* visible) {
    NewCommit commit;
    commit.author = commit.committer = std::move(person);
    commit.author_account = author;
    commit.author_date = at("2019-01-01T00:00:00Z");
    commit.committer_date = at(when);
    commit.visible_from = at(visible);
    world_.add_commit(*repo_, commit);
  }
  std::uint64_t pull(const Account* author, const char* when) {
    NewPullRequest made;
    made.author = author;
    made.created_at = at(when);
    return (*world_.open_pull(*repo_, made))->number;
  }
  void review(std::uint64_t number, const Account* who, const char* when, bool pending = false) {
    NewReview made;
    made.pull_number = number;
    made.author = who;
    made.created_at = at(when);
    if (!pending) made.submitted_at = made.created_at;
    ASSERT_TRUE(world_.add_review(*repo_, made).has_value());
  }
  std::vector<TruthSample> at_time(const char* when) const { return ask({.at = at(when), .org = {}}); }
  std::vector<TruthSample> ask(const TruthQuestion& question) const {
    auto samples = compute_truth(world_, question);
    std::erase_if(samples, [](const auto& s) { return s.family == "gh_activity_last_event_unixtime"; });
    return samples;
  }
  static TruthSample sample(std::string family, std::string user, std::int64_t value) {
    return {"gh_activity_" + family + "_24h", "acme", "app", std::move(user), value, false};
  }

  World world_;
  Account* ann_ = nullptr;
  Account* bob_ = nullptr;
  Repository* repo_ = nullptr;
};

TEST_F(Truth, CountsCommitsByCommitterDateInTheHalfOpenDay) {
  commit(ann_, {"Ann", "ann@x"}, "2026-11-19T12:00:00Z", "2026-11-19T12:00:00Z");
  commit(ann_, {"Ann", "ann@x"}, "2026-11-19T12:00:01Z", "2026-11-19T12:00:01Z");
  EXPECT_THAT(at_time("2026-11-19T11:59:59Z"), IsEmpty());
  EXPECT_THAT(at_time("2026-11-19T12:00:00Z"), ElementsAre(sample("commits", "ann", 1)));
  EXPECT_THAT(at_time("2026-11-20T11:59:59Z"), ElementsAre(sample("commits", "ann", 2)));
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"), ElementsAre(sample("commits", "ann", 1)));
}

TEST_F(Truth, StaysAtZeroForTheLingerAndThenEnds) {
  commit(ann_, {"Ann", "ann@x"}, "2026-11-19T12:00:00Z", "2026-11-19T12:00:00Z");
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"), ElementsAre(sample("commits", "ann", 0)));
  EXPECT_THAT(at_time("2026-11-20T12:59:59Z"), ElementsAre(sample("commits", "ann", 0)));
  EXPECT_THAT(at_time("2026-11-20T13:00:00Z"), IsEmpty());
}

TEST_F(Truth, CountsAPushedLaterCommitOnlyOnceItIsThere) {
  commit(ann_, {"Ann", "ann@x"}, "2026-11-19T12:00:00Z", "2026-11-19T18:00:00Z");
  EXPECT_THAT(at_time("2026-11-19T17:59:59Z"), IsEmpty());
  EXPECT_THAT(at_time("2026-11-19T18:00:00Z"), ElementsAre(sample("commits", "ann", 1)));
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"), ElementsAre(sample("commits", "ann", 0)));
}

TEST_F(Truth, NamesAuthorsWithoutAccountAsTheContractSays) {
  const char* const t = "2026-11-20T10:00:00Z";
  commit(nullptr, {"Old Hand", "77+old-hand@users.noreply.github.com"}, t, t);
  commit(nullptr, {"Machine", "machine@build"}, t, t);
  commit(nullptr, {"Short", "short@users.noreply.github.com"}, t, t);
  commit(nullptr, {"", "x@y"}, t, t);
  commit(nullptr, {std::nullopt, ""}, t, t);
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"),
              ElementsAre(sample("commits", "old-hand", 1), sample("commits", "unattributed_commit", 2),
                          sample("commits", "unlinked_git_author", 2)));
}

TEST_F(Truth, CallsDeletedAccountsGhostExceptInCommits) {
  const char* const t = "2026-11-20T10:00:00Z";
  commit(ann_, {"Ann", "ann@x"}, t, t);
  pull(ann_, t);
  ann_->deleted_at = at("2026-11-20T11:00:00Z");
  EXPECT_THAT(at_time("2026-11-20T10:59:59Z"),
              ElementsAre(sample("commits", "ann", 1), sample("prs_opened", "ann", 1)));
  EXPECT_THAT(at_time("2026-11-20T11:00:00Z"),
              ElementsAre(sample("commits", "unlinked_git_author", 1), sample("prs_opened", "ghost", 1)));
}

TEST_F(Truth, LeavesOutPendingReviewsAndByDefaultOnesOwn) {
  const auto number = pull(ann_, "2026-11-20T08:00:00Z");
  review(number, ann_, "2026-11-20T09:00:00Z");
  review(number, bob_, "2026-11-20T09:00:00Z");
  review(number, bob_, "2026-11-20T09:30:00Z", true);
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"),
              ElementsAre(sample("prs_opened", "ann", 1), sample("reviews_submitted", "bob", 1)));
  EXPECT_THAT(ask({.at = at("2026-11-20T12:00:00Z"), .org = {}, .self_reviews = true}),
              Contains(sample("reviews_submitted", "ann", 1)));
}

TEST_F(Truth, KnowsNotWhetherDeletedAccountsWereTheSame) {
  const auto number = pull(ann_, "2026-11-20T08:00:00Z");
  review(number, ann_, "2026-11-20T09:00:00Z");
  ann_->deleted_at = at("2026-11-20T11:00:00Z");
  EXPECT_THAT(at_time("2026-11-20T10:59:59Z"), ElementsAre(sample("prs_opened", "ann", 1)));
  EXPECT_THAT(at_time("2026-11-20T11:00:00Z"),
              ElementsAre(sample("prs_opened", "ghost", 1), sample("reviews_submitted", "ghost", 1)));
}

TEST_F(Truth, TellsReviewCommentsOnlyWhenAsked) {
  const auto number = pull(ann_, "2026-11-18T08:00:00Z");
  review(number, bob_, "2026-11-18T09:00:00Z");
  const auto id = repo_->reviews.back().id;
  ASSERT_TRUE(world_.add_review_comment(*repo_, id, *bob_, at("2026-11-20T09:00:00Z"), "Why?").has_value());
  EXPECT_FALSE(world_.add_review_comment(*repo_, id + 1, *bob_, at("2026-11-20T09:00:00Z"), "Why?").has_value());
  EXPECT_THAT(compute_truth(world_, {.at = at("2026-11-20T12:00:00Z"), .org = {}}), IsEmpty());
  TruthQuestion question{.at = at("2026-11-20T12:00:00Z"), .org = {}, .also = {"review_comments"}};
  EXPECT_THAT(ask(question), ElementsAre(sample("review_comments", "bob", 1)));
  question.at = at("2026-11-20T08:59:59Z");
  EXPECT_THAT(ask(question), IsEmpty());
}

TEST_F(Truth, TellsIssuesOnlyWhenAskedAndOfTheirClosingsTheLastWhileItLasts) {
  const auto number = world_.open_issue(*repo_, *ann_, at("2026-11-20T08:00:00Z")).number;
  ASSERT_TRUE(world_.close_issue(*repo_, number, at("2026-11-20T09:00:00Z"), *bob_).has_value());
  ASSERT_TRUE(world_.reopen_issue(*repo_, number, at("2026-11-20T10:00:00Z")).has_value());
  EXPECT_FALSE(world_.reopen_issue(*repo_, number, at("2026-11-20T10:30:00Z")).has_value());
  ASSERT_TRUE(world_.close_issue(*repo_, number, at("2026-11-20T11:00:00Z"), *ann_).has_value());
  EXPECT_FALSE(world_.close_issue(*repo_, number, at("2026-11-20T11:30:00Z"), *bob_).has_value());
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"), IsEmpty());
  const auto issues = [&](const char* when) { return ask({.at = at(when), .org = {}, .also = {"issues"}}); };
  EXPECT_THAT(issues("2026-11-20T09:59:59Z"),
              ElementsAre(sample("issues_closed", "bob", 1), sample("issues_opened", "ann", 1)));
  EXPECT_THAT(issues("2026-11-20T10:59:59Z"), ElementsAre(sample("issues_opened", "ann", 1)));
  EXPECT_THAT(issues("2026-11-20T11:00:00Z"),
              ElementsAre(sample("issues_closed", "ann", 1), sample("issues_opened", "ann", 1)));
  EXPECT_THAT(issues("2026-11-21T09:00:00Z"), ElementsAre(sample("issues_closed", "ann", 1)));
}

TEST_F(Truth, CreditsAMergeToThePullRequestsAuthor) {
  const auto number = pull(ann_, "2026-11-18T08:00:00Z");
  ASSERT_TRUE(world_.merge_pull(*repo_, number, at("2026-11-20T09:00:00Z"), "").has_value());
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"), ElementsAre(sample("prs_merged", "ann", 1)));
}

TEST_F(Truth, LeavesOutArchivedDisabledAndHiddenRepositories) {
  pull(ann_, "2026-11-20T08:00:00Z");
  repo_->archived.set(at("2026-11-20T09:00:00Z"), true);
  EXPECT_THAT(at_time("2026-11-20T08:30:00Z"), Not(IsEmpty()));
  EXPECT_THAT(at_time("2026-11-20T09:00:00Z"), IsEmpty());
  repo_->archived.set(at("2026-11-20T10:00:00Z"), false);
  EXPECT_THAT(at_time("2026-11-20T10:00:00Z"), Not(IsEmpty()));
  repo_->disabled.set(at("2026-11-20T11:00:00Z"), true);
  EXPECT_THAT(at_time("2026-11-20T11:00:00Z"), IsEmpty());
}

TEST_F(Truth, UsesTheNameOfTheMoment) {
  pull(ann_, "2026-11-20T08:00:00Z");
  ASSERT_TRUE(world_.rename(*repo_, "app2", at("2026-11-20T09:00:00Z")).has_value());
  EXPECT_EQ(at_time("2026-11-20T08:59:59Z").at(0).repo, "app");
  EXPECT_EQ(at_time("2026-11-20T09:00:00Z").at(0).repo, "app2");
}

TEST_F(Truth, LeavesOutBotsOnRequest) {
  const auto* const bot = *world_.add_account("fix[bot]", AccountKind::kBot, at("2020-01-01T00:00:00Z"));
  pull(bot, "2026-11-20T08:00:00Z");
  EXPECT_THAT(at_time("2026-11-20T12:00:00Z"), ElementsAre(sample("prs_opened", "fix[bot]", 1)));
  EXPECT_THAT(ask({.at = at("2026-11-20T12:00:00Z"), .org = {}, .bots = false}), IsEmpty());
}

TEST_F(Truth, TellsEachUsersNewestEvent) {
  pull(ann_, "2026-11-01T08:00:00Z");
  const auto number = pull(bob_, "2026-11-20T07:00:00Z");
  review(number, ann_, "2026-11-20T09:00:00Z");
  const auto samples = compute_truth(world_, {.at = at("2026-11-21T09:30:00Z"), .org = "ACME"});
  const TruthSample ann{"gh_activity_last_event_unixtime",           "acme", "app", "ann",
                        to_unix_seconds(at("2026-11-20T09:00:00Z")), false};
  TruthSample bob{"gh_activity_last_event_unixtime",           "acme", "app", "bob",
                  to_unix_seconds(at("2026-11-20T07:00:00Z")), true};
  EXPECT_THAT(samples, Contains(ann));
  EXPECT_THAT(samples, Not(Contains(bob)));
  EXPECT_THAT(compute_truth(world_, {.at = at("2026-11-21T09:30:00Z"), .org = "acme", .older = true}), Contains(bob));
}

}  // namespace
}  // namespace ghstats::sim
