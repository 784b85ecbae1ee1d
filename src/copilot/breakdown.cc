#include "copilot/breakdown.h"

#include <algorithm>

namespace ghstats::copilot {
namespace {

using Mask = std::uint8_t;  // of counters

Labels projected(const Labels& labels, LabelSet set) {
  Labels out;
  for (const LabelRow& label : kLabelRows) {
    if ((set & label.bit) != 0) out.*label.member = labels.*label.member;
  }
  return out;
}

// A saturated sum may stand for anything.
bool is_within(std::uint64_t part, std::uint64_t whole) {
  return part <= whole && part != kSaturated;
}

// A row of the outer level, and what the inner one tells of it.
struct Group {
  Labels labels{};
  Counters value{};
  Counters inner{};
};

void keep(Counters& counters, Mask mask) {
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    if ((mask >> i & 1U) == 0) counters.values[i] = 0;
  }
  counters.told &= mask;
}

// The counters of `sum` that may be parts of those of `whole`.
Mask believable(const Counters& sum, const Counters& whole) {
  Mask mask = 0;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    if (sum.has(i) && whole.has(i) && is_within(sum.values[i], whole.values[i]))
      mask = static_cast<Mask>(mask | 1U << i);
  }
  return mask;
}

// What is left of `whole` without the believed parts of `sum`.
Counters rest_of(const Counters& whole, const Counters& sum, Mask believed) {
  Counters rest;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    if (!whole.has(i)) continue;
    const bool is_split = (believed >> i & 1U) != 0;
    const std::uint64_t left = whole.values[i] - (is_split ? sum.values[i] : 0);
    if (left != 0 || !is_split) rest.set(i, left);
  }
  return rest;
}

std::vector<Group> grouped(const std::vector<UsageRow>& rows, LabelSet labels, Mask mask) {
  std::vector<Group> groups;
  groups.reserve(rows.size());
  for (const UsageRow& row : rows) {
    groups.push_back({.labels = projected(row.labels, labels), .value = row.counters});
    keep(groups.back().value, mask);
  }
  std::ranges::sort(groups, {}, &Group::labels);
  std::size_t last = 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[last].labels == groups[i].labels) {
      groups[last].value.add(groups[i].value);
    } else {
      groups[++last] = groups[i];
    }
  }
  if (!groups.empty()) groups.resize(last + 1);
  return groups;
}

Group* find_group(std::vector<Group>& groups, const Labels& labels) {
  const auto it = std::ranges::lower_bound(groups, labels, {}, &Group::labels);
  return it != groups.end() && it->labels == labels ? &*it : nullptr;
}

void emit(const Labels& labels, const Counters& counters, std::vector<UsageRow>& out) {
  if (counters.told != 0) out.push_back({.labels = labels, .counters = counters});
}

// Splits the counters of `total` by the rows of one level, and those again by `inner`, which may be null.
void split_by(const Counters& total, const std::vector<UsageRow>& outer_rows, LabelSet outer,
              const std::vector<UsageRow>* inner_rows, LabelSet inner, std::vector<UsageRow>& out) {
  std::vector<Group> groups = grouped(outer_rows, outer, total.told);
  Counters sum;
  for (const Group& group : groups) sum.add(group.value);
  const Mask believed = believable(sum, total);
  emit({}, rest_of(total, sum, believed), out);
  for (Group& group : groups) keep(group.value, believed);
  if (inner_rows != nullptr) {
    for (const UsageRow& row : *inner_rows) {
      if (Group* group = find_group(groups, projected(row.labels, outer))) group->inner.add(row.counters);
    }
    for (const UsageRow& row : *inner_rows) {
      const Group* group = find_group(groups, projected(row.labels, outer));
      if (group == nullptr) continue;
      Counters counters = row.counters;
      keep(counters, believable(group->inner, group->value));
      emit(projected(row.labels, inner), counters, out);
    }
  }
  for (const Group& group : groups) {
    emit(group.labels, rest_of(group.value, group.inner, believable(group.inner, group.value)), out);
  }
}

void split_with(const Recipe& recipe, const Usage& usage, Mask mask, std::vector<UsageRow>& out) {
  Counters total = usage.counters;
  keep(total, mask);
  std::array<const Level*, 2> levels{};
  std::size_t depth = 0;
  for (std::size_t i = 0; i < recipe.depth; ++i) {
    if (!usage.arrays[index_of(recipe.levels[i].array)].empty()) levels[depth++] = &recipe.levels[i];
  }
  const auto rows = [&](std::size_t i) -> const std::vector<UsageRow>& {
    return usage.arrays[index_of(levels[i]->array)];
  };
  if (depth == 0) return emit({}, total, out);
  if (depth == 1) return split_by(total, rows(0), levels[0]->labels, nullptr, 0, out);
  split_by(total, rows(0), levels[0]->labels, &rows(1), levels[1]->labels, out);
}

}  // namespace

const Recipe& recipe_for(LabelSet switched_on, std::size_t counter) {
  return *std::ranges::find_if(kRecipes, [&](const Recipe& recipe) {
    return (recipe.labels & ~switched_on) == 0 && (counter != kInteractions || recipe.has_interactions);
  });
}

LabelSet unserved(LabelSet switched_on) {
  LabelSet served = 0;
  for (std::size_t i = 0; i < kCounters.size(); ++i) served |= recipe_for(switched_on, i).labels;
  return static_cast<LabelSet>(switched_on & ~served);
}

std::uint8_t arrays_needed(LabelSet switched_on) {
  std::uint8_t needed = 0;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const Recipe& recipe = recipe_for(switched_on, i);
    for (std::size_t level = 0; level < recipe.depth; ++level) {
      needed = static_cast<std::uint8_t>(needed | 1U << index_of(recipe.levels[level].array));
    }
  }
  return needed;
}

void split(const Usage& usage, LabelSet switched_on, std::vector<UsageRow>& out) {
  constexpr Mask kAll = (1U << kCounters.size()) - 1;
  constexpr Mask kInteractionsOnly = 1U << kInteractions;
  const Recipe& code = recipe_for(switched_on, kInteractions + 1);
  const Recipe& interactions = recipe_for(switched_on, kInteractions);
  if (&code == &interactions) return split_with(code, usage, kAll, out);
  split_with(code, usage, kAll & ~kInteractionsOnly, out);
  split_with(interactions, usage, kInteractionsOnly, out);
}

}  // namespace ghstats::copilot
