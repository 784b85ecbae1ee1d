// YAML text to a plain tree with positions; the part of YAML a configuration needs, and nothing that can explode.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace ghstats::config {

struct Node {
  enum class Kind {
    kNull,      // "key:" or "~"
    kScalar,    // `text`
    kSequence,  // `children`
    kMap,       // `children`: key, value, key, value...
    kInvalid,   // an alias or a tagged value; `text` says what is wrong
  };

  Kind kind = Kind::kNull;
  Position position = {};
  std::string text = {};
  bool is_quoted = false;
  std::vector<Node> children = {};
};

inline constexpr std::size_t kLargestFile = 1UL << 20U;  // bytes
inline constexpr std::size_t kDeepestNesting = 16;
inline constexpr std::size_t kMostNodes = 200'000;

// One document. Reported: invalid UTF-8, control characters, syntax errors, nesting deeper than kDeepestNesting, more
// than kMostNodes values, a second document; each of these gives nullopt. An empty document is a kNull node. Aliases
// and tags become kInvalid nodes, which the caller reports where it knows the key.
std::optional<Node> read_yaml(std::string_view text, ProblemList& problems);

}  // namespace ghstats::config
