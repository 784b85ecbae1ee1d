#include "app/roles.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "app/testing/replica_fixture.h"
#include "async/task_group.h"
#include "exposition/testing/fake_served_view.h"
#include "leader/testing/manual_elector.h"
#include "store/forwarding_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using health::Component;
using store::testing::Verb;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using work::Reason;

// Answers what `refuses` picks as if another leader had taken over.
class RefusingStore final : public store::ForwardingStore {
 public:
  using Pick = std::function<bool(const store::Batch&, const store::Authority&)>;
  using ForwardingStore::ForwardingStore;

  Pick refuses = [](const store::Batch&, const store::Authority&) { return false; };
  bool refuses_garbage = false;

  async::Task<Result<store::Receipt>> commit(store::Batch batch, store::Authority authority) override {
    if (authority.role == Role::kLeader && refuses(batch, authority)) co_return fail(superseded());
    co_return co_await inner().commit(std::move(batch), authority);
  }
  async::Task<Status> collect_garbage(TimePoint now, store::Authority authority) override {
    if (refuses_garbage) co_return fail(superseded());
    co_return co_await inner().collect_garbage(now, authority);
  }

 private:
  static Error superseded() { return {ErrorCode::kSuperseded, "epoch 1 was superseded by epoch 2"}; }
};

class RolesTest : public testing::ReplicaFixture {
 protected:
  ~RolesTest() override { stop(); }

