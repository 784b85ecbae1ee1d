// One connection to one Redis server.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "async/watch.h"
#include "net/endpoint.h"
#include "net/stream.h"
#include "redis/call_queue.h"
#include "redis/handshake.h"

namespace ghstats::redis {

struct ConnectionOptions {
  Introduction introduction = {};
  std::shared_ptr<net::TlsContext> tls = {};  // null: plain TCP
  ReplyLimits limits = {};
  std::size_t max_waiting_bytes = 256UL << 20U;  // of commands not yet sent; beyond it new ones are refused
  // For connections that SUBSCRIBE, with one channel a command: gets ["message", channel, payload]. On the executor's
  // thread; must not wait.
  CallQueue::MessageHandler on_message = {};
};

// Any number of tasks may execute() at the same time; their commands are pipelined in the order of the calls and sent
// by one writer. All calls on the executor's thread.
//
// A reply can only be matched by its order. So nothing that casts doubt on the order is survived: a timeout, an answer
// that is not RESP2, or too large, closes the connection and fails whatever is in flight. A connection never comes
// back; Client makes a new one.
//
// Not for commands that change how many replies there are: MONITOR, CLIENT REPLY, HELLO 3, SUBSCRIBE to several
// channels at once. Commands that wait at the server (XREAD BLOCK) make later ones wait, too: give them a connection of
// their own.
class Connection {
 public:
  // Connects, shakes hands, authenticates and selects the database within `timeout`. Errors: those of Stream::connect
  // and judge(), with the endpoint in front.
  static async::Task<Result<std::shared_ptr<Connection>>> open(net::Endpoint endpoint, ConnectionOptions options,
                                                               std::chrono::nanoseconds timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // As many replies as commands, in their order; what the server refuses is a Reply that holds an error, and a result
  // all the same. Commands of one call stand together. `timeout` covers waiting, sending and answering.
  //   kTimeout      no answer in time; unless they had not been sent, the connection is closed
  //   kUnavailable  the connection was closed or lost
  //   kTooLarge     a reply beyond the limits (the connection is closed), or too many bytes wait to be sent
  //   kCancelled    at once; the connection stays, and a reply that comes is dropped
  // Whether the commands may have been applied is in the message and in `delivery`, also for kCancelled.
  // The connection must live until the call returns.
  async::Task<Result<std::vector<Reply>>> execute(SharedCommands commands, std::chrono::nanoseconds timeout,
                                                  Delivery* delivery = nullptr);
  async::Task<Result<std::vector<Reply>>> execute(std::vector<Command> commands, std::chrono::nanoseconds timeout,
                                                  Delivery* delivery = nullptr);
  // One command; what the server refuses is an error (server_error.h).
  async::Task<Result<Reply>> execute(Command command, std::chrono::nanoseconds timeout, Delivery* delivery = nullptr);

  // Ends the connection now; the first reason stays.
  void end(Error why);

  // Ends the connection and waits for its tasks. Must be called before the last reference goes.
  async::Task<> close();

  // Returns once the connection has ended. kTimeout, kCancelled.
  async::Task<Status> wait_closed(std::chrono::nanoseconds timeout);

  // Why it ended; none while it lives.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] bool idle() const { return queue_.idle(); }
  [[nodiscard]] const net::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  struct WaitingCall;

  Connection(const boost::asio::any_io_executor& executor, net::Endpoint endpoint, const ConnectionOptions& options,
             std::unique_ptr<net::Stream> stream);
  async::Task<> read_all();
  async::Task<> write_all();
  async::Task<> watch_abandoned(std::shared_ptr<WaitingCall> call);
  Error give_up(const std::shared_ptr<WaitingCall>& call, const std::string& what, bool stopped);

  boost::asio::any_io_executor executor_;
  const net::Endpoint endpoint_;
  const std::size_t max_waiting_bytes_;
  std::unique_ptr<net::Stream> stream_;
  CallQueue queue_;
  std::optional<Error> failure_;
  async::Watch work_;    // bumped when there is something to send, or nothing will be any more
  async::Watch closed_;  // bumped once, by end()
  async::TaskGroup tasks_;
};

}  // namespace ghstats::redis
