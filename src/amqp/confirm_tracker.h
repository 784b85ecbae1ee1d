// Which published message a confirm belongs to: https://www.rabbitmq.com/confirms.html. No I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "amqp/message.h"
#include "amqp/server_method.h"
#include "base/error.h"

namespace ghstats::amqp {

// Tells published messages apart, as far as a return shows them.
std::size_t fingerprint(std::string_view exchange, std::string_view routing_key, const Message& message);

// A message on its way.
struct Unconfirmed {
  virtual ~Unconfirmed() = default;
  // Once, when `finished` became true. Must not call the tracker.
  virtual void on_finished() {}

  std::optional<std::size_t> mandatory_print = {};  // its fingerprint, when it is mandatory
  std::size_t body_bytes = 0;
  bool finished = false;
  std::optional<Error> error = {};  // when finished: none means confirmed
};

class ConfirmTracker {
 public:
  // In the order of sending.
  void push(std::shared_ptr<Unconfirmed> message);

  // basic.ack and basic.nack of the server. kInvalidData: a tag that was not given or was confirmed before.
  Status ack(std::uint64_t tag, bool multiple);
  Status nack(std::uint64_t tag, bool multiple);

  // basic.return, which comes before the ack and does not say of which message. Of messages that look the same the
  // first counts, as any would.
  void returned(const BasicReturn& why, std::size_t print);

  // Every message fails with a copy of `why`, and no answer for it is to come.
  void fail_all(const Error& why);

  // One of them was too large, and the server does not say which: the largest one was, whoever else was, too.
  void fail_largest(const Error& why);

  // Every message fails with a copy of `why`, for those who wait for it; the server still has to answer for it.
  void give_up(const Error& why);

  // Messages that the server has not answered for.
  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }

 private:
  Status settle(std::uint64_t tag, bool multiple, const std::optional<Error>& error);
  void finish(std::shared_ptr<Unconfirmed>& message, const std::optional<Error>& error);
  static void conclude(Unconfirmed& message, const std::optional<Error>& error);

  std::deque<std::shared_ptr<Unconfirmed>> waiting_;  // null: confirmed out of order
  std::uint64_t first_tag_ = 1;                       // of waiting_.front()
  std::size_t outstanding_ = 0;
};

}  // namespace ghstats::amqp
