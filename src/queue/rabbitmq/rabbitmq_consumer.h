// One consumer of the shared queue: a channel, and what was taken from it.
#pragma once

#include <map>
#include <memory>

#include "queue/rabbitmq/broker.h"

namespace ghstats::queue {

class RabbitmqConsumer final : public Consumer {
 public:
  // `channel` consumes already. `broker` and `clock` must outlive it.
  RabbitmqConsumer(Broker& broker, const Clock& clock, std::shared_ptr<amqp::Channel> channel);
  ~RabbitmqConsumer() override;
  RabbitmqConsumer(const RabbitmqConsumer&) = delete;
  RabbitmqConsumer& operator=(const RabbitmqConsumer&) = delete;

  async::Task<Result<Delivery>> next() override;
  async::Task<Error> ended() override;
  async::Task<Status> ack(DeliveryId delivery) override;
  async::Task<Result<Retried>> retry(DeliveryId delivery, Error error) override;
  async::Task<Status> postpone(DeliveryId delivery, std::chrono::nanoseconds wait) override;
  async::Task<Status> dead_letter(DeliveryId delivery, Error error) override;

 private:
  // In hand until it is settled; counted in the broker's ages as long.
  class Held {
   public:
    Held(Broker& broker, amqp::DeliveryTag tag, Message message);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    const amqp::DeliveryTag tag;
    const Message message;

   private:
    Broker& broker_;
  };

  Result<std::unique_ptr<Held>> release(DeliveryId delivery);
  // Puts `message` into `queue` and takes `held` out of that of jobs. When it fails it is in hand again.
  async::Task<Status> move(DeliveryId delivery, std::unique_ptr<Held> held, std::string queue, Message message);
  async::Task<Status> bury(DeliveryId delivery, std::unique_ptr<Held> held, std::string why);

  Broker& broker_;
  const Clock& clock_;
  std::shared_ptr<amqp::Channel> channel_;
  std::uint64_t next_delivery_ = 1;
  std::map<DeliveryId, std::unique_ptr<Held>> in_hand_;
};

}  // namespace ghstats::queue
