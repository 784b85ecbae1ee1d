// Bounded concurrency inside one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <list>

#include "async/task.h"

namespace ghstats::async {

// First come, first served. All calls on the executor's thread; must outlive its permits and waiters.
class Semaphore {
 public:
  // Gives its slot back when destroyed.
  class Permit {
   public:
    explicit Permit(Semaphore* owner) : owner_(owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (owner_ != nullptr) owner_->release();
    }

   private:
    Semaphore* owner_;
  };

  Semaphore(boost::asio::any_io_executor executor, std::size_t slots);

  // kCancelled when the task was asked to stop while waiting; then no slot is held.
  Task<Result<Permit>> acquire();

  [[nodiscard]] std::size_t available() const { return available_; }

 private:
  struct Waiter;
  void release();

  boost::asio::any_io_executor executor_;
  std::size_t available_;
  std::list<Waiter*> waiters_;
};

}  // namespace ghstats::async
