// Names that do not differ by case.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace ghstats {

// ASCII letters become small ones: GitHub compares logins, slugs and repositories' names without case.
inline std::string folded(std::string_view name) {
  std::string out(name);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace ghstats
