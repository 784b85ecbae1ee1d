#include "ledger/row_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ghstats::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr RepoId kRepo{7};

TEST(RowTable, ARowIsOfOneUserInOneRepository) {
  RowTable rows;
  const RowIndex ann = rows.find_or_add(kRepo, "ann");
  EXPECT_EQ(rows.find_or_add(kRepo, "ann"), ann);
  EXPECT_NE(rows.find_or_add(kRepo, "bob"), ann);
  EXPECT_NE(rows.find_or_add(RepoId{8}, "ann"), ann);
  EXPECT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.repo(ann), kRepo);
  EXPECT_EQ(rows.user(ann), "ann");
  EXPECT_EQ(rows.find(RepoId{8}, "bob"), std::nullopt);
  EXPECT_EQ(rows.number_of(RepoId{9}), std::nullopt);
}

TEST(RowTable, TellsEachChangedRowOnceAndThenForgetsARetiredOne) {
  RowTable rows;
  const RowIndex ann = rows.find_or_add(kRepo, "ann");
  rows.mark_changed(ann);
  rows.mark_changed(ann);
  EXPECT_THAT(rows.take_changed(), ElementsAre(ann));
  rows[ann].retired = true;
  EXPECT_THAT(rows.take_changed(), IsEmpty()) << "not before it is told";
  EXPECT_EQ(rows.find(kRepo, "ann"), ann);
  rows.mark_changed(ann);
  EXPECT_THAT(rows.take_changed(), ElementsAre(ann));
  EXPECT_EQ(rows.find(kRepo, "ann"), std::nullopt);
  EXPECT_EQ(rows.find_or_add(kRepo, "bob"), ann) << "the index is free";
  EXPECT_EQ(rows[ann].last, kNever);
}

TEST(RowTable, ARowIsDueOnceAndWhenItWasScheduledFirst) {
  RowTable rows;
  const RowIndex ann = rows.find_or_add(kRepo, "ann");
  const RowIndex bob = rows.find_or_add(kRepo, "bob");
  rows.schedule(ann, 100);
  rows.schedule(ann, 50);
  rows.schedule(bob, 101);
  EXPECT_THAT(rows.take_due(99), IsEmpty());
  EXPECT_THAT(rows.take_due(100), ElementsAre(ann));
  EXPECT_THAT(rows.take_due(100), IsEmpty());
  rows.schedule(ann, 200);
  EXPECT_THAT(rows.take_due(101), ElementsAre(bob));
  EXPECT_THAT(rows.take_due(200), ElementsAre(ann));
}

}  // namespace
}  // namespace ghstats::ledger
