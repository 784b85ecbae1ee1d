#include "copilot/breakdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <random>
#include <string>

namespace ghstats::copilot {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr LabelSet kEveryLabel = kIde | kFeature | kLanguage | kModel;
constexpr std::size_t kGenerations = 1;

Counters generations(std::uint64_t value) {
  Counters out;
  out.set(kGenerations, value);
  return out;
}

std::vector<UsageRow>& rows(Usage& usage, Array array) {
  return usage.arrays[index_of(array)];
}

// What a split tells of code generations.
std::vector<std::pair<Labels, std::uint64_t>> told(const Usage& usage, LabelSet switched_on,
                                                   std::size_t counter = kGenerations) {
  std::vector<UsageRow> out;
  split(usage, switched_on, out);
  std::map<Labels, std::uint64_t> sums;
  for (const UsageRow& row : out) {
    if (row.counters.has(counter)) sums[row.labels] += row.counters.values[counter];
  }
  return {sums.begin(), sums.end()};
}

TEST(Breakdown, UsesOnlyWhatAnArrayHas) {
  for (const Recipe& recipe : kRecipes) {
    LabelSet outer = 0;
    for (std::size_t i = 0; i < recipe.depth; ++i) {
      const Level& level = recipe.levels[i];
      EXPECT_EQ(level.labels & ~row(level.array).labels, 0);
      EXPECT_EQ(outer & ~level.labels, 0) << "the inner labels hold the outer ones";
      EXPECT_EQ(std::popcount(level.labels), std::popcount(outer) + 1);
      if (recipe.has_interactions) EXPECT_TRUE(row(level.array).has_interactions);
      outer = level.labels;
    }
    EXPECT_EQ(outer, recipe.labels);
  }
}

TEST(Breakdown, HasARecipeForEveryChoice) {
  for (LabelSet on = 0; on <= kEveryLabel; ++on) {
    for (std::size_t counter = 0; counter < kCounters.size(); ++counter) {
      const Recipe& recipe = recipe_for(on, counter);
      EXPECT_EQ(recipe.labels & ~on, 0);
      if (counter == kInteractions) EXPECT_TRUE(recipe.has_interactions);
    }
  }
}

TEST(Breakdown, ServesEveryLabelThatIsSwitchedOnAlone) {
  for (const LabelRow& label : kLabelRows) EXPECT_EQ(unserved(label.bit), 0) << label.name;
}

TEST(Breakdown, SaysWhichLabelsHaveNoEffect) {
  EXPECT_EQ(unserved(0), 0);
  EXPECT_EQ(unserved(kFeature | kLanguage | kModel), 0);
  EXPECT_EQ(unserved(kIde | kLanguage), 0) << "interactions have it";
  EXPECT_EQ(unserved(kIde | kFeature), kIde);
  EXPECT_EQ(unserved(kIde | kModel), kIde);
  EXPECT_EQ(unserved(kEveryLabel), kIde);
}

TEST(Breakdown, ReadsTheArraysThatItUsesAlone) {
  EXPECT_EQ(arrays_needed(0), 0);
  EXPECT_EQ(arrays_needed(kIde), 1U << index_of(Array::kIde));
  EXPECT_EQ(arrays_needed(kLanguage | kModel), 1U << index_of(Array::kLanguageFeature) |
                                                   1U << index_of(Array::kLanguageModel) |
                                                   1U << index_of(Array::kModelFeature));
}

TEST(Breakdown, TellsTheTotalWithoutLabelsWhileNothingIsSwitchedOn) {
  Usage usage{.counters = generations(7)};
  rows(usage, Array::kFeature) = {{{.feature = "chat"}, generations(7)}};
  EXPECT_THAT(told(usage, 0), ElementsAre(Pair(Labels{}, 7)));
}

TEST(Breakdown, TellsTheRestOfTheTotalWithoutLabels) {
  Usage usage{.counters = generations(10)};
  rows(usage, Array::kFeature) = {{{.feature = "chat"}, generations(3)}, {{.feature = "completion"}, generations(6)}};
  EXPECT_THAT(told(usage, kFeature), UnorderedElementsAre(Pair(Labels{}, 1), Pair(Labels{.feature = "chat"}, 3),
                                                          Pair(Labels{.feature = "completion"}, 6)));
}

TEST(Breakdown, TellsNoRestOfZero) {
  Usage usage{.counters = generations(3)};
  rows(usage, Array::kFeature) = {{{.feature = "chat"}, generations(3)}, {{.feature = "completion"}, generations(0)}};
  EXPECT_THAT(told(usage, kFeature),
              UnorderedElementsAre(Pair(Labels{.feature = "chat"}, 3), Pair(Labels{.feature = "completion"}, 0)));
}

TEST(Breakdown, TellsATotalOfZero) {
  const Usage usage{.counters = generations(0)};
  for (LabelSet on = 0; on <= kEveryLabel; ++on) EXPECT_THAT(told(usage, on), ElementsAre(Pair(Labels{}, 0)));
}

TEST(Breakdown, TellsTheRestOfAFeatureWithoutALanguage) {
  Usage usage{.counters = generations(10)};
  rows(usage, Array::kFeature) = {{{.feature = "chat"}, generations(3)}, {{.feature = "completion"}, generations(6)}};
  rows(usage, Array::kLanguageFeature) = {{{.feature = "completion", .language = "go"}, generations(5)}};
  EXPECT_THAT(told(usage, kFeature | kLanguage),
              UnorderedElementsAre(Pair(Labels{}, 1), Pair(Labels{.feature = "chat"}, 3),
                                   Pair(Labels{.feature = "completion"}, 1),
                                   Pair(Labels{.feature = "completion", .language = "go"}, 5)));
}

TEST(Breakdown, BelievesTheTotalWhereAnArrayHasMore) {
  Usage usage{.counters = generations(5)};
  rows(usage, Array::kFeature) = {{{.feature = "chat"}, generations(3)}, {{.feature = "completion"}, generations(6)}};
  EXPECT_THAT(told(usage, kFeature), ElementsAre(Pair(Labels{}, 5)));
}

TEST(Breakdown, BelievesTheFeatureWhereItsLanguagesHaveMore) {
  Usage usage{.counters = generations(9)};
  rows(usage, Array::kFeature) = {{{.feature = "chat"}, generations(3)}, {{.feature = "completion"}, generations(6)}};
  rows(usage, Array::kLanguageFeature) = {{{.feature = "chat", .language = "go"}, generations(4)},
                                          {{.feature = "completion", .language = "go"}, generations(6)},
                                          {{.feature = "unheard of", .language = "go"}, generations(1)}};
  EXPECT_THAT(told(usage, kFeature | kLanguage),
              UnorderedElementsAre(Pair(Labels{.feature = "chat"}, 3),
                                   Pair(Labels{.feature = "completion", .language = "go"}, 6)));
}

TEST(Breakdown, JudgesEachCounterByItself) {
  Usage usage{.counters = generations(5)};
  usage.counters.set(2, 5);
  UsageRow row{{.feature = "chat"}, generations(6)};
  row.counters.set(2, 4);
  rows(usage, Array::kFeature) = {row};
  EXPECT_THAT(told(usage, kFeature), ElementsAre(Pair(Labels{}, 5)));
  EXPECT_THAT(told(usage, kFeature, 2), UnorderedElementsAre(Pair(Labels{}, 1), Pair(Labels{.feature = "chat"}, 4)));
}

TEST(Breakdown, PassesOverAnArrayWithoutRows) {
  Usage usage{.counters = generations(5)};
  rows(usage, Array::kLanguageFeature) = {{{.feature = "completion", .language = "go"}, generations(4)}};
  EXPECT_THAT(told(usage, kFeature | kLanguage),
              UnorderedElementsAre(Pair(Labels{}, 1), Pair(Labels{.feature = "completion", .language = "go"}, 4)));
}

TEST(Breakdown, AddsUpRowsThatDifferInOtherLabels) {
  Usage usage{.counters = generations(5)};
  rows(usage, Array::kLanguageFeature) = {{{.feature = "completion", .language = "go"}, generations(3)},
                                          {{.feature = "chat", .language = "go"}, generations(2)}};
  EXPECT_THAT(told(usage, kLanguage), ElementsAre(Pair(Labels{.language = "go"}, 5)));
}

TEST(Breakdown, TellsInteractionsByAnotherArrayWhereLanguagesAreNotTold) {
  Usage usage;
  usage.counters.set(kInteractions, 4);
  usage.counters.set(kGenerations, 4);
  UsageRow model{{.feature = "chat", .model = "gpt-5"}, generations(1)};
  model.counters.set(kInteractions, 3);
  rows(usage, Array::kModelFeature) = {model};
  rows(usage, Array::kLanguageFeature) = {{{.feature = "chat", .language = "go"}, generations(2)}};
  EXPECT_THAT(told(usage, kLanguage | kModel, kInteractions),
              UnorderedElementsAre(Pair(Labels{}, 1), Pair(Labels{.model = "gpt-5"}, 3)));
  EXPECT_THAT(told(usage, kLanguage | kModel),
              UnorderedElementsAre(Pair(Labels{}, 2), Pair(Labels{.language = "go"}, 2)));
}

TEST(Breakdown, TellsNoCounterThatTheTotalDoesNotTell) {
  Usage usage{.counters = generations(5)};
  UsageRow row{{.feature = "chat"}, generations(5)};
  row.counters.set(2, 4);
  rows(usage, Array::kFeature) = {row};
  EXPECT_THAT(told(usage, kFeature, 2), IsEmpty());
}

TEST(Breakdown, WrapsNoNumber) {
  Usage usage{.counters = generations(5)};
  rows(usage, Array::kFeature) = {{{.feature = "a"}, generations(kSaturated - 1)}, {{.feature = "b"}, generations(7)}};
  EXPECT_THAT(told(usage, kFeature), ElementsAre(Pair(Labels{}, 5)));
  usage.counters = generations(kSaturated);
  EXPECT_THAT(told(usage, kFeature), ElementsAre(Pair(Labels{}, kSaturated)));
}

// Arrays that hold anything at all.
TEST(Breakdown, AddsUpToTheTotalForEveryChoiceOfLabels) {
  std::mt19937_64 random(12);
  const auto below = [&](std::uint64_t end) { return random() % end; };
  constexpr std::array<std::string_view, 4> kTexts = {"", "a", "b", "c"};
  for (int round = 0; round < 400; ++round) {
    Usage usage;
    const std::uint64_t huge = below(20) == 0 ? kSaturated / 2 : 0;
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      if (below(10) != 0) usage.counters.set(i, below(30) + huge);
    }
    for (auto& array : usage.arrays) {
      for (std::uint64_t left = below(7); left > 0; --left) {
        UsageRow& row = array.emplace_back();
        for (const LabelRow& label : kLabelRows) row.labels.*label.member = kTexts[below(kTexts.size())];
        for (std::size_t i = 0; i < kCounters.size(); ++i) {
          if (below(6) != 0) row.counters.set(i, below(10) + (below(9) == 0 ? huge : 0));
        }
      }
    }
    for (LabelSet on = 0; on <= kEveryLabel; ++on) {
      std::vector<UsageRow> out;
      split(usage, on, out);
      Counters sum;
      for (const UsageRow& row : out) {
        sum.add(row.counters);
        for (const LabelRow& label : kLabelRows) {
          if ((on & label.bit) == 0) ASSERT_EQ(row.labels.*label.member, "") << "not switched on";
        }
      }
      ASSERT_EQ(sum, usage.counters) << "round " << round << ", labels " << int{on};
    }
  }
}

}  // namespace
}  // namespace ghstats::copilot
