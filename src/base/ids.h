// Identifiers that must not be mixed up with other integers.
#pragma once

#include <cstdint>

namespace ghstats {

// GitHub's numeric repository id: survives renames and transfers (github-api.md 3, "301").
enum class RepoId : std::uint64_t {};

constexpr std::uint64_t to_number(RepoId id) {
  return static_cast<std::uint64_t>(id);
}

}  // namespace ghstats
