#pragma once

#include <cstdint>
#include <string_view>

namespace ghstats {

// What a replica is to do: one leads, all others follow.
enum class Role : std::uint8_t { kLeader, kFollower };

constexpr std::string_view to_string(Role role) {
  return role == Role::kLeader ? "leader" : "follower";
}

}  // namespace ghstats
