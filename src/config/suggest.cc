#include "config/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "config/table.h"

namespace ghstats::config {
namespace {

constexpr std::size_t kLongestName = 80;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, current);
  }
  return last[b.size()];
}

std::string describe_unknown_key(std::string_view section, std::string_view name) {
  if (name == "<<") return "merge keys (<<) are not supported; write the keys out";
  const auto siblings = children_of(section);
  if (name.size() <= kLongestName) {
    const auto distance = [&](const std::string& other) { return edit_distance(name, other); };
    const auto nearest = std::ranges::min_element(siblings, {}, distance);
    if (nearest != siblings.end() && distance(*nearest) <= std::max<std::size_t>(1, nearest->size() / 3)) {
      return fmt::format("unknown key; did you mean {}?", *nearest);
    }
    // Right name, wrong place.
    for (const KeySpec& spec : table()) {
      if (name_of(spec.key) == name || spec.key == name) return fmt::format("unknown key; did you mean {}?", spec.key);
    }
  }
  return fmt::format("unknown key; known here are {}", fmt::join(siblings, ", "));
}

}  // namespace ghstats::config
