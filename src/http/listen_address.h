// Where a server listens, as configurations spell it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ghstats::http {

struct ListenAddress {
  boost::asio::ip::tcp::endpoint endpoint;
  bool any_family = false;  // ":8080": IPv6 and IPv4 on one socket
};

// "127.0.0.1:8080", "localhost:8080" (the IPv4 loopback), "[::1]:0", ":8080". kInvalidArgument for anything else; other
// host names are not resolved.
Result<ListenAddress> parse_listen_address(std::string_view text);

// An acceptor that listens there. kUnavailable names `text`.
Result<boost::asio::ip::tcp::acceptor> open_acceptor(const boost::asio::any_io_executor& executor,
                                                     const ListenAddress& address, const std::string& text);

}  // namespace ghstats::http
