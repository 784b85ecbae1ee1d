// Names and addresses of servers in configured strings.
#pragma once

#include <string_view>

namespace ghstats::config {

// A DNS name or an IPv4 address; `extra` are further characters that it may hold.
bool is_host_name(std::string_view text, std::string_view extra = "");

// "[::1]"
bool is_ipv6_literal(std::string_view text);

// "host:port" or "[::1]:port", port `smallest_port` to 65535.
bool is_host_and_port(std::string_view text, bool host_may_be_empty, unsigned smallest_port);

}  // namespace ghstats::config
