#include "metrics/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace ghstats::metrics {
namespace {

TEST(Catalogue, NamesEachFamilyOnce) {
  std::set<std::string_view> names;
  for (const FamilyInfo& family : catalogue()) EXPECT_TRUE(names.insert(family.name).second) << family.name;
}

TEST(Catalogue, EndsExactlyCountersInTotal) {
  for (const FamilyInfo& family : catalogue()) {
    EXPECT_EQ(family.name.ends_with("_total"), family.type == Type::kCounter) << family.name;
  }
}

TEST(Catalogue, EndsNamesInTheirUnit) {
  for (const FamilyInfo& family : catalogue()) {
    if (family.unit.empty()) continue;
    std::string name(family.name);
    if (family.type == Type::kCounter) name.resize(name.size() - std::string_view("_total").size());
    EXPECT_TRUE(name.ends_with("_" + std::string(family.unit))) << family.name;
  }
}

TEST(Catalogue, ExplainsEveryFamilyInASentence) {
  for (const FamilyInfo& family : catalogue()) {
    EXPECT_TRUE(family.help.ends_with('.')) << family.name;
    EXPECT_EQ(family.help.find('\n'), std::string_view::npos) << family.name;
  }
}

TEST(Catalogue, GivesBucketsToHistogramsAlone) {
  for (const FamilyInfo& family : catalogue()) {
    EXPECT_EQ(family.type == Type::kHistogram, !family.buckets.empty()) << family.name;
    EXPECT_TRUE(std::ranges::is_sorted(family.buckets, std::less_equal<>{})) << family.name;
  }
}

TEST(Catalogue, KeepsLabelNamesValidAndDistinct) {
  for (const FamilyInfo& family : catalogue()) {
    const std::set<std::string_view> distinct(family.labels.begin(), family.labels.end());
    EXPECT_EQ(distinct.size(), family.labels.size()) << family.name;
    for (const std::string_view label : family.labels) {
      EXPECT_TRUE(std::ranges::all_of(label, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) << label;
      EXPECT_NE(label, "le") << family.name;
    }
  }
}

// Two replicas behind one address must not look like one counter that goes back.
TEST(Catalogue, LabelsAReplicasOwnCountersWithTheReplica) {
  for (const FamilyInfo& family : catalogue()) {
    if (family.scope != Scope::kReplica || family.type != Type::kCounter) continue;
    EXPECT_NE(std::ranges::find(family.labels, "replica"), family.labels.end()) << family.name;
  }
}

TEST(Catalogue, KeepsGroupsTogether) {
  std::set<Group> seen;
  const FamilyInfo* previous = nullptr;
  for (const FamilyInfo& family : catalogue()) {
    if (previous == nullptr || previous->group != family.group) {
      EXPECT_TRUE(seen.insert(family.group).second) << family.name;
    }
    previous = &family;
  }
}

TEST(MetricsDocument, SaysByWhichKeyAFamilyIsSwitchedOn) {
  const std::string document = metrics_document();
  const auto line = document.substr(document.find("\n| `gh_activity_review_comments_24h` | ") + 1);
  EXPECT_NE(line.substr(0, line.find('\n')).find(" Only with `activity.review_comments: true`. |"), std::string::npos);
  const auto always = document.substr(document.find("\n| `gh_activity_commits_24h` | ") + 1);
  EXPECT_EQ(always.substr(0, always.find('\n')).find("Only with"), std::string::npos);
}

TEST(MetricsDocument, HasARowForEveryFamily) {
  const std::string document = metrics_document();
  for (const FamilyInfo& family : catalogue()) {
    EXPECT_NE(document.find("\n| `" + std::string(family.name) + "` | "), std::string::npos) << family.name;
  }
}

}  // namespace
}  // namespace ghstats::metrics
