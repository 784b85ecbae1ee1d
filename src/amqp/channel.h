// One channel of a connection: what is declared, published, consumed and settled on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "amqp/confirm_tracker.h"
#include "amqp/content.h"
#include "amqp/message.h"
#include "amqp/server_method.h"
#include "amqp/wire.h"
#include "async/watch.h"

namespace ghstats::amqp {

// A channel is cheap: one for publishing and one for each consumer. The server closes it at the first thing that it
// refuses; it never comes back, and what was delivered on it and not settled goes back to its queue.
//
// All calls on the executor's thread, any number at the same time, but one next(). Every call may fail with
//   kUnavailable  the channel or its connection has ended, or ends before the answer
//   kTimeout      no answer within `timeout`
//   kCancelled    at once
// or with what the server refuses, which closes the channel (server_error.h): "PRECONDITION_FAILED (406) at
// queue.declare: inequivalent arg 'x-message-ttl' for queue ...". A call that waits for an answer and is given up
// (kTimeout, kCancelled) closes the channel, too, because it is not known what became of it; publish() does not.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  using Timeout = std::chrono::nanoseconds;

  // Connection::open_channel() makes them.
  Channel(std::uint16_t number, Wire& wire);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Declaring what exists as it exists changes nothing. kConflict: it exists otherwise.
  async::Task<Status> declare_exchange(ExchangeDeclaration declaration, Timeout timeout);
  async::Task<Result<QueueState>> declare_queue(QueueDeclaration declaration, Timeout timeout);
  async::Task<Status> bind_queue(Binding binding, Timeout timeout);
  async::Task<Status> unbind_queue(Binding binding, Timeout timeout);
  // How many messages went.
  async::Task<Result<std::uint32_t>> purge_queue(std::string queue, Timeout timeout);
  async::Task<Result<std::uint32_t>> delete_queue(std::string queue, Timeout timeout);
  async::Task<Status> delete_exchange(std::string exchange, Timeout timeout);

  // Once, before the first publish().
  async::Task<Status> select_confirms(Timeout timeout);

  // Returns once the broker answers for the message. Many may wait at the same time; they are sent in the order of the
  // calls, and the channel goes on after kTimeout and kCancelled.
  //   kNotFound     mandatory, and no queue is bound for it: it is nowhere
  //   kUnavailable  also: the broker refused it (nack), too many bytes wait to be sent, or the broker takes no messages
  //                 now (connection.blocked). That ends the wait of those under way, too: the broker has read them or
  //                 will when its alarm is over, so each of them may have been enqueued.
  //   kTooLarge     the body, for this side or for the broker. That closes the channel: others under way fail with
  //                 kUnavailable.
  //   kInvalidArgument  confirms were not selected, or a text is too long
  // Messages end with "(not sent)" or "(may have been enqueued)" where that is the question; kTimeout and kCancelled
  // always may.
  async::Task<Status> publish(Publication publication, Timeout timeout);

  // One message, to be settled as one that was delivered; none when the queue is empty. For looking at a queue: on a
  // channel that is closed after it, everything goes back to its place.
  async::Task<Result<std::optional<Got>>> get(std::string queue, Timeout timeout);

  // Begins to consume; one consumer a channel. kInvalidArgument for a prefetch of 0 or the second consumer.
  async::Task<Status> consume(std::string queue, ConsumeOptions options, Timeout timeout);

  // The next delivery. Waits for ever, or for `timeout`; when it fails it has taken nothing. kNotFound: the server has
  // cancelled the consumer, because its queue was deleted or its node went.
  async::Task<Result<Delivery>> next(std::optional<Timeout> timeout = std::nullopt);

  // Returns when no delivery comes here any more (the channel, the connection or the consumer has ended): why, or
  // kCancelled.
  async::Task<Error> ended();

  // Deliveries that have come and wait for next().
  [[nodiscard]] std::size_t waiting() const { return deliveries_.size(); }

  // Settle a delivery, or with `multiple` all up to it. Sent soon, not answered: whether the broker heard it shows only
  // in that the delivery does not come again. To settle what was settled before closes the channel. kUnavailable.
  Status ack(DeliveryTag tag, bool multiple = false);
  // Back to its place, or dead-lettered (dropped, where the queue has no dead letter exchange).
  Status nack(DeliveryTag tag, bool requeue, bool multiple = false);

  // Ends it in order: returns once the broker has done everything asked before. What is not settled goes back.
  async::Task<Status> close(Timeout timeout);
  // The same without waiting, for destructors.
  void abandon();

  // Why it ended; none while it lives.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  // The server itself closed this channel and not the whole connection.
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] std::uint16_t number() const { return number_; }

  // --- for the connection ---
  async::Task<Status> open(Timeout timeout);
  // kInvalidData: the server violated the protocol, and the connection has to end.
  Status receive(ServerMethod method);
  Status receive(ContentHeader header);
  Status receive_body(std::string_view fragment);
  // The connection has ended.
  void lose(const Error& why);
  // The broker takes no messages now.
  void on_blocked(const std::string& reason);
  // No answer is to come any more: its number may be used again.
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  struct Answer;
  struct Confirm;
  using Reply = std::variant<ServerMethod, Content>;
  using Matches = std::function<bool(const Reply&)>;

  // The answer to `frames`, which is one that `matches`.
  async::Task<Result<Reply>> call(std::string what, std::string frames, Matches matches, Timeout timeout);
  // ... which says no more than that it is done.
  async::Task<Status> ask(std::string what, std::string frames, std::uint32_t ok_method, Timeout timeout);
  // ... which says how many messages went.
  async::Task<Result<std::uint32_t>> clear(std::string what, std::string frames, std::uint32_t ok_method,
                                           Timeout timeout);
  Status answer(Reply reply);
  Status take(Content content);
  Status on_close(const ChannelClose& close);
  void end(const Error& why);
  [[nodiscard]] Status may_publish(const Publication& publication) const;
  Status settle(std::string_view frames);

  const std::uint16_t number_;
  Wire* wire_;                                   // null once the connection has ended
  std::deque<std::shared_ptr<Answer>> answers_;  // awaited, in their order
  ContentAssembler content_;
  ConfirmTracker confirms_;
  bool confirming_ = false;
  bool consuming_ = false;
  bool paused_ = false;  // channel.flow
  std::optional<Error> consumer_failure_;
  std::deque<Delivery> deliveries_;
  async::Watch arrived_;  // bumped by a delivery and by every end
  std::optional<Error> failure_;
  bool refused_ = false;
  bool closing_ = false;  // we have said channel.close
  bool closed_ = false;
};

}  // namespace ghstats::amqp
