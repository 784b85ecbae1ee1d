#pragma once

#include <cstdint>

namespace ghstats::kinds {

// How an organisation's activity is found: by what changed (GraphQL), or by asking every repository (REST). Auto: by
// what changed where the credential can use GraphQL.
enum class CollectionMode : std::uint8_t { kAuto, kChanges, kSweep };

}  // namespace ghstats::kinds
