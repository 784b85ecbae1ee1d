#include "app/job_desk.h"

#include <gtest/gtest.h>

#include "app/cooldown_notices.h"
#include "app/testing/replica_fixture.h"
#include "async/task_group.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using work::Miss;
using work::Reason;

class JobDeskTest : public testing::ReplicaFixture {
 protected:
  Miss miss(Reason reason, std::string org = "acme") {
    return {std::move(org), "api", RepoId{1}, {}, {clock_.now() - 1h, clock_.now()}, reason, {}};
  }

  void queue(std::vector<Miss> misses) { run(desk().redo_later(std::move(misses))); }

  // The labels under which `family` counted until a job ended.
  std::vector<std::vector<std::string>> work_until_counted(Family family,
                                                           const activity::CooldownFsm* cooldown = nullptr) {
    std::vector<std::vector<std::string>> found;
    async::TaskGroup group(io_.get_executor());
    group.spawn([this, cooldown] {
      return desk().work(store_, {Role::kFollower, store::Source::kWorkerBackfill, 0}, cooldown);
    });
    group.spawn([this, family, &found, &group]() -> async::Task<> {
      while (found.empty()) {
        co_await async::yield();
        found = counted(family);
      }
      group.cancel();
    });
    run(group.join());
    return found;
  }

  using Counted = std::vector<std::vector<std::string>>;
};

TEST_F(JobDeskTest, AMissOfActivityIsCollectedAgain) {
  github(200, "/repos/acme/api/*", "[]");
  queue({miss(Reason::kActivityIssueCommentsFailed)});
  EXPECT_EQ(counted(Family::kBackfillEnqueued), (Counted{{"acme", "activity_issue_comments_failed"}}));
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "processed"}}));
  EXPECT_FALSE(run(store_.checkpoints({RepoId{1}}))->empty());
}

TEST_F(JobDeskTest, AMissOfLinesAsksForLinesAndForNothingElse) {
  github(200, "/repos/acme/api/stats/contributors", "[]");
  queue({miss(Reason::kContributorStatsFailed)});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "processed"}}));
  EXPECT_EQ(run(store_.loc_records({RepoId{1}}))->size(), 1U);
  EXPECT_TRUE(client_.unexpected().empty());
}

TEST_F(JobDeskTest, WhatFailsAgainComesAgain) {
  github(200, "/repos/acme/api/commits*", R"({"not":"a list"})");
  github(200, "/repos/acme/api/*", "[]");
  queue({miss(Reason::kActivityCommitsFailed)});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "failed"}}));
}

TEST_F(JobDeskTest, AJobOfAnUnknownOrganisationIsADeadLetterWithTheReason) {
  queue({miss(Reason::kActivityCommitsFailed, "globex")});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"unknown", "unknown", "dead_lettered"}}));
  EXPECT_TRUE(lines_->contains("organisation 'globex' is not configured"));
  EXPECT_TRUE(client_.requests().empty());
}

TEST_F(JobDeskTest, WithBackfillOffMissesAreCountedAndNothingIsQueued) {
  config_.backfill.enabled = false;
  queue({miss(Reason::kActivityCommitsFailed), miss(Reason::kActivityPullsFailed)});
  EXPECT_EQ(counted(Family::kBackfillDropped), (Counted{{"acme", "backfill_disabled"}}));
  EXPECT_TRUE(counted(Family::kBackfillEnqueued).empty());
}

TEST_F(JobDeskTest, APausedOrganisationIsNotAsked) {
  activity::CooldownFsm cooldown{{}};
  for (int i = 0; i < 6; ++i) cooldown.on_cycle("acme", activity::CycleResult::kFailure, clock_.steady_now());
  ASSERT_TRUE(cooldown.paused_until("acme", clock_.steady_now()));
  queue({miss(Reason::kActivityCommitsFailed), miss(Reason::kActivityCommitsFailed, "globex")});
  // The other organisation's job ends, so this one's had its turn.
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed, &cooldown),
            (Counted{{"unknown", "unknown", "dead_lettered"}}));
  EXPECT_TRUE(client_.requests().empty());
}

TEST_F(JobDeskTest, AnOrganisationThatTheLeaderLeavesAloneIsNotAskedByAFollower) {
  activity::CooldownFsm cooldown{{}};
  CooldownNotices notices(store_, clock_, {"acme"}, logger_);
  for (int i = 0; i < 6; ++i) cooldown.on_cycle("acme", activity::CycleResult::kFailure, clock_.steady_now());
  run(notices.tell(cooldown));
  queue({miss(Reason::kActivityCommitsFailed), miss(Reason::kActivityCommitsFailed, "globex")});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"unknown", "unknown", "dead_lettered"}}));
  EXPECT_TRUE(client_.requests().empty());

  clock_.advance(2min);
  github(200, "/repos/acme/api/*", "[]");
  queue({miss(Reason::kActivityIssueCommentsFailed)});
  EXPECT_FALSE(work_until_counted(Family::kBackfillProcessed).empty());
  EXPECT_FALSE(client_.requests().empty());
}

TEST_F(JobDeskTest, WithoutAnAnswerOfTheStoreAnOrganisationMayBeAsked) {
  github(200, "/repos/acme/api/*", "[]");
  store_.fail_every(store::testing::Verb::kAdmit, {ErrorCode::kUnavailable, "gone"});
  queue({miss(Reason::kActivityIssueCommentsFailed)});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "processed"}}));
}

}  // namespace
}  // namespace ghstats::app
