// Background work with an owner: every coroutine belongs to a TaskGroup, which cancels and joins it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <unordered_set>

#include "async/task.h"

namespace ghstats::async {

// The group must be the last data member of its owner, so that tasks never outlive what they use; it must be empty
// (joined) when destroyed while its executor still runs. All calls on the executor's thread.
// An exception that escapes a task is a bug: it leaves io_context::run().
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the coroutine that `body` returns; `body` itself (with its captures) lives until the coroutine ends.
  // After cancel() nothing is started any more.
  void spawn(std::function<Task<>()> body);

  // Asks every task to stop; returns before they have. Safe to call from one of them.
  void cancel();

  // Waits until every task has ended. When the waiting task is cancelled, so is the whole group, and it still waits.
  Task<> join();

  [[nodiscard]] std::size_t size() const { return tasks_.size(); }

 private:
  struct Entry;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer all_done_;  // never expires; cancelled whenever the last task ends
  std::unordered_set<std::shared_ptr<Entry>> tasks_;
  bool cancelled_ = false;
};

}  // namespace ghstats::async
