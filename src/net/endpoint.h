// Where a server is, as configurations spell it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ghstats::net {

struct Endpoint {
  std::string host = {};  // a name, an IPv4 or an IPv6 address, without brackets
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "redis:6379", "10.0.0.7:6379", "[::1]:6379", port 1 to 65535. kInvalidArgument for anything else.
Result<Endpoint> parse_endpoint(std::string_view text);

// What parse_endpoint reads back to the same value.
std::string to_string(const Endpoint& endpoint);

}  // namespace ghstats::net
