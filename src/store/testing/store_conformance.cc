#include "store/testing/store_conformance.h"

#include "ledger/ledger.h"
#include "store/counter_merge.h"
#include "store/retell.h"

namespace ghstats::store::testing {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

using namespace std::chrono_literals;
using metrics::Family;
using metrics::Sample;

namespace {

Batch of_events(std::vector<ledger::Event> events) {
  Batch batch;
  batch.events = std::move(events);
  return batch;
}

Batch of_values(std::string slot, std::vector<Sample> samples) {
  Batch batch;
  batch.value_sets.push_back({std::move(slot), std::move(samples)});
  return batch;
}

Sample duration_of(std::string org, double value) {
  return {{Family::kScrapeDuration, {std::move(org)}}, value};
}

double counter_in(const ChangeSet& set, const metrics::SeriesKey& key) {
  double value = -1;
  for (const Sample& sample : set.counters) {
    if (sample.key == key) value = sample.value;
  }
  return value;
}

}  // namespace

TEST_P(StoreConformance, TellingAnEventTwiceChangesNothing) {
  const Authority authority = lead();
  const auto first = commit(of_events({review("1", "ann"), review("2", "ann"), review("1", "ann")}), authority);
  EXPECT_EQ(first->events_new, 2U);
  EXPECT_EQ(first->events_known, 1U);
  const auto second = commit(of_events({review("2", "ann")}), authority);
  EXPECT_EQ(second->events_new, 0U);
  EXPECT_EQ(second->events_known, 1U);
  EXPECT_EQ(snapshot_set().events.size(), 2U);
}

TEST_P(StoreConformance, ANewerTellingWinsWhateverTheOrder) {
  const Authority authority = lead();
  ledger::Event newer = review("1", "ghost");
  newer.version += 10s;
  commit(of_events({newer}), authority);
  EXPECT_EQ(commit(of_events({review("1", "ann")}), authority)->events_known, 1U);
  const auto events = snapshot_set().events;
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].user, "ghost");
}

TEST_P(StoreConformance, WhatIsTakenBackIsNotCountedAnyMore) {
  const Authority authority = lead();
  // How many reviews of hers count, and whether she has a last event.
  const auto numbers = [&] {
    ledger::Ledger known({}, clock_.now());
    for (const auto& event : snapshot_set().events) known.insert(event);
    const auto index = known.find_row(kRepo, "ann");
    if (!index) return std::pair(0U, false);
    const ledger::Row row = known.row(*index);
    return std::pair(row.count[static_cast<std::size_t>(ledger::EventKind::kReview)], row.last_event.has_value());
  };
  commit(of_events({review("1", "ann")}), authority);
  EXPECT_EQ(numbers(), std::pair(1U, true));
  ledger::Event taken_back = review("1", "bob");
  taken_back.at = ledger::kTakenBack;
  taken_back.version += 10s;
  EXPECT_EQ(commit(of_events({taken_back}), authority)->events_changed, 1U);
  EXPECT_EQ(numbers(), std::pair(0U, false));
  taken_back.id = "2";
  EXPECT_EQ(commit(of_events({taken_back}), authority)->events_known, 1U) << "nobody knew it";
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(store_->health().active_series, 0U);
}

TEST_P(StoreConformance, AFollowerMayOnlyBackfillAndAddToCounters) {
  lead();
  const Authority follower{Role::kFollower, Source::kLeaderScrape, 1};
  const auto refused = commit(of_events({review("1", "ann")}), follower);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(snapshot_set().events.empty());
  EXPECT_TRUE(commit(of_events({review("1", "ann")}), {Role::kFollower, Source::kWorkerBackfill, 0}));
  const auto smuggled = commit(of_events({review("2", "ann")}), {Role::kFollower, Source::kReplicaCounters, 0});
  EXPECT_EQ(smuggled.error().code, ErrorCode::kPermissionDenied);
}

TEST_P(StoreConformance, ASupersededLeaderIsRefusedAndToldBothEpochs) {
  const Authority old = lead();
  const Authority current = lead();
  EXPECT_GT(current.epoch, old.epoch);
  const auto refused = commit(of_events({review("1", "ann")}), old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSuperseded);
  EXPECT_NE(refused.error().message.find(std::to_string(old.epoch)), std::string::npos);
  EXPECT_NE(refused.error().message.find(std::to_string(current.epoch)), std::string::npos);
  EXPECT_FALSE(run(store_->collect_garbage(clock_.now(), old)));
  EXPECT_TRUE(commit(of_events({review("1", "ann")}), current));
}

