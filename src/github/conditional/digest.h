// SHA-256: for recognising what must not be kept, and for the ETags that GitHub makes with it.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ghstats::github {

using Digest = std::array<unsigned char, 32>;

// Of the parts one after the other.
Digest sha256(std::initializer_list<std::string_view> parts);

// Lower case.
std::string to_hex(const Digest& digest);

}  // namespace ghstats::github
