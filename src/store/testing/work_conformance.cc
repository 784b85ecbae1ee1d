// Promises about work that replicas share: claims, allowances and the state of lines of code.
#include "store/testing/store_conformance.h"

namespace ghstats::store::testing {

using namespace std::chrono_literals;

namespace {

Batch of_loc(LocRecord record) {
  Batch batch;
  batch.repositories = {{record.repo, "acme", "api"}};
  batch.loc_records.push_back(std::move(record));
  return batch;
}

}  // namespace

TEST_P(StoreConformance, LinesOfCodeAreNotReplacedByAQuestionWithoutAnAnswer) {
  const Authority authority = lead();
  LocRecord known{.repo = kRepo, .users = {{"ann", 5, 2, {}}}, .week = clock_.now() - 200h, .asked_at = clock_.now()};
  commit(of_loc(known), authority);
  const auto stored = [&] { return run(store_->loc_records({kRepo}))->at(0); };
  LocRecord asked{.repo = kRepo, .asked_at = clock_.now() + 1min};
  commit(of_loc(asked), authority);
  EXPECT_EQ(stored(), known);
  // Of the same question: the later week, in whatever order.
  LocRecord settled = known;
  settled.week += 168h;
  commit(of_loc(settled), authority);
  commit(of_loc(known), authority);
  EXPECT_EQ(stored(), settled);
  // A clock that was wrong holds nothing up.
  known.asked_at += 2min;
  commit(of_loc(known), authority);
  EXPECT_EQ(stored(), known);
}

TEST_P(StoreConformance, AClaimIsHeldByOneUntilItIsReleasedOrItsTimeIsOver) {
  EXPECT_TRUE(*run(store_->claim("a", 1h)));
  EXPECT_FALSE(*run(store_->claim("a", 1h)));
  EXPECT_TRUE(*run(store_->claim("b", 1h)));
  EXPECT_TRUE(run(store_->release("a")));
  EXPECT_TRUE(run(store_->release("a")));
  EXPECT_TRUE(*run(store_->claim("a", 2h)));
  clock_.advance(1h);
  EXPECT_FALSE(*run(store_->claim("a", 1h)));
  EXPECT_TRUE(*run(store_->claim("b", 1h)));
}

TEST_P(StoreConformance, AnAllowanceIsSharedAndBeginsAnewWithEachPeriod) {
  const Allowance jobs{"jobs/acme", 10, 60s};
  clock_.advance(60s - (clock_.now().time_since_epoch() % 60s));
  EXPECT_EQ(*run(store_->draw(jobs, 4)), 4);
  EXPECT_EQ(*run(store_->draw(jobs, 0)), 0);
  EXPECT_EQ(*run(store_->draw(jobs, 9)), 6);
  EXPECT_EQ(*run(store_->draw(jobs, 1)), 0);
  EXPECT_EQ(*run(store_->draw({"jobs/umbrella", 10, 60s}, 1)), 1);
  clock_.advance(59s);
  EXPECT_EQ(*run(store_->draw(jobs, 1)), 0);
  clock_.advance(1s);
  EXPECT_EQ(*run(store_->draw(jobs, 11)), 10);
}

// The store's own clock may not be the one that a test moves.
TEST_P(StoreConformance, ANoticeBarsAllUntilItIsOver) {
  const auto standing = [&] { return *run(store_->admit({.bars = {"limit/a", "cooldown/acme"}})); };
  EXPECT_FALSE(standing());
  EXPECT_TRUE(run(store_->announce({"cooldown/acme", 1h, "too many failures"})));
  EXPECT_TRUE(run(store_->announce({"cooldown/umbrella", 2h, "of another"})));
  ASSERT_TRUE(standing());
  EXPECT_EQ(standing()->name, "cooldown/acme");
  EXPECT_EQ(standing()->text, "too many failures");
  EXPECT_GT(standing()->left, 59min);
  EXPECT_LE(standing()->left, 1h);
  EXPECT_FALSE(*run(store_->admit({.bars = {"limit/a"}})));

  // A shorter one ends nothing, a longer one takes its place.
  EXPECT_TRUE(run(store_->announce({"cooldown/acme", 1min, "shorter"})));
  EXPECT_GT(standing()->left, 59min);
  EXPECT_TRUE(run(store_->announce({"cooldown/acme", 3h, "longer"})));
  EXPECT_GT(standing()->left, 179min);
  EXPECT_EQ(standing()->text, "longer");

  // The first one named is told.
  EXPECT_TRUE(run(store_->announce({"limit/a", 300ms, ""})));
  EXPECT_EQ(standing()->name, "limit/a");
  EXPECT_TRUE(passes(300ms, [&] { return standing()->name == "cooldown/acme"; }));
}

TEST_P(StoreConformance, NoticesCanBeReadWhileTheyLast) {
  const std::vector<std::string> names = {"known/a", "known/b", "known/c"};
  EXPECT_TRUE(run(store_->announced(names))->empty());
  EXPECT_TRUE(run(store_->announced({}))->empty());
  EXPECT_TRUE(run(store_->announce({"known/c", 1h, "3 failures"})));
  EXPECT_TRUE(run(store_->announce({"known/a", 300ms, ""})));
  EXPECT_TRUE(run(store_->announce({"known/c", 1h + 1s, "4 failures"})));
  const auto found = run(store_->announced(names));
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(0).name, "known/a");
  EXPECT_EQ(found->at(1).name, "known/c");
  EXPECT_EQ(found->at(1).text, "4 failures");
  EXPECT_GT(found->at(1).left, 59min);
  EXPECT_TRUE(passes(300ms, [&] { return run(store_->announced(names))->size() == 1; }));
}