TEST_P(StoreConformance, AValueSetReplacesItsPredecessorOfTheSameSlot) {
  const Authority authority = lead();
  commit(of_values("cycle", {duration_of("a", 1), duration_of("b", 2)}), authority);
  commit(of_values("other", {duration_of("c", 3)}), authority);
  commit(of_values("cycle", {duration_of("b", 5)}), authority);
  std::map<std::string, std::vector<Sample>> by_slot;
  for (const ValueSet& set : snapshot_set().value_sets) by_slot[set.slot] = set.samples;
  ASSERT_EQ(by_slot.size(), 2U);
  ASSERT_EQ(by_slot["cycle"].size(), 1U);
  EXPECT_EQ(by_slot["cycle"][0].value, 5);
  commit(of_values("other", {}), authority);
  EXPECT_EQ(snapshot_set().value_sets.size(), 1U);
  EXPECT_EQ(store_->health().active_series, 1U);
}

TEST_P(StoreConformance, IncrementsOfAllReplicasAddUp) {
  const metrics::SeriesKey key{Family::kScrapeRuns, {"acme", "success"}};
  Batch batch;
  batch.increments = {{key, 2}};
  commit(batch, {Role::kFollower, Source::kReplicaCounters, 0});
  batch.increments = {{key, 3}};
  commit(batch, lead());
  EXPECT_EQ(counter_in(snapshot_set(), key), 5);
}

// What one implementation has counted another one may take over, and no sum may be less then.
TEST_P(StoreConformance, FractionsAreCountedAlikeByAll) {
  const metrics::SeriesKey key{Family::kGitHubRequestDuration, {"meta", "sum"}};
  double expected = 0;
  for (const double seconds : {0.000893796, 0.1, 1.0 / 3, 12.3456789}) {
    Batch batch;
    batch.increments = {{key, seconds}};
    commit(std::move(batch), {Role::kFollower, Source::kReplicaCounters, 0});
    expected += to_counter_grain(seconds);
  }
  EXPECT_EQ(counter_in(snapshot_set(), key), expected);
}

TEST_P(StoreConformance, CheckpointsNeverMoveBackwards) {
  const Authority authority = lead();
  const auto put = [&](TimePoint until) {
    Batch batch;
    batch.checkpoints = {{kRepo, CollectionFamily::kReviews, until}};
    commit(std::move(batch), authority);
  };
  put(clock_.now());
  put(clock_.now() - 1h);
  const auto checkpoints = run(store_->checkpoints({RepoId{1}, kRepo}));
  ASSERT_EQ(checkpoints->size(), 1U);
  EXPECT_EQ(checkpoints->at(0).collected_until, clock_.now());
  EXPECT_EQ(checkpoints->at(0).family, CollectionFamily::kReviews);
}

// Written when a clock was wrong: nobody can have collected that far.
TEST_P(StoreConformance, ACheckpointOfTheFutureMayGoBack) {
  const Authority authority = lead();
  const auto reached = [&](std::optional<TimePoint> continues, TimePoint until) {
    Batch batch;
    batch.checkpoints = {{kRepo, CollectionFamily::kReviews, until, continues}};
    EXPECT_TRUE(commit(std::move(batch), authority));
    return run(store_->checkpoints({kRepo}))->at(0).collected_until;
  };
  const TimePoint now = clock_.now();
  EXPECT_EQ(reached(std::nullopt, now + 72h), now + 72h);
  EXPECT_EQ(reached(std::nullopt, now - 1h), now - 1h);
  EXPECT_EQ(reached(now - 1h, now + 1min), now + 1min) << "clocks differ a little";
  EXPECT_EQ(reached(std::nullopt, now), now + 1min);
}

