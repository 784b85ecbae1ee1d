#include "upkeep/housekeeping.h"

#include <map>

#include "upkeep/testing/upkeep_fixture.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;

class KeepHouse : public testing::UpkeepFixture {
 protected:
  void keep() {
    tasks_.spawn([this] {
      return keep_house(*fenced_, returned_, authority_, settled_, "replica-1", logger_, time_.sleeper());
    });
  }

  std::map<std::string, double> gauges() {
    std::map<std::string, double> out;
    for (const auto& set : stored().value_sets) {
      for (const auto& sample : set.samples) out[set.slot] = sample.value;
    }
    return out;
  }

  RemoteClock github_;
  const SettledClock settled_{clock_, {&github_}};
};

TEST_F(KeepHouse, TellsTheGaugesWhenTheyChange) {
  keep();
  time_.pass(10s);
  EXPECT_EQ(gauges(), (std::map<std::string, double>{{"leader", 1}, {"store", 2}}));
  EXPECT_EQ(store_.calls(Verb::kCommit), 11U + 2U) << "heartbeats, and the gauges, which are two series themselves";
  store::Batch batch;
  batch.value_sets.push_back({"cycle/acme", {{{Family::kScrapeDuration, {"acme"}}, 1}}});
  EXPECT_TRUE(run(memory_->commit(std::move(batch), authority_)));
  time_.pass(1s);
  EXPECT_EQ(gauges()["store"], 3);
}

TEST_F(KeepHouse, TellsTheGaugesAgainToAStoreThatCameBackWithoutThem) {
  keep();
  time_.pass(10s);
  // As many series, of the time when another replica was the leader.
  const auto older = store::make_memory_store(io_.get_executor(), clock_, {});
  run(older->begin_leadership());
  store::Batch batch;
  batch.value_sets = {{"leader", {{{Family::kLeader, {"replica-0"}}, 1}, {{Family::kLeader, {"replica-9"}}, 1}}}};
  EXPECT_TRUE(run(older->commit(std::move(batch), authority_)));
  store_.replace(*older);
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 21U + 2U);
  returned_.bump();
  time_.pass(1s);
  for (const auto& set : run(older->snapshot())->set.value_sets) {
    if (set.slot == "leader") EXPECT_EQ(set.samples.at(0).key.labels.at(0), "replica-1");
  }
  stop();
}

TEST_F(KeepHouse, TriesEverySecondUntilTheStoreIsBackAndSaysOnceThatItFails) {
  store_.fail_every(Verb::kCommit, gone_);
  keep();
  time_.pass(9500ms);
  EXPECT_EQ(store_.calls(Verb::kCommit), 10U + 10U) << "heartbeats, too";
  EXPECT_EQ(logged("gauges could not be stored"), 1);
  EXPECT_TRUE(gauges().empty());
  store_.recover();
  time_.pass(2s);
  EXPECT_EQ(gauges(), (std::map<std::string, double>{{"leader", 1}, {"store", 2}}));
  EXPECT_EQ(logged("gauges could not be stored"), 1);
}

TEST_F(KeepHouse, EndsWhenAnotherLeadsAndTellsItsGaugesNoMore) {
  keep();
  run(memory_->begin_leadership());
  time_.pass(10s);
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_TRUE(gauges().empty());
}

// Gauges that do not change ask nothing of the store, and the look for what it has lost is seconds away.
TEST_F(KeepHouse, AHeartbeatHearsWithinASecondThatAnotherLeads) {
  keep();
  time_.pass(11s);
  run(memory_->begin_leadership());
  const std::size_t looks = store_.calls(Verb::kMend);
  time_.pass(500ms);
  EXPECT_EQ(tasks_.size(), 1U);
  time_.pass(500ms);
  EXPECT_EQ(store_.calls(Verb::kMend), looks);
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_TRUE(lines_->lines().empty()) << lines_->lines().front();
}

TEST_F(KeepHouse, CollectsGarbageEveryHourAndSaysWhenItCannot) {
  keep();
  time_.pass(59min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 0U);
  store_.fail_next(Verb::kCollectGarbage, gone_);
  time_.pass(2min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 1U);
  EXPECT_EQ(logged("garbage could not be collected"), 1);
  EXPECT_EQ(logged(gone_.message), 1);
  time_.pass(1h);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 2U);
  EXPECT_EQ(logged("garbage could not be collected"), 1);
}

TEST_F(KeepHouse, LooksEveryFiveSecondsForWhatTheStoreHasLostAndSaysOnceWhenItCannot) {
  keep();
  time_.pass(500ms);
  EXPECT_EQ(store_.calls(Verb::kMend), 1U);
  time_.pass(20s);
  EXPECT_EQ(store_.calls(Verb::kMend), 5U);
  store_.fail_every(Verb::kMend, gone_);
  time_.pass(20s);
  EXPECT_EQ(store_.calls(Verb::kMend), 9U);
  EXPECT_EQ(logged(gone_.message), 1);
}

// Neither by a clock that is wrong nor by the marks it left.
TEST_F(KeepHouse, CollectsNoGarbageBeforeAllClocksHaveAgreedForAnHour) {
  const auto github_says = [&](TimePoint said) {
    for (int i = 0; i < 9; ++i) github_.heard(said, clock_.steady_now(), clock_.steady_now(), clock_.now());
  };
  github_says(clock_.now());
  keep();
  for (const auto jump : {168h, -168h}) {
    time_.pass(50min);
    clock_.jump(jump);
    time_.pass(3h);
    EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 0U);
    clock_.jump(-jump);
  }
  time_.pass(59min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 0U);
  time_.pass(2min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 1U);
}

TEST_F(KeepHouse, SaysNothingWhenItIsToldToStop) {
  for (const Verb verb : {Verb::kCommit, Verb::kMend, Verb::kCollectGarbage}) {
    store_.hang_next(verb);
    async::TaskGroup house(io_.get_executor());
    house.spawn(
        [this] { return keep_house(store_, returned_, authority_, settled_, "replica-1", logger_, time_.sleeper()); });
    time_.pass(61min);
    ASSERT_EQ(store_.hanging(), 1U);
    house.cancel();
    run(house.join());
    EXPECT_TRUE(lines_->lines().empty()) << lines_->lines().front();
  }
}

}  // namespace
}  // namespace ghstats::upkeep
