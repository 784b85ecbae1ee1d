// Promises about value sets whose writers do not come in order.
#include <algorithm>
#include <limits>
#include <optional>
#include <random>

#include "store/retell.h"
#include "store/testing/store_conformance.h"

namespace ghstats::store::testing {

namespace {

using namespace std::chrono_literals;

constexpr Authority kBackfill{Role::kFollower, Source::kWorkerBackfill, 0};

// `series` gauges of `value` that name their slot.
ValueSet report(std::string slot, std::optional<Edition> edition, std::size_t series = 1, double value = 1) {
  ValueSet set{.slot = std::move(slot), .samples = {}, .edition = std::move(edition)};
  for (std::size_t i = 0; i < series; ++i) {
    set.samples.push_back({{metrics::Family::kRateLimitRemaining, {set.slot, std::to_string(i)}}, value});
  }
  return set;
}

ValueSet without_edition(ValueSet set) {
  set.edition.reset();
  return set;
}

Batch of_sets(std::vector<ValueSet> sets) {
  Batch batch;
  batch.value_sets = std::move(sets);
  return batch;
}

ChangeSet telling(std::vector<ValueSet> sets) {
  ChangeSet out;
  out.value_sets = std::move(sets);
  return out;
}

std::vector<ValueSet> by_slot(std::vector<ValueSet> sets) {
  std::ranges::sort(sets, {}, &ValueSet::slot);
  return sets;
}

// What there is after `changes`, to who had followed the feed as far as `sets`.
void follow(std::map<std::string, ValueSet>& sets, const ChangeSet& changes) {
  for (const ValueSet& set : changes.value_sets) {
    sets.insert_or_assign(set.slot, set);
    if (set.samples.empty() && !set.edition) sets.erase(set.slot);
  }
}

std::vector<ValueSet> listed(const std::map<std::string, ValueSet>& sets) {
  std::vector<ValueSet> out;
  for (const auto& [slot, set] : sets) out.push_back(set);
  return out;
}

}  // namespace

TEST_P(StoreConformance, AnOlderEditionIsLeftOutAndTheRestOfTheBatchApplies) {
  const Authority authority = lead();
  const ValueSet newer = report("copilot/a", Edition{20, "2025-10-28"}, 2);
  EXPECT_EQ(commit(of_sets({newer}), authority)->sets_outdated, 0U);
  const Cursor cursor = run(store_->snapshot())->next;
  Batch late = of_sets({report("copilot/a", Edition{19, "2025-10-27"}, 5, 9), report("copilot/b", Edition{1})});
  late.events = {review("1", "ann")};
  const auto receipt = commit(late, kBackfill);
  EXPECT_EQ(receipt->sets_outdated, 1U);
  EXPECT_EQ(receipt->series_refused, 0U);
  EXPECT_EQ(receipt->events_new, 1U);
  EXPECT_EQ(by_slot(snapshot_set().value_sets), (std::vector{newer, late.value_sets[1]}));
  const auto changes = run(store_->changes(cursor));
  EXPECT_EQ(std::get<Changes>(*changes).set.value_sets, std::vector{late.value_sets[1]});
  const ValueSet newest = report("copilot/a", Edition{21, "2025-10-29"}, 1, 3);
  EXPECT_EQ(commit(of_sets({newest}), kBackfill)->sets_outdated, 0U);
  EXPECT_EQ(by_slot(snapshot_set().value_sets).at(0), newest);
}

TEST_P(StoreConformance, OfTheSameRankTheLaterSetReplaces) {
  const Authority authority = lead();
  commit(of_sets({report("copilot/a", Edition{20, "first"}, 3)}), authority);
  const ValueSet again = report("copilot/a", Edition{20, "second"}, 1, 2);
  EXPECT_EQ(commit(of_sets({again}), kBackfill)->sets_outdated, 0U);
  EXPECT_EQ(snapshot_set().value_sets, std::vector{again});
}

// Also those of one batch, and as far apart as ranks can be.
TEST_P(StoreConformance, RanksAreComparedAsNumbers) {
  const Authority authority = lead();
  using Limits = std::numeric_limits<std::int64_t>;
  const std::vector<std::int64_t> ranks = {Limits::min(),    -256,         -255, -1, 0, 1, 255, 256, 1LL << 53U,
                                           (1LL << 53U) + 1, Limits::max()};
  std::vector<ValueSet> rising;
  for (const std::int64_t rank : ranks) rising.push_back(report("copilot/a", Edition{rank, ""}));
  EXPECT_EQ(commit(of_sets(rising), authority)->sets_outdated, 0U);
  std::ranges::reverse(rising);
  EXPECT_EQ(commit(of_sets(rising), authority)->sets_outdated, ranks.size() - 1);
  EXPECT_EQ(run(store_->editions("copilot/"))->at(0).edition, (Edition{Limits::max(), ""}));
}

TEST_P(StoreConformance, AnEmptySetEndsTheSeriesAndItsEditionStays) {
  const Authority authority = lead();
  commit(of_sets({report("copilot/a", Edition{20, "full"}, 3)}), authority);
  const ValueSet ended = report("copilot/a", Edition{21, "nobody"}, 0);
  commit(of_sets({ended}), authority);
  EXPECT_EQ(store_->health().active_series, 0U);
  EXPECT_EQ(*run(store_->editions("")), (std::vector<SlotEdition>{{"copilot/a", ended.edition, 0}}));
  EXPECT_EQ(commit(of_sets({report("copilot/a", Edition{20, "late"})}), kBackfill)->sets_outdated, 1U);
  EXPECT_EQ(snapshot_set().value_sets, std::vector{ended});
  EXPECT_EQ(commit(of_sets({report("copilot/a", Edition{22, "back"})}), kBackfill)->sets_outdated, 0U);
  EXPECT_EQ(store_->health().active_series, 1U);
}

TEST_P(StoreConformance, ASetWithoutAnEditionReplacesAndItsEditionIsForgotten) {
  const Authority authority = lead();
  commit(of_sets({report("a", Edition{20, ""}, 3), report("b", Edition{20, ""}, 3)}), authority);
  const ValueSet plain = report("a", std::nullopt);
  const auto receipt = commit(of_sets({plain, report("b", std::nullopt, 0)}), authority);
  EXPECT_EQ(receipt->sets_outdated, 0U);
  EXPECT_EQ(snapshot_set().value_sets, std::vector{plain});
  EXPECT_EQ(*run(store_->editions("")), (std::vector<SlotEdition>{{"a", std::nullopt, 1}}));
  EXPECT_EQ(commit(of_sets({report("a", Edition{1, ""}), report("b", Edition{1, ""})}), kBackfill)->sets_outdated, 0U);
}

TEST_P(StoreConformance, BackfillWritesNoValueSetWithoutAnEdition) {
  const Authority authority = lead();
  Batch batch = of_sets({report("a", Edition{1, ""}), report("b", std::nullopt)});
  batch.events = {review("1", "ann")};
  const auto refused = commit(batch, kBackfill);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(refused.error().message.contains("edition")) << refused.error().message;
  EXPECT_TRUE(snapshot_set().value_sets.empty());
  EXPECT_TRUE(snapshot_set().events.empty()) << "all of it";
  EXPECT_TRUE(commit(batch, authority));
}

TEST_P(StoreConformance, EditionsAreListedByPrefixInTheOrderOfTheirSlots) {
  EXPECT_EQ(*run(store_->editions("")), std::vector<SlotEdition>{});
  const Authority authority = lead();
  const Edition edition{7, "2025-10-28 of org acme"};
  commit(of_sets({report("copilot/z", edition, 4), report("copilot/a", std::nullopt, 2), report("copilotless", edition),
                  report("copilo", edition), report("copilot/*", edition, 0), report("cycle", std::nullopt)}),
         authority);
  EXPECT_EQ(
      *run(store_->editions("copilot/")),
      (std::vector<SlotEdition>{{"copilot/*", edition, 0}, {"copilot/a", std::nullopt, 2}, {"copilot/z", edition, 4}}));
  EXPECT_EQ(run(store_->editions("copilot/*"))->size(), 1U) << "a prefix is no pattern";
  EXPECT_EQ(run(store_->editions(""))->size(), 6U);
}

// By a worker who comes after the one that remembered.
TEST_P(StoreConformance, EditionsThatAreToldAgainKeepOlderSetsOut) {
  constexpr ConformanceLimits kRoom{.max_series_budget = 100'000, .feed_length = 1000};
  open(kRoom);
  const Authority authority = lead();
  commit(of_sets({report("copilot/a", Edition{20, "x"}, 6'000), report("copilot/b", Edition{21, "y"}, 0),
                  report("copilot/c", Edition{20, "x"}, 6'000)}),
         authority);
  const ChangeSet remembered = snapshot_set();
  open(kRoom);
  EXPECT_TRUE(run(retell(*store_, remembered, kBackfill)));
  EXPECT_EQ(by_slot(snapshot_set().value_sets), by_slot(remembered.value_sets));
  const auto late =
      commit(of_sets({report("copilot/a", Edition{19, ""}), report("copilot/b", Edition{20, ""})}), kBackfill);
  EXPECT_EQ(late->sets_outdated, 2U);
  // Somebody who remembers less has the same to say, later.
  EXPECT_TRUE(run(retell(*store_, telling({report("copilot/a", Edition{18, ""})}), kBackfill)));
  EXPECT_EQ(by_slot(snapshot_set().value_sets), by_slot(remembered.value_sets));
}

TEST_P(StoreConformance, ASetWithAnEditionThatTheBudgetHasNoRoomForIsLeftOutAsAWhole) {
  open({.max_series_budget = 3, .feed_length = 1000});
  const Authority authority = lead();
  const Edition edition{20, "fits"};
  const ValueSet fits = report("copilot/a", edition, 3);
  commit(of_sets({fits}), authority);
  const Edition next{21, "does not"};
  const auto receipt = commit(
      of_sets({report("copilot/a", next, 5), report("copilot/b", next, 1), report("copilot/c", next, 0)}), authority);
  EXPECT_EQ(receipt->series_refused, 3U);
  EXPECT_EQ(receipt->sets_outdated, 0U);
  EXPECT_EQ(*run(store_->editions("")), (std::vector<SlotEdition>{{"copilot/a", edition, 3}, {"copilot/c", next, 0}}));
  EXPECT_EQ(by_slot(snapshot_set().value_sets), by_slot({fits, report("copilot/c", next, 0)}));
  EXPECT_EQ(store_->health().active_series, 3U);
  // In the place of what is there it has room.
  EXPECT_EQ(commit(of_sets({report("copilot/a", next, 3)}), authority)->series_refused, 0U);
}

TEST_P(StoreConformance, OfReportsThatAreLargerThanTheFeedTheLastOneIsFollowed) {
  open({.max_series_budget = 1000, .feed_length = 10});
  const Authority authority = lead();
  commit(of_sets({report("copilot/a", Edition{19, ""})}), authority);
  const Cursor start = run(store_->snapshot())->next;
  const ValueSet first = report("copilot/a", Edition{20, ""}, 30);
  commit(of_sets({first}), authority);
  const auto followed = run(store_->changes(start));
  ASSERT_TRUE(std::holds_alternative<Changes>(*followed));
  EXPECT_EQ(std::get<Changes>(*followed).set.value_sets, std::vector{first});
  const ValueSet second = report("copilot/a", Edition{21, ""}, 29);
  commit(of_sets({second}), authority);
  const auto again = run(store_->changes(std::get<Changes>(*followed).next));
  ASSERT_TRUE(std::holds_alternative<Changes>(*again));
  EXPECT_EQ(std::get<Changes>(*again).set.value_sets, std::vector{second});
  EXPECT_TRUE(std::holds_alternative<Resync>(*run(store_->changes(start)))) << "no room for both";
}

TEST_P(StoreConformance, WhatIsNotToldAgainEndsWithRetentionAndSoDoesItsEdition) {
  const Authority authority = lead();
  commit(of_sets({report("ended", Edition{7, "a"}, 0), report("shown", Edition{7, "a"}, 3),
                  report("told again", Edition{7, "a"}, 2)}),
         authority);
  clock_.advance(700h);
  commit(of_sets({report("told again", Edition{7, "a"}, 2)}), authority);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(run(store_->editions(""))->size(), 3U);
  clock_.advance(30h);
  const Cursor before = run(store_->snapshot())->next;
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  const auto left = run(store_->editions(""));
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().slot, "told again");
  EXPECT_EQ(store_->health().active_series, 2U);
  const auto changes = run(store_->changes(before));
  ASSERT_TRUE(changes);
  EXPECT_EQ(by_slot(std::get<Changes>(*changes).set.value_sets),
            (std::vector<ValueSet>{report("ended", std::nullopt, 0), report("shown", std::nullopt, 0)}));
  commit(of_sets({report("shown", Edition{6, "older"}, 1)}), authority);
  EXPECT_EQ(run(store_->editions("shown"))->size(), 1U);
}

TEST_P(StoreConformance, WhateverTheOrderOfWritersTheStoreTheFeedAndTheListsAgree) {
  const Authority authority = lead();
  std::mt19937 random(12);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  std::map<std::string, ValueSet> expected;
  std::map<std::string, ValueSet> followed;
  Cursor cursor = run(store_->snapshot())->next;
  for (int round = 0; round < 150; ++round) {
    Batch batch;
    std::size_t outdated = 0;
    for (unsigned sets = 1 + below(3); sets > 0; --sets) {
      ValueSet set = report("slot-" + std::to_string(below(4)), Edition{below(12), "of " + std::to_string(round)},
                            below(4), below(3));
      if (below(8) == 0) set = without_edition(std::move(set));
      const auto known = expected.find(set.slot);
      const bool late = known != expected.end() && known->second.edition && set.edition &&
                        known->second.edition->rank > set.edition->rank;
      if (late) {
        ++outdated;
      } else {
        follow(expected, telling({set}));
      }
      batch.value_sets.push_back(std::move(set));
    }
    const bool by_leader =
        below(2) == 0 || std::ranges::any_of(batch.value_sets, [](const ValueSet& set) { return !set.edition; });
    const auto receipt = commit(batch, by_leader ? authority : kBackfill);
    ASSERT_TRUE(receipt);
    ASSERT_EQ(receipt->sets_outdated, outdated) << "round " << round;
    ASSERT_EQ(by_slot(snapshot_set().value_sets), listed(expected)) << "round " << round;
    if (below(3) == 0) {
      auto answer = run(store_->changes(cursor));
      ASSERT_TRUE(std::holds_alternative<Changes>(*answer));
      follow(followed, std::get<Changes>(*answer).set);
      cursor = std::get<Changes>(*answer).next;
      ASSERT_EQ(listed(followed), listed(expected)) << "round " << round;
    }
    std::vector<SlotEdition> slots;
    std::size_t series = 0;
    for (const auto& [slot, set] : expected) {
      slots.push_back({slot, set.edition, set.samples.size()});
      series += set.samples.size();
    }
    ASSERT_EQ(*run(store_->editions("slot-")), slots) << "round " << round;
    ASSERT_EQ(store_->health().active_series, series) << "round " << round;
  }
}

}  // namespace ghstats::store::testing
