// Which reply belongs to which command: the state of one connection, without the connection.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "redis/command.h"
#include "redis/decoder.h"
#include "redis/reply.h"

namespace ghstats::redis {

// How far commands got. What failed with kMaybeApplied may have been carried out, in part too (unless it was a
// transaction or a script), or may still be.
enum class Delivery : std::uint8_t { kNotSent, kMaybeApplied, kAnswered };

// Commands that are answered together, in their order.
struct Call {
  explicit Call(std::vector<Command> what) : Call(std::make_shared<const std::vector<Command>>(std::move(what))) {}
  explicit Call(SharedCommands what) : commands(std::move(what)) {}
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Once, when `finished` became true. Must not call the queue.
  virtual void on_finished() {}

  SharedCommands commands;  // null after they were sent
  std::size_t expected = commands->size();
  std::vector<Reply> replies = {};  // complete when finished without an error
  std::optional<Error> error = {};
  Delivery delivery = Delivery::kNotSent;
  bool finished = false;
};

// First come, first served; replies are matched by their order, which is all that RESP2 offers. So anything that
// casts doubt on the order is final: the connection has to go.
class CallQueue {
 public:
  using MessageHandler = std::function<void(Reply)>;

  // With `on_message` what the channels of a SUBSCRIBE bring goes there.
  explicit CallQueue(ReplyLimits limits, MessageHandler on_message = {});

  // A call of no commands is finished at once.
  void push(std::shared_ptr<Call> call);

  // Nobody waits for it any more: true when it was taken back before it was sent. Otherwise its replies are dropped as
  // they come, and the order stays.
  bool abandon(const std::shared_ptr<Call>& call);

  // The bytes to send next, at least `enough` if there are so many, never a part of a call; empty when none wait.
  // Their calls count as sent.
  std::string take_bytes(std::size_t enough);

  // Matches replies to calls. kInvalidData: not RESP2, or a reply that nobody asked for. kTooLarge. kUnavailable: the
  // server refuses the connection. After an error call fail_all().
  Status receive(std::string_view bytes);

  // Every call fails: kUnavailable, or kTooLarge for the one whose reply was. Messages end with how far it got.
  void fail_all(const Error& why);

  // Neither waiting nor sent.
  [[nodiscard]] bool idle() const { return waiting_.empty() && sent_.empty(); }
  [[nodiscard]] bool has_bytes() const { return !waiting_.empty(); }
  // Of calls that wait to be sent.
  [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }
  [[nodiscard]] std::size_t waiting_calls() const { return waiting_.size(); }

 private:
  Status accept(Reply reply);
  static void finish(Call& call);

  MessageHandler on_message_;
  std::deque<std::shared_ptr<Call>> waiting_;
  std::deque<std::shared_ptr<Call>> sent_;
  std::size_t waiting_bytes_ = 0;
  Decoder decoder_;
};

}  // namespace ghstats::redis
