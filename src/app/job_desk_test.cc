#include "app/job_desk.h"

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "base/time_format.h"
#include "http/testing/fake_client.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using activity::Miss;
using activity::MissReason;
using metrics::Family;

// 'acme' with the repository 'api' (1) on a scripted GitHub; jobs in memory.
class JobDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config::Org org;
    org.org = "acme";
    org.token = config::Secret("ghp_SECRET");
    config_.github.orgs = {org};
    config_.retry.max_attempts = 1;
    auto made = Organisation::make({io_.get_executor(), client_, clock_, logger_, [](const github::Attempt&) {}, gates_,
                                    answers_, std::make_shared<RemoteClock>()},
                                   config_, org);
    ASSERT_TRUE(made) << made.error().message;
    organisations_.push_back(*std::move(made));
    github(200, "/repositories/1",
           R"({"id":1,"name":"api","full_name":"acme/api","fork":false,"pushed_at":"2026-01-01T00:00:00Z"})");
  }

  void github(int status, const std::string& path, const std::string& body) {
    client_.on_get("https://api.github.com" + path).reply(status, body);
  }

  Miss miss(MissReason reason, std::string org = "acme") {
    return {std::move(org), "api", RepoId{1}, {}, {clock_.now() - 1h, clock_.now()}, reason, {}};
  }

  JobDesk& desk() {
    if (!desk_) {
      desk_ = std::make_unique<JobDesk>(JobDeskEnvironment{.executor = io_.get_executor(),
                                                           .store = *store_,
                                                           .store_returned = store_returned_,
                                                           .recorder = recorder_,
                                                           .clock = clock_,
                                                           .cooldown = cooldown_,
                                                           .loc_memory = loc_memory_,
                                                           .organisations = organisations_,
                                                           .logger = logger_},
                                        config_);
    }
    return *desk_;
  }

  void queue(std::vector<Miss> misses) { async::testing::run(io_, desk().redo_later(std::move(misses))); }

  // The labels under which `family` counted until a job ended.
  std::vector<std::vector<std::string>> work_until_counted(Family family) {
    std::vector<std::vector<std::string>> found;
    async::TaskGroup group(io_.get_executor());
    group.spawn([this]() -> async::Task<> {
      co_await desk().work({store::Role::kFollower, store::Source::kWorkerBackfill, 0}, [](const Status&) {});
    });
    group.spawn([this, family, &found, &group]() -> async::Task<> {
      while (found.empty()) {
        co_await async::yield();
        found = counted(family);
      }
      group.cancel();
    });
    async::testing::run(io_, group.join());
    return found;
  }

  std::vector<std::vector<std::string>> counted(Family family) {
    std::vector<std::vector<std::string>> out;
    auto increments = recorder_.take_increments();
    for (const auto& sample : increments) {
      if (sample.key.family == family && sample.value > 0) out.push_back(sample.key.labels);
    }
    recorder_.give_back(std::move(increments));
    return out;
  }

  using Counted = std::vector<std::vector<std::string>>;

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  http::testing::FakeClient client_;
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  async::Watch store_returned_{io_.get_executor()};
  RateGates gates_;
  github::ConditionalCache answers_;
  metrics::Recorder recorder_;
  activity::CooldownFsm cooldown_{{}};
  activity::LocMemory loc_memory_;
  config::Config config_;
  std::unique_ptr<store::MetricStore> store_ = store::make_memory_store(io_.get_executor(), clock_, {});
  std::vector<std::unique_ptr<Organisation>> organisations_;
  std::unique_ptr<JobDesk> desk_;
};

TEST_F(JobDeskTest, AMissOfActivityIsCollectedAgain) {
  github(200, "/repos/acme/api/*", "[]");
  queue({miss(MissReason::kIssueCommentsFailed)});
  EXPECT_EQ(counted(Family::kBackfillEnqueued), (Counted{{"acme", "activity_issue_comments_failed"}}));
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "processed"}}));
  EXPECT_FALSE(async::testing::run(io_, store_->checkpoints({RepoId{1}}))->empty());
}

TEST_F(JobDeskTest, AMissOfLinesAsksForLinesAndForNothingElse) {
  github(200, "/repos/acme/api/stats/contributors", "[]");
  queue({miss(MissReason::kContributorStatsFailed)});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "processed"}}));
  EXPECT_EQ(async::testing::run(io_, store_->loc_records({RepoId{1}}))->size(), 1U);
  EXPECT_TRUE(client_.unexpected().empty());
}

TEST_F(JobDeskTest, WhatFailsAgainComesAgain) {
  github(200, "/repos/acme/api/commits*", R"({"not":"a list"})");
  github(200, "/repos/acme/api/*", "[]");
  queue({miss(MissReason::kCommitsFailed)});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"acme", "api", "failed"}}));
}

TEST_F(JobDeskTest, AJobOfAnUnknownOrganisationIsDoneWithAndTold) {
  queue({miss(MissReason::kCommitsFailed, "globex")});
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"globex", "api", "processed"}}));
  EXPECT_TRUE(lines_->contains("not configured"));
  EXPECT_TRUE(client_.requests().empty());
}

TEST_F(JobDeskTest, WithBackfillOffMissesAreCountedAndNothingIsQueued) {
  config_.backfill.enabled = false;
  queue({miss(MissReason::kCommitsFailed), miss(MissReason::kPullsFailed)});
  EXPECT_EQ(counted(Family::kBackfillDropped), (Counted{{"acme", "backfill_disabled"}}));
  EXPECT_TRUE(counted(Family::kBackfillEnqueued).empty());
  EXPECT_FALSE(desk().works(store::Role::kLeader));
  EXPECT_FALSE(desk().works(store::Role::kFollower));
}

TEST_F(JobDeskTest, TheLeaderWorksWhereNobodyElseCanOrItIsToldTo) {
  EXPECT_TRUE(desk().works(store::Role::kFollower));
  EXPECT_TRUE(desk().works(store::Role::kLeader)) << "the queue is its own memory";
  config_.backfill.consume_on_leader = config::ConsumeOnLeader::kNever;
  EXPECT_FALSE(desk().works(store::Role::kLeader));
  config_.backfill.consume_on_leader = config::ConsumeOnLeader::kAlways;
  EXPECT_TRUE(desk().works(store::Role::kLeader));
}

TEST_F(JobDeskTest, APausedOrganisationIsNotAsked) {
  for (int i = 0; i < 6; ++i) cooldown_.on_cycle("acme", activity::CycleResult::kFailure, clock_.steady_now());
  ASSERT_TRUE(cooldown_.paused_until("acme", clock_.steady_now()));
  queue({miss(MissReason::kCommitsFailed), miss(MissReason::kCommitsFailed, "globex")});
  // The other organisation's job ends, so this one's had its turn.
  EXPECT_EQ(work_until_counted(Family::kBackfillProcessed), (Counted{{"globex", "api", "processed"}}));
  EXPECT_TRUE(client_.requests().empty());
}

}  // namespace
}  // namespace ghstats::app
