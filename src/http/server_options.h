// How much of what a server accepts.
#pragma once

#include <cstddef>
#include <string>

#include "base/duration.h"

namespace ghstats::http {

struct ServerOptions {
  std::string listen_address;                  // "127.0.0.1:8080", ":8080" (all, IPv6 and IPv4), "[::1]:0"
  std::size_t max_header_bytes = 16UL << 10U;  // more: 431
  std::size_t max_body_bytes = 1UL << 20U;     // more: 413
  std::size_t max_connections = 512;           // more: closed after a 503
  // Between requests, for reading one, and for each stalled write; afterwards the connection is closed.
  Duration idle_timeout{60'000};
};

}  // namespace ghstats::http