TEST_P(StoreConformance, ABudgetIsSpentByAllAndRefilledEvenly) {
  const auto spend = [&](std::int64_t points, const std::string& name = "points/a") {
    return *run(store_->admit({.budget = Budget{name, points, 10, 200ms}}));
  };
  EXPECT_FALSE(spend(4));
  EXPECT_FALSE(spend(6));
  const auto refused = spend(1);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->name, "points/a");
  EXPECT_GT(refused->left, 0ns);
  EXPECT_LE(refused->left, 200ms);
  EXPECT_GT(spend(3)->left, 200ms);
  EXPECT_FALSE(spend(0, "points/b"));
  EXPECT_FALSE(spend(25, "points/b")) << "more than it holds need a full one";
  EXPECT_GT(spend(1, "points/b")->left, 1s);

  EXPECT_TRUE(passes(200ms, [&] { return !spend(1); }));
  EXPECT_TRUE(spend(10)) << "nothing was saved up";
  // A bar is looked at first, and spends nothing.
  EXPECT_TRUE(run(store_->announce({"limit/a", 1h, ""})));
  EXPECT_EQ((*run(store_->admit({.bars = {"limit/a"}, .budget = Budget{"points/c", 10, 10, 100s}})))->name, "limit/a");
  EXPECT_FALSE((*run(store_->admit({.budget = Budget{"points/c", 10, 10, 100s}}))));
}

TEST_P(StoreConformance, TheLocRecordAskedForLastWins) {
  const Authority authority = lead();
  LocRecord record{.repo = kRepo, .users = {{"ann", 5, 2, {}}}, .asked_at = clock_.now()};
  commit(of_loc(record), authority);
  LocRecord older = record;
  older.users[0].added = 1;
  older.asked_at -= 1h;
  commit(of_loc(older), authority);
  const auto known = run(store_->loc_records({RepoId{1}, kRepo}));
  ASSERT_EQ(known->size(), 1U);
  EXPECT_EQ(known->at(0), record);
  ASSERT_EQ(snapshot_set().loc_records.size(), 1U);
  EXPECT_EQ(snapshot_set().loc_records[0], record);
  EXPECT_EQ(store_->health().active_series, 4U);
}

TEST_P(StoreConformance, TheFeedTellsLocRecordsAndTheirEnd) {
  const Authority authority = lead();
  const Cursor start = run(store_->snapshot())->next;
  const LocRecord record{.repo = kRepo, .users = {{"ann", 5, 2, {}}}, .asked_at = clock_.now()};
  commit(of_loc(record), authority);
  auto changes = run(store_->changes(start));
  const auto* told = std::get_if<Changes>(&*changes);
  ASSERT_NE(told, nullptr);
  ASSERT_EQ(told->set.loc_records.size(), 1U);
  EXPECT_EQ(told->set.loc_records[0], record);

  clock_.advance(720h);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  const Cursor renewed = told->next;
  changes = run(store_->changes(renewed));
  told = std::get_if<Changes>(&*changes);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->set.ended_loc, std::vector{kRepo});
  EXPECT_TRUE(run(store_->loc_records({kRepo}))->empty());
  EXPECT_EQ(store_->health().active_series, 0U);
  // A reader that slept through both is told the end only.
  changes = run(store_->changes(start));
  told = std::get_if<Changes>(&*changes);
  ASSERT_NE(told, nullptr);
  EXPECT_TRUE(told->set.loc_records.empty());
  EXPECT_EQ(told->set.ended_loc, std::vector{kRepo});
}

TEST_P(StoreConformance, ALocRecordBeyondTheBudgetIsRefusedAndTheOldOneStays) {
  open({.max_series_budget = 4, .feed_length = 1000});
  const Authority authority = lead();
  LocRecord record{.repo = kRepo, .users = {{"ann", 5, 2, {}}}, .asked_at = clock_.now()};
  EXPECT_EQ(commit(of_loc(record), authority)->series_refused, 0U);
  LocRecord more = record;
  more.users.push_back({"bob", 1, 1, {}});
  more.asked_at += 1s;
  EXPECT_EQ(commit(of_loc(more), authority)->series_refused, 2U);
  EXPECT_EQ(run(store_->loc_records({kRepo}))->at(0), record);
  record.users[0].added = 6;
  record.asked_at += 2s;
  EXPECT_EQ(commit(of_loc(record), authority)->series_refused, 0U);
  EXPECT_EQ(run(store_->loc_records({kRepo}))->at(0).users[0].added, 6);
}

}  // namespace ghstats::store::testing
