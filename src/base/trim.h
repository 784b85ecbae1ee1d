// Text without what surrounds it.
#pragma once

#include <string_view>

namespace ghstats {

// Without blanks and line ends at both ends, as people leave them in files. A view into `text`.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace ghstats
