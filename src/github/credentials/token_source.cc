#include "github/credentials/token_source.h"

#include <algorithm>

namespace ghstats::github {

bool is_usable_token(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace ghstats::github