// The collection went on from what another leader, or this store before it was restored, had collected.
TEST_P(StoreConformance, CheckpointsDoNotMoveOverAGap) {
  const Authority authority = lead();
  const auto reached = [&](std::optional<TimePoint> continues, TimePoint until) {
    Batch batch = of_events({review("1", "ann")});
    batch.checkpoints = {{kRepo, CollectionFamily::kReviews, until, continues}};
    EXPECT_TRUE(commit(std::move(batch), authority));
    const auto checkpoints = *run(store_->checkpoints({kRepo}));
    return checkpoints.empty() ? std::optional<TimePoint>() : checkpoints[0].collected_until;
  };
  const TimePoint now = clock_.now();
  EXPECT_EQ(reached(now - 2h, now - 1h), std::nullopt) << "what was collected until two hours ago is not here";
  EXPECT_EQ(snapshot_set().events.size(), 1U) << "what came is true all the same";
  EXPECT_EQ(reached(std::nullopt, now - 4h), now - 4h);
  EXPECT_EQ(reached(now - 2h, now - 1h), now - 4h);
  EXPECT_EQ(reached(now - 4h, now - 3h), now - 3h);
  EXPECT_EQ(reached(now - 4h, now - 1h), now - 1h) << "somebody else has got further meanwhile";
  EXPECT_EQ(reached(std::nullopt, now), now);
}

TEST_P(StoreConformance, TheFeedTellsEveryChangeOnce) {
  const Authority authority = lead();
  Cursor cursor = run(store_->snapshot())->next;
  commit(of_events({review("1", "ann")}), authority);
  commit(of_events({review("1", "ann"), review("2", "bob")}), authority);
  auto changes = run(store_->changes(cursor));
  const auto* told = std::get_if<Changes>(&*changes);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->set.events.size(), 2U);
  changes = run(store_->changes(told->next));
  told = std::get_if<Changes>(&*changes);
  ASSERT_NE(told, nullptr);
  EXPECT_TRUE(told->set.events.empty());
}

TEST_P(StoreConformance, AReaderThatFellBehindOrCameFromElsewhereResyncs) {
  open({.max_series_budget = 1000, .feed_length = 10});
  const Authority authority = lead();
  const Cursor start = run(store_->snapshot())->next;
  for (int i = 0; i < 30; ++i) commit(of_events({review(std::to_string(i + 1), "ann")}), authority);
  auto answer = run(store_->changes(start));
  EXPECT_TRUE(std::holds_alternative<Resync>(*answer));
  answer = run(store_->changes({"another incarnation", start.position}));
  EXPECT_TRUE(std::holds_alternative<Resync>(*answer));
  EXPECT_EQ(run(store_->snapshot())->set.events.size(), 30U);
}

TEST_P(StoreConformance, WaitingEndsWithTheNextChange) {
  const Authority authority = lead();
  const Cursor cursor = run(store_->snapshot())->next;
  EXPECT_TRUE(run(store_->wait_for_changes(cursor, 1ms)));
  commit(of_events({review("1", "ann")}), authority);
  EXPECT_TRUE(run(store_->wait_for_changes(cursor, 1h)));
}

TEST_P(StoreConformance, LastEventsAreRememberedWithoutTheirEvents) {
  const Authority authority = lead();
  const TimePoint at = clock_.now() - 240h;
  Batch batch;
  batch.repositories = {{kRepo, "acme", "api"}};
  batch.last_events = {{kRepo, "ann", at}, {kRepo, "long gone", clock_.now() - 720h}};
  const Cursor start = run(store_->snapshot())->next;
  EXPECT_TRUE(commit(batch, authority));
  EXPECT_EQ(store_->health().active_series, 1U);
  const auto answer = run(store_->changes(start));
  const auto* told = std::get_if<Changes>(&*answer);
  ASSERT_NE(told, nullptr);
  ASSERT_EQ(told->set.last_events.size(), 1U);
  EXPECT_EQ(told->set.last_events[0].user, "ann");
  EXPECT_EQ(told->set.last_events[0].at, at);

  batch.last_events = {{kRepo, "ann", at - 1h}};
  EXPECT_TRUE(commit(batch, authority));
  const auto known = snapshot_set().last_events;
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].at, at) << "never backwards";
  EXPECT_EQ(commit(batch, {Role::kFollower, Source::kReplicaCounters, 0}).error().code, ErrorCode::kPermissionDenied);

  clock_.advance(480h);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_TRUE(snapshot_set().last_events.empty());
  EXPECT_EQ(store_->health().active_series, 0U);
}

TEST_P(StoreConformance, ALastEventBeyondTheBudgetIsRefused) {
  open({.max_series_budget = 1, .feed_length = 1000});
  const Authority authority = lead();
  Batch batch;
  batch.last_events = {{kRepo, "ann", clock_.now() - 240h}, {kRepo, "bob", clock_.now() - 240h}};
  EXPECT_EQ(commit(batch, authority)->series_refused, 1U);
  batch.last_events = {{kRepo, "ann", clock_.now() - 200h}};
  EXPECT_EQ(commit(batch, authority)->series_refused, 0U);
}