  void SetUp() override {
    ReplicaFixture::SetUp();
    view_.load(exposition::testing::one_of_each(clock_.now()), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  }

  void start(bool leads = true) {
    if (!environment_) {
      github(200, "/orgs/acme/repos*", std::string("[") + kRepository + "]");
      github(200, "/repos/acme/api/*", "[]");
      github(200, "/meta", "{}");
      environment_ = std::make_unique<RoleEnvironment>(RoleEnvironment{.executor = io_.get_executor(),
                                                                       .store = refusing_,
                                                                       .store_returned = returned_,
                                                                       .led = led_,
                                                                       .retold = retold_,
                                                                       .store_joined = joined_,
                                                                       .recorder = recorder_,
                                                                       .github_metrics = github_metrics_,
                                                                       .clock = settled_,
                                                                       .loc_memory = loc_memory_,
                                                                       .organisations = organisations_,
                                                                       .copilot = copilot(),
                                                                       .jobs = desk(),
                                                                       .view = view_,
                                                                       .health = health_,
                                                                       .config = config_,
                                                                       .replica = "replica-1",
                                                                       .logger = logger_,
                                                                       .wait = time_.waiter(),
                                                                       .sleep = time_.sleeper()});
    }
    elector_.decide(leads);
    tasks_ = std::make_unique<async::TaskGroup>(io_.get_executor());
    tasks_->spawn([this] { return play_roles(*environment_, elector_); });
    time_.pass();
  }
  void stop() {
    if (!tasks_) return;
    tasks_->cancel();
    run(tasks_->join());
    tasks_.reset();
  }
  void decide(bool leads) {
    elector_.decide(leads);
    time_.pass();
  }
  void miss() {
    run(desk().redo_later(
        {{"acme", "api", RepoId{1}, {}, {clock_.now() - 1h, clock_.now()}, Reason::kActivityIssueCommentsFailed, {}}}));
    time_.pass();
  }

  [[nodiscard]] std::optional<Role> role() const { return health_.board()->current()->role; }
  [[nodiscard]] const health::ComponentStatus& component(Component component) const {
    return health_.board()->current()->components[static_cast<std::size_t>(component)];
  }
  [[nodiscard]] std::size_t listings() const { return client_.count("https://api.github.com/orgs/acme/repos"); }
  [[nodiscard]] std::string logged(std::string_view text) const {
    for (const std::string& line : lines_->lines()) {
      if (line.find(text) != std::string::npos) return line;
    }
    return "";
  }

  RefusingStore refusing_{store_};
  std::uint64_t retold_ = 0;
  LeadershipNotice led_;
  async::Watch joined_{io_.get_executor()};
  const SettledClock settled_{clock_, {}};
  activity::GitHubMetrics github_metrics_{recorder_};
  exposition::testing::FakeServedView view_{clock_};
  leader::testing::ManualElector elector_{io_.get_executor(), true};
  std::unique_ptr<RoleEnvironment> environment_;
  std::unique_ptr<async::TaskGroup> tasks_;
};

// Any write may be the first to hear that another one leads, and each of them ends everything that a leader does.
struct Kind {
  std::string name;
  RefusingStore::Pick refuses;
  bool garbage = false;
};
class SupersededBy : public RolesTest, public ::testing::WithParamInterface<Kind> {};

RefusingStore::Pick slot(std::string prefix) {
  return [prefix](const store::Batch& batch, const store::Authority&) {
    return std::ranges::any_of(batch.value_sets, [&](const auto& set) { return set.slot.starts_with(prefix); });
  };
}

INSTANTIATE_TEST_SUITE_P(
    Writes, SupersededBy,
    ::testing::Values(
        Kind{"Collection", [](const store::Batch& batch, const auto&) { return !batch.checkpoints.empty(); }},
        Kind{"CycleMetrics", slot("cycle")}, Kind{"GaugesOfTheHouse", slot("leader")},
        Kind{"GaugesOfTheQueue", slot("queue")},
        Kind{"LinesOfCode", [](const store::Batch& batch,
                               const auto&) { return !batch.loc_records.empty() && batch.last_events.empty(); }},
        Kind{"Retelling", [](const store::Batch& batch, const auto&) { return !batch.last_events.empty(); }},
        Kind{"Backfill", [](const store::Batch&,
                            const auto& authority) { return authority.source == store::Source::kWorkerBackfill; }},
        Kind{"Heartbeat", [](const store::Batch& batch, const auto&) { return is_empty(batch); }},
        Kind{"Garbage", [](const store::Batch&, const auto&) { return false; }, true}),
    [](const auto& info) { return info.param.name; });

TEST_P(SupersededBy, EndsTheLeadershipAndTheReplicaFollowsAndWorks) {
  refusing_.refuses = GetParam().refuses;
  refusing_.refuses_garbage = GetParam().garbage;
  // What a cycle misses becomes a job that has something to store.
  if (GetParam().name == "Backfill")
    client_.on_get("https://api.github.com/repos/acme/api/issues/comments*").reply(500).reply(200, "[]");
  start();
  returned_.bump();
  time_.pass(61min);
  EXPECT_EQ(role(), Role::kFollower);
  ASSERT_THAT(elector_.told, SizeIs(1));
  EXPECT_EQ(elector_.told[0], "epoch 1 was superseded by epoch 2");
  EXPECT_THAT(logged("leadership ended"), HasSubstr("epoch 1 was superseded by epoch 2"));
  EXPECT_FALSE(component(Component::kScheduler).used);
  EXPECT_THAT(component(Component::kScheduler).last_error, HasSubstr("epoch 2"));

  const std::size_t before = listings();
  time_.pass(10min);
  EXPECT_EQ(listings(), before) << "a follower collects nothing on its own";
  EXPECT_EQ(run(queue_->status())->jobs.messages, 0U) << "nothing of the leader's was left behind";
  const auto processed = run(queue_->status())->counts.processed;
  miss();
  EXPECT_EQ(run(queue_->status())->counts.processed, processed + 1) << "it works as a follower";
  EXPECT_TRUE(component(Component::kConsumer).healthy);
}

TEST_F(RolesTest, LeadsAndFollowsAndLeadsAgainWithTheSameObjects) {
  for (int turn = 1; turn <= 3; ++turn) {
    if (turn == 1) start();
    if (turn > 1) decide(true);
    EXPECT_EQ(role(), Role::kLeader);
    EXPECT_EQ(listings(), static_cast<std::size_t>(2 * turn - 1)) << "a leader collects at once";
    time_.pass(1min);
    EXPECT_EQ(listings(), static_cast<std::size_t>(2 * turn));
    EXPECT_TRUE(component(Component::kScheduler).used);
    decide(false);
    EXPECT_EQ(role(), Role::kFollower);
    time_.pass(1h);
    EXPECT_EQ(listings(), static_cast<std::size_t>(2 * turn));
  }
  EXPECT_TRUE(elector_.told.empty()) << "nobody superseded anybody";
  EXPECT_EQ(*run(memory_->begin_leadership()), 4U) << "each leadership had an epoch of its own";
}

TEST_F(RolesTest, ALeadershipOfMemoryBeginsAnewInTheStoreThatWasJoined) {
  start();
  joined_.bump();
  time_.pass();
  EXPECT_EQ(role(), Role::kLeader);
  EXPECT_THAT(logged("leadership ended"), HasSubstr("the shared store was joined"));
  EXPECT_EQ(*run(memory_->begin_leadership()), 3U);
  EXPECT_EQ(listings(), 2U) << "it collects at once";
  EXPECT_TRUE(elector_.told.empty());
  decide(false);
  joined_.bump();
  time_.pass();
  EXPECT_EQ(role(), Role::kFollower);
}

// Between two cycles, with nothing to write.
TEST_F(RolesTest, AnIdleLeaderHearsWithinSecondsThatAnotherOneLeads) {
  start();
  time_.pass(90s);
  run(memory_->begin_leadership());
  time_.pass(2s);
  EXPECT_EQ(role(), Role::kFollower);
  EXPECT_THAT(elector_.told, SizeIs(1));
}

TEST_F(RolesTest, WhatALeaderHasUnderWayEndsBeforeItFollows) {
  client_.on_get("https://api.github.com/repos/acme/api/pulls*").hang();
  start();
  ASSERT_GT(client_.hanging(), 0U);
  decide(false);
  EXPECT_EQ(client_.hanging(), 0U);
  EXPECT_EQ(role(), Role::kFollower);
  EXPECT_THAT(logged("leadership ended"), HasSubstr("not to lead any longer"));
}

TEST_F(RolesTest, TheNextLeadershipGoesOnWithTheCooldown) {
  config_.github.unhealthy_failure_threshold = 1;
  config_.github.unhealthy_cooldown = 1h;
  auto& rule = client_.on_get("https://api.github.com/orgs/acme/repos*");
  rule.reply(503);
  start();
  time_.pass(10min);
  EXPECT_EQ(listings(), 1U) << "cooling down";
  decide(false);
  decide(true);
  time_.pass(10min);
  EXPECT_EQ(listings(), 1U) << "GitHub has not healed meanwhile";
  EXPECT_FALSE(component(Component::kGitHub).healthy);
  rule.reply(200, std::string("[") + kRepository + "]");
  time_.pass(40min);
  EXPECT_EQ(listings(), 2U);
}

TEST_F(RolesTest, WhatOnlyALeaderKnowsOfItsOrganisationsIsForgottenByAFollower) {
  start();
  health_.lines_looked_at("acme", 3);
  EXPECT_EQ(health_.board()->current()->verdict.mode, health::Mode::kDegraded);
  decide(false);
  EXPECT_THAT(health_.board()->current()->verdict.reasons,
              ::testing::Not(::testing::Contains("lines of code are stale")));
}

TEST_F(RolesTest, ALeadershipThatIsNotGrantedIsAskedForEverySecondAndSaidOnce) {
  store_.fail_every(Verb::kBeginLeadership, {ErrorCode::kUnavailable, "the store is gone"});
  start();
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kBeginLeadership), 11U);
  EXPECT_EQ(std::ranges::count_if(
                lines_->lines(), [](const std::string& line) { return line.find("not granted") != std::string::npos; }),
            1);
  EXPECT_FALSE(component(Component::kScheduler).healthy);
  EXPECT_EQ(listings(), 0U);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(listings(), 1U);
  EXPECT_TRUE(component(Component::kScheduler).healthy);
}

