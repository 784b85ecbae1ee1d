#include "async/watch.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace ghstats::async {
namespace asio = boost::asio;

Watch::Watch(asio::any_io_executor executor) : executor_(std::move(executor)) {}

void Watch::bump() {
  ++version_;
  for (asio::steady_timer* waiter : waiters_) waiter->cancel();
}

Task<Status> Watch::wait_beyond(std::uint64_t seen, std::optional<std::chrono::nanoseconds> timeout) {
  asio::steady_timer timer(executor_, asio::steady_timer::time_point::max());
  if (timeout) timer.expires_after(*timeout);
  while (version_ <= seen) {
    const bool stop = co_await cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    waiters_.insert(&timer);
    const auto [woken_early] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    waiters_.erase(&timer);
    if (!woken_early && version_ <= seen) co_return fail(ErrorCode::kTimeout, "timeout");
  }
  co_return Status{};
}

Task<Status> wait_for_change(Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest) {
  return watch.wait_beyond(seen, longest);
}

}  // namespace ghstats::async
