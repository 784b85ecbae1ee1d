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
  // At a time; less when the process may have few files open (places_for). Who gives way to more: occupancy.h.
  std::size_t max_connections = 512;
  // After these the connection is closed. For the head of a request from its first byte, the first head from the
  // beginning of the connection on:
  Duration head_timeout{10'000};
  // Between requests, for the body of one, and how late a reader of an answer may be (ReadingPace). Shortens
  // head_timeout, too.
  Duration idle_timeout{60'000};
};

}  // namespace ghstats::http
