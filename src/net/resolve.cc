#include "net/resolve.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

namespace ghstats::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Shared with the resolver's handler, because the question may outlive the one who asked.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), over(executor) {}
  tcp::resolver resolver;
  asio::steady_timer over;  // cancelled by the answer
  std::optional<boost::system::error_code> error;
  std::vector<tcp::endpoint> addresses = {};
};

}  // namespace

async::Task<Result<std::vector<tcp::endpoint>>> resolve(Endpoint endpoint, std::chrono::nanoseconds timeout) {
  boost::system::error_code not_numeric;
  const auto address = asio::ip::make_address(endpoint.host, not_numeric);
  if (!not_numeric) co_return std::vector{tcp::endpoint(address, endpoint.port)};

  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->over.expires_after(timeout);
  lookup->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
                                 [lookup](boost::system::error_code error, const tcp::resolver::results_type& found) {
                                   lookup->error = error;
                                   for (const auto& entry : found) lookup->addresses.push_back(entry.endpoint());
                                   lookup->over.cancel();
                                 });
  co_await lookup->over.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!lookup->error) {
    lookup->resolver.cancel();
    const bool stopped = co_await async::cancelled();
    if (stopped) co_return fail(ErrorCode::kCancelled, "cancelled");
    co_return fail(ErrorCode::kTimeout, fmt::format("no answer to the DNS question for '{}'", endpoint.host));
  }
  if (*lookup->error || lookup->addresses.empty()) {
    co_return fail(ErrorCode::kUnavailable,
                   fmt::format("host '{}' cannot be resolved: {}", endpoint.host, lookup->error->message()));
  }
  co_return std::move(lookup->addresses);
}

}  // namespace ghstats::net
