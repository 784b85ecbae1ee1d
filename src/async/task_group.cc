#include "async/task_group.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>
#include <utility>
#include <vector>

namespace ghstats::async {
namespace asio = boost::asio;

struct TaskGroup::Entry {
  std::function<Task<>()> body;
  asio::cancellation_signal signal;
};

namespace {

Task<> run(std::function<Task<>()>& body) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await body();
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(std::move(executor)), all_done_(executor_, asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::function<Task<>()> body) {
  if (cancelled_) return;
  auto entry = std::make_shared<Entry>();
  entry->body = std::move(body);
  tasks_.insert(entry);
  try {
    asio::co_spawn(executor_, run(entry->body),
                   asio::bind_cancellation_slot(entry->signal.slot(), [this, entry](std::exception_ptr error) {
                     tasks_.erase(entry);
                     if (tasks_.empty()) all_done_.cancel();
                     if (error) std::rethrow_exception(error);
                   }));
  } catch (const std::bad_alloc&) {
    tasks_.erase(entry);  // it never began: join() must not wait for it
    throw;
  }
}

void TaskGroup::cancel() {
  cancelled_ = true;
  // Emitting may run completions that erase entries: walk over a copy.
  const std::vector<std::shared_ptr<Entry>> entries(tasks_.begin(), tasks_.end());
  for (const auto& entry : entries) entry->signal.emit(asio::cancellation_type::terminal);
  // Called from outside the running executor, Asio forwards the emission through it and keeps only a pointer into the
  // entry, which the end of the task would free before: this, queued behind, keeps the entries until then.
  asio::post(executor_, [entries] {});
}

Task<> TaskGroup::join() {
  while (!tasks_.empty()) {
    const bool stop = co_await cancelled();
    if (stop && !cancelled_) {
      cancel();
      continue;
    }
    co_await all_done_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace ghstats::async
