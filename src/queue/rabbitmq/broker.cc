#include "queue/rabbitmq/broker.h"

#include <utility>

namespace ghstats::queue {

using async::Task;

Broker::Broker(boost::asio::any_io_executor executor, RabbitmqOptions options, std::function<void()> on_state)
    : options_(std::move(options)),
      topology_(make_topology(options_.names, options_.type, retry_delays(options_.policy))),
      publisher_(executor, link(on_state)),
      consumers_(executor, link(on_state)) {}

amqp::ClientOptions Broker::link(std::function<void()> on_state) {
  amqp::ClientOptions out = options_.link;
  if (options_.declare) out.on_connect = [this](amqp::Connection& connection) { return declare(connection); };
  out.on_state = [changed = std::move(on_state)](const amqp::LinkState&) { changed(); };
  return out;
}

Task<Status> Broker::declare(amqp::Connection& connection) const {
  auto opened = co_await connection.open_channel(options_.timeout);
  if (!opened) co_return fail(std::move(opened).error());
  amqp::Channel& channel = **opened;
  Status done = co_await channel.declare_exchange(topology_.exchange, options_.timeout);
  if (!done) co_return done;
  for (const amqp::QueueDeclaration& queue : topology_.queues) {
    auto declared = co_await channel.declare_queue(queue, options_.timeout);
    if (!declared) co_return fail(std::move(declared).error());
  }
  for (const amqp::Binding& binding : topology_.bindings) {
    done = co_await channel.bind_queue(binding, options_.timeout);
    if (!done) co_return done;
  }
  co_return co_await channel.close(options_.timeout);
}

Status Broker::connected() const {
  for (const amqp::LinkState* link : {&publisher_.state(), &consumers_.state()}) {
    if (!link->connected) return fail(link->error);
  }
  return {};
}

std::string Broker::blocked() const {
  const std::string& why = publisher_.state().blocked;
  return why.empty() ? "" : "RabbitMQ takes no messages: " + why;
}

Task<Status> Broker::send(std::string queue, Message message) {
  const Status sent = co_await publisher_.publish(
      {.exchange = options_.names.exchange, .routing_key = std::move(queue), .message = to_amqp(message)},
      options_.timeout);
  if (!sent) co_return fail(explain(sent.error()));
  co_return Status{};
}

Task<Result<std::shared_ptr<amqp::Channel>>> Broker::open_channel() {
  auto channel = co_await consumers_.open_channel(options_.timeout);
  if (!channel) co_return fail(explain(channel.error()));
  co_return channel;
}

Error Broker::explain(const Error& error) {
  switch (error.code) {
    case ErrorCode::kCancelled:
    case ErrorCode::kTimeout:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTooLarge:
      return error;
    case ErrorCode::kNotFound:  // somebody deleted a queue, a binding or the exchange
      if (!options_.declare) return error;
      publisher_.reconnect(error);
      consumers_.reconnect(error);
      break;
    default:
      break;
  }
  return {ErrorCode::kUnavailable, error.message};
}

std::size_t Broker::taken() const {
  std::size_t sum = in_hand.size();
  for (const amqp::Channel* channel : consuming) sum += channel->waiting();
  return sum;
}

Task<> Broker::stop() {
  co_await publisher_.stop();
  co_await consumers_.stop();
}

}  // namespace ghstats::queue
