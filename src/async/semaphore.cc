#include "async/semaphore.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace ghstats::async {
namespace asio = boost::asio;

struct Semaphore::Waiter {
  asio::steady_timer timer;  // never expires; cancelled when a slot is handed over
  bool granted = false;
};

Semaphore::Semaphore(asio::any_io_executor executor, std::size_t slots)
    : executor_(std::move(executor)), available_(slots) {}

Task<Result<Semaphore::Permit>> Semaphore::acquire() {
  const bool stop = co_await cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (available_ > 0) {
    --available_;
    co_return Permit(this);
  }
  Waiter waiter{asio::steady_timer(executor_, asio::steady_timer::time_point::max())};
  const auto place = waiters_.insert(waiters_.end(), &waiter);
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter.granted) co_return Permit(this);
  waiters_.erase(place);
  co_return fail(ErrorCode::kCancelled, "cancelled");
}

void Semaphore::release() {
  if (waiters_.empty()) {
    ++available_;
    return;
  }
  Waiter* next = waiters_.front();
  waiters_.pop_front();
  next->granted = true;
  next->timer.cancel();
}

}  // namespace ghstats::async