TEST_P(StoreConformance, ToldWhatAnotherRemembersItShowsTheSame) {
  const Authority authority = lead();
  Batch batch;
  batch.repositories = {{kRepo, "acme", "api"}, {RepoId{8}, "acme", "web"}};
  batch.value_sets = {{"cycle", {duration_of("a", 1)}}};
  batch.loc_records = {{.repo = kRepo, .users = {{"ann", 3, 4, {}}}, .asked_at = clock_.now()}};
  for (int i = 1; i <= 12'000; ++i) batch.events.push_back(review(std::to_string(i), "user-" + std::to_string(i % 50)));
  for (int i = 0; i < 50; ++i)
    batch.last_events.push_back({RepoId{8}, "user-" + std::to_string(i), clock_.now() - 99h});
  batch.increments = {{{Family::kScrapeRuns, {"acme", "success"}}, 2}};
  EXPECT_TRUE(commit(std::move(batch), authority));
  const ChangeSet remembered = snapshot_set();
  for (int again = 0; again < 2; ++again) {
    if (again == 0) open();
    const Authority next = lead();
    EXPECT_TRUE(run(retell(*store_, remembered, next)));
    const ChangeSet set = snapshot_set();
    EXPECT_EQ(set.repositories.size(), 2U);
    EXPECT_EQ(set.events.size(), 12'000U);
    EXPECT_EQ(set.last_events.size(), 50U);
    EXPECT_EQ(set.value_sets, remembered.value_sets);
    EXPECT_EQ(set.loc_records, remembered.loc_records);
    EXPECT_TRUE(set.counters.empty());
    EXPECT_EQ(store_->health().active_series, 50U + 50U + 50U + 1U + 4U);
  }
}

TEST_P(StoreConformance, BeyondTheBudgetOldSeriesLiveOnAndNewOnesAreRefused) {
  open({.max_series_budget = 2, .feed_length = 1000});  // one row: its reviews and its last event
  const Authority authority = lead();
  EXPECT_EQ(commit(of_events({review("1", "ann")}), authority)->series_refused, 0U);
  Batch batch = of_events({review("2", "ann"), review("3", "bob")});
  batch.checkpoints = {{kRepo, CollectionFamily::kReviews, clock_.now()}};
  const auto receipt = commit(std::move(batch), authority);
  EXPECT_EQ(receipt->events_new, 1U);
  EXPECT_EQ(receipt->series_refused, 1U);
  EXPECT_TRUE(store_->health().budget_full);
  // Otherwise the refused event would never be asked for again.
  EXPECT_TRUE(run(store_->checkpoints({kRepo}))->empty());
}

TEST_P(StoreConformance, ToldAgainWithAFullBudgetAKnownEventIsNoRefusal) {
  open({.max_series_budget = 2, .feed_length = 1000});
  const Authority authority = lead();
  commit(of_events({review("1", "ann")}), authority);
  ledger::Event renamed = review("1", "anna");
  renamed.version += 10s;
  Batch batch = of_events({review("1", "ann"), renamed, review("2", "bob"), review("3", "bob")});
  const auto receipt = commit(std::move(batch), authority);
  EXPECT_EQ(receipt->events_known, 1U);
  EXPECT_EQ(receipt->events_changed, 1U);
  EXPECT_EQ(receipt->series_refused, 1U);  // bob's reviews, one series
}

TEST_P(StoreConformance, GarbageGoesWhenRetentionEnds) {
  const Authority authority = lead();
  Batch batch = of_events({review("1", "ann")});
  batch.repositories = {{kRepo, "acme", "api"}};
  batch.checkpoints = {{kRepo, CollectionFamily::kReviews, clock_.now()}};
  commit(std::move(batch), authority);
  clock_.advance(700h);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(run(store_->checkpoints({kRepo}))->size(), 1U);
  EXPECT_EQ(snapshot_set().repositories.size(), 1U);
  EXPECT_EQ(snapshot_set().last_events.size(), 1U);
  clock_.advance(30h);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_TRUE(run(store_->checkpoints({kRepo}))->empty());
  EXPECT_TRUE(snapshot_set().repositories.empty());
  EXPECT_TRUE(snapshot_set().last_events.empty());
  EXPECT_EQ(store_->health().active_series, 0U);
}

}  // namespace ghstats::store::testing
