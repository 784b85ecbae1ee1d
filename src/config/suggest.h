// Help with a key that does not exist.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ghstats::config {

// "unknown key; did you mean log_level?" or "unknown key; known here are a, b and c". `section` in the table's
// spelling.
std::string describe_unknown_key(std::string_view section, std::string_view name);

// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace ghstats::config
