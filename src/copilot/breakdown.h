// Which array of a usage feeds which labels: the mapping table of docs/copilot.md, and the function that obeys it.
//
// GitHub tells a usage's numbers at its top (the total) and again in five arrays, each by one or two labels. No array
// has more than two, and none has `ide` and another one. Each family is fed by one choice of arrays whose labels lie
// within each other ("feature, language" within "feature" within the total), so that nothing is counted twice; what the
// inner array leaves of the outer one's number is told without the inner label.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "copilot/record.h"

namespace ghstats::copilot {

// The rows of an array, added up over the labels that are not in `labels`.
struct Level {
  Array array{};
  LabelSet labels{};
};

struct Recipe {
  LabelSet labels{};  // what its series carry
  bool has_interactions = true;
  // From the outer to the inner; the inner one's labels are the outer one's and one more.
  std::array<Level, 2> levels{};
  std::size_t depth = 0;  // how many levels there are
};

// In the order of preference. Rows of languages and features reach further than those of languages and models, which
// are about chat only; `ide` goes with nothing else.
inline constexpr std::array kRecipes = {
    Recipe{kFeature | kLanguage,
           false,
           {{{Array::kFeature, kFeature}, {Array::kLanguageFeature, kFeature | kLanguage}}},
           2},
    Recipe{kFeature | kModel, true, {{{Array::kFeature, kFeature}, {Array::kModelFeature, kFeature | kModel}}}, 2},
    Recipe{kLanguage | kModel,
           false,
           {{{Array::kLanguageFeature, kLanguage}, {Array::kLanguageModel, kLanguage | kModel}}},
           2},
    Recipe{kFeature, true, {{{Array::kFeature, kFeature}}}, 1},
    Recipe{kLanguage, false, {{{Array::kLanguageFeature, kLanguage}}}, 1},
    Recipe{kModel, true, {{{Array::kModelFeature, kModel}}}, 1},
    Recipe{kIde, true, {{{Array::kIde, kIde}}}, 1},
    Recipe{0, true, {}, 0},
};

// The first recipe whose labels are all switched on and which has the counter (a place in kCounters).
const Recipe& recipe_for(LabelSet switched_on, std::size_t counter);

// Labels that are switched on and that no family will carry, because others are: worth a warning.
LabelSet unserved(LabelSet switched_on);

// The arrays that are looked at, as bits (1 << Array).
std::uint8_t arrays_needed(LabelSet switched_on);

// Appends to `out` rows that add up to usage.counters exactly, counter by counter (up to kSaturated). Labels may come
// more than once; they belong to whom the usage's belong to. A counter that the usage does not tell at its top is in no
// row. Where an array has more than the number it is part of, that number is told without the array's label: the total
// is believed. An array without rows is passed over. A rest of 0 is told only if nothing else tells that counter.
void split(const Usage& usage, LabelSet switched_on, std::vector<UsageRow>& out);

}  // namespace ghstats::copilot
