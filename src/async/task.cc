#include "async/task.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ghstats::async {
namespace asio = boost::asio;

Task<bool> cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

Task<Status> sleep_for(std::chrono::nanoseconds duration) {
  const bool stop = co_await cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (duration.count() <= 0) co_return Status{};
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  const auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (ec) co_return fail(ErrorCode::kCancelled, "cancelled");
  co_return Status{};
}

Task<> yield() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace ghstats::async
