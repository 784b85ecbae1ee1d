#include "kinds/activity_kinds.h"

#include <gtest/gtest.h>

#include <set>

namespace ghstats::kinds {
namespace {

// What stores, jobs and dashboards hold already outlives every version of the program.
TEST(ActivityKinds, KeepTheirNumbersAndNames) {
  const std::vector<std::string_view> kinds = {"commit",        "pr_opened",      "pr_merged",    "review",
                                               "issue_comment", "review_comment", "issue_opened", "issue_closed"};
  for (std::size_t i = 0; i < kinds.size(); ++i) EXPECT_EQ(to_string(static_cast<EventKind>(i)), kinds[i]);
  const std::vector<std::string_view> families = {"commits",        "pull_requests",   "reviews",
                                                  "issue_comments", "review_comments", "issues"};
  for (std::size_t i = 0; i < families.size(); ++i) {
    EXPECT_EQ(to_string(static_cast<CollectionFamily>(i)), families[i]);
  }
}

TEST(ActivityKinds, AreNamedOnceAndEachFamilyIsOfSomeKind) {
  std::set<std::string_view> names;
  std::set<CollectionFamily> used;
  for (const KindRow& kind : kKindRows) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_TRUE(names.insert(kind.metric).second) << kind.metric;
    EXPECT_TRUE(kind.metric.starts_with("gh_activity_") && kind.metric.ends_with("_24h")) << kind.metric;
    used.insert(kind.family);
  }
  EXPECT_EQ(used.size(), kCollectionFamilies);
}

TEST(ActivityKinds, WhatIsOffByDefaultHasAKeyToSwitchItOn) {
  for (const FamilyRow& family : kFamilyRows) {
    EXPECT_TRUE(family.on_by_default || family.key.starts_with("activity.")) << family.name;
    EXPECT_EQ(family.key.empty(), family.key_meaning.empty()) << family.name;
  }
  EXPECT_EQ(families_of(kDefaultFamilies).size(), 4U);
  EXPECT_EQ(families_of(kEveryFamily), (std::vector<CollectionFamily>{kAllFamilies.begin(), kAllFamilies.end()}));
}

}  // namespace
}  // namespace ghstats::kinds
