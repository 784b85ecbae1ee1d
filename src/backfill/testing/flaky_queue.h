#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "queue/job_queue.h"

namespace ghstats::backfill::testing {

// A queue whose connection can be lost, and that can change its kind. `inner` must outlive it.
class FlakyQueue final : public queue::JobQueue {
 public:
  FlakyQueue(const boost::asio::any_io_executor& executor, queue::JobQueue& inner)
      : inner_(inner), changed_(executor), cut_(executor) {}

  std::optional<Error> publish_error;
  std::optional<Error> consume_error;
  // While set, acknowledgements fail with it.
  std::optional<Error> ack_error;
  // While set, all calls of consumers fail with it.
  std::optional<Error> lost;
  int publishes = 0;
  int consumers = 0;
  std::size_t prefetch = 0;  // of the last consumer

  // `lost`, and consumers that are there hear of it without asking.
  void cut(Error why) {
    lost = std::move(why);
    cut_.bump();
  }

  // What it says of itself from now on.
  void become(bool process_local, queue::QueueHealth health) {
    process_local_ = process_local;
    health_ = std::move(health);
    changed_.bump();
  }

  async::Task<> run() override { return inner_.run(); }
  async::Task<> stop() override { return inner_.stop(); }
  async::Task<Status> publish(queue::Message message) override {
    ++publishes;
    if (publish_error) co_return fail(*publish_error);
    co_return co_await inner_.publish(std::move(message));
  }
  async::Task<Result<std::unique_ptr<queue::Consumer>>> consume(std::size_t wanted) override {
    prefetch = wanted;
    if (consume_error) co_return fail(*consume_error);
    auto inner = co_await inner_.consume(wanted);
    if (!inner) co_return fail(inner.error());
    ++consumers;
    co_return std::make_unique<FlakyConsumer>(*this, *std::move(inner));
  }
  async::Task<Result<queue::QueueStatus>> status() override { return inner_.status(); }
  async::Task<Result<std::vector<queue::Message>>> dead_letters(std::size_t limit) override {
    return inner_.dead_letters(limit);
  }
  [[nodiscard]] bool process_local() const override { return process_local_; }
  [[nodiscard]] queue::QueueHealth health() const override { return health_; }
  async::Watch& changed() override { return changed_; }

 private:
  class FlakyConsumer final : public queue::Consumer {
   public:
    FlakyConsumer(FlakyQueue& owner, std::unique_ptr<queue::Consumer> inner)
        : owner_(owner), inner_(std::move(inner)) {}

    async::Task<Result<queue::Delivery>> next() override {
      if (owner_.lost) co_return fail(*owner_.lost);
      co_return co_await inner_->next();
    }
    async::Task<Error> ended() override {
      const Status cut = co_await owner_.cut_.wait_beyond(cut_before_);
      co_return cut ? owner_.lost.value_or(Error{}) : cut.error();
    }
    async::Task<Status> ack(queue::DeliveryId delivery) override {
      if (owner_.lost) co_return fail(*owner_.lost);
      if (owner_.ack_error) co_return fail(*owner_.ack_error);
      co_return co_await inner_->ack(delivery);
    }
    async::Task<Result<queue::Retried>> retry(queue::DeliveryId delivery, Error error) override {
      if (owner_.lost) co_return fail(*owner_.lost);
      co_return co_await inner_->retry(delivery, std::move(error));
    }
    async::Task<Status> postpone(queue::DeliveryId delivery, std::chrono::nanoseconds wait) override {
      if (owner_.lost) co_return fail(*owner_.lost);
      co_return co_await inner_->postpone(delivery, wait);
    }
    async::Task<Status> dead_letter(queue::DeliveryId delivery, Error error) override {
      if (owner_.lost) co_return fail(*owner_.lost);
      co_return co_await inner_->dead_letter(delivery, std::move(error));
    }

   private:
    FlakyQueue& owner_;
    const std::uint64_t cut_before_ = owner_.cut_.version();
    std::unique_ptr<queue::Consumer> inner_;
  };

  queue::JobQueue& inner_;
  bool process_local_ = true;
  queue::QueueHealth health_;
  async::Watch changed_;
  async::Watch cut_;
};

}  // namespace ghstats::backfill::testing