TEST_F(RolesTest, WithBackfillOffNobodyWorksInAnyRole) {
  config_.backfill.enabled = false;
  start();
  time_.pass(1min);
  EXPECT_FALSE(component(Component::kConsumer).used);
  decide(false);
  EXPECT_FALSE(component(Component::kConsumer).used);
}

// In whatever state: nothing hangs, nothing is said.
TEST_F(RolesTest, StopsInEveryState) {
  const std::vector<std::function<void()>> states = {
      [&] {
        store_.hang_next(Verb::kBeginLeadership);
        start();
        ASSERT_EQ(store_.hanging(), 1U);
      },
      [&] {
        store_.fail_next(Verb::kBeginLeadership, {ErrorCode::kUnavailable, "the store is gone"});
        start();
      },
      [&] { start(); },
      [&] {
        store_.hang_next(Verb::kCommit);
        start();
        ASSERT_EQ(store_.hanging(), 1U);
      },
      [&] {
        start();
        returned_.bump();
      },
      [&] {
        start();
        elector_.decide(false);
      },
      [&] { start(false); },
      [&] {
        start(false);
        elector_.decide(true);
      },
  };
  for (std::size_t i = 0; i < states.size(); ++i) {
    SCOPED_TRACE(i);
    states[i]();
    stop();
    EXPECT_EQ(client_.hanging(), 0U);
    EXPECT_EQ(store_.hanging(), 0U);
    EXPECT_EQ(time_.sleeping(), 0U);
    time_.pass(2h);
    EXPECT_EQ(time_.sleeping(), 0U);
  }
}

}  // namespace
}  // namespace ghstats::app
