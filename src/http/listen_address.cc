#include "http/listen_address.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <charconv>
#include <utility>

namespace ghstats::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::unexpected<Error> no_address(std::string_view text) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no listen address: HOST:PORT, [IPv6]:PORT or :PORT is needed", text));
}

boost::system::error_code listen_on(tcp::acceptor& acceptor, const ListenAddress& address) {
  boost::system::error_code ec;
  acceptor.open(address.endpoint.protocol(), ec);
  if (ec) return ec;
  acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (ec) return ec;
  if (address.endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!address.any_family), ec);
    if (ec) return ec;
  }
  acceptor.bind(address.endpoint, ec);
  if (ec) return ec;
  acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return no_address(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return no_address(text);

  if (host.empty()) return ListenAddress{tcp::endpoint(asio::ip::address_v6::any(), port), true};
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (ec || address.is_v6() != bracketed) return no_address(text);
  return ListenAddress{tcp::endpoint(address, port), false};
}

Result<tcp::acceptor> open_acceptor(const asio::any_io_executor& executor, const ListenAddress& address,
                                    const std::string& text) {
  tcp::acceptor acceptor(executor);
  auto ec = listen_on(acceptor, address);
  // A kernel without IPv6 still has all its IPv4 addresses.
  if (address.any_family &&
      (ec == asio::error::address_family_not_supported || ec == boost::system::errc::address_not_available)) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    ec = listen_on(acceptor, {tcp::endpoint(asio::ip::address_v4::any(), address.endpoint.port()), false});
  }
  if (ec) return fail(ErrorCode::kUnavailable, fmt::format("listen on '{}': {}", text, ec.message()));
  return acceptor;
}

}  // namespace ghstats::http
