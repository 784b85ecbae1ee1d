#include "redis/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/duration.h"
#include "redis/server_error.h"

namespace ghstats::redis {
namespace asio = boost::asio;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadChunk = 16UL << 10U;  // a TLS record
constexpr std::size_t kWriteChunk = 256UL << 10U;

std::string describe(const std::vector<Command>& commands) {
  if (commands.empty()) return "nothing";
  const std::string first(commands.front().name());
  return commands.size() == 1 ? first : fmt::format("{} and {} more", first, commands.size() - 1);
}

}  // namespace

struct Connection::WaitingCall final : Call {
  WaitingCall(const asio::any_io_executor& executor, SharedCommands what, std::chrono::nanoseconds limit)
      : Call(std::move(what)), over(executor, limit), timeout(limit) {}
  void on_finished() override { over.cancel(); }

  asio::steady_timer over;  // expires at the deadline, cancelled when finished
  std::chrono::nanoseconds timeout;
};

Connection::Connection(const asio::any_io_executor& executor, net::Endpoint endpoint, const ConnectionOptions& options,
                       std::unique_ptr<net::Stream> stream)
    : executor_(executor),
      endpoint_(std::move(endpoint)),
      max_waiting_bytes_(options.max_waiting_bytes),
      stream_(std::move(stream)),
      queue_(options.limits, options.on_message),
      work_(executor),
      closed_(executor),
      tasks_(executor) {
  tasks_.spawn([this] { return read_all(); });
  tasks_.spawn([this] { return write_all(); });
}

Connection::~Connection() = default;

async::Task<Result<std::shared_ptr<Connection>>> Connection::open(net::Endpoint endpoint, ConnectionOptions options,
                                                                  std::chrono::nanoseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  auto stream = co_await net::Stream::connect(endpoint, options.tls, timeout);
  if (!stream) co_return std::unexpected(stream.error());
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Connection> connection(new Connection(executor, endpoint, options, std::move(*stream)));
  const auto left = std::max(end - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
  const auto replies = co_await connection->execute(introduce(options.introduction), left);
  Error why;
  if (replies) {
    const Status accepted = judge(options.introduction, *replies);
    if (accepted) co_return connection;
    why = accepted.error().with_context(to_string(endpoint));
  } else if (replies.error().code == ErrorCode::kCancelled) {
    why = replies.error();
  } else {
    // Whether a greeting "may have been applied" is of no interest.
    why = connection->failure().value_or(replies.error());
  }
  co_await connection->close();
  co_return std::unexpected(std::move(why));
}

async::Task<Result<std::vector<Reply>>> Connection::execute(std::vector<Command> commands,
                                                            std::chrono::nanoseconds timeout, Delivery* delivery) {
  return execute(std::make_shared<const std::vector<Command>>(std::move(commands)), timeout, delivery);
}

async::Task<Result<std::vector<Reply>>> Connection::execute(SharedCommands commands, std::chrono::nanoseconds timeout,
                                                            Delivery* delivery) {
  Delivery ignored{};
  Delivery& how_far = delivery != nullptr ? *delivery : ignored;
  how_far = Delivery::kNotSent;
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (failure_) co_return fail(ErrorCode::kUnavailable, failure_->message + " (not sent)");

  const std::string what = describe(*commands);
  const auto call = std::make_shared<WaitingCall>(executor_, std::move(commands), timeout);
  queue_.push(call);
  // One call alone may be as large as it likes.
  if (queue_.waiting_bytes() > max_waiting_bytes_ && queue_.waiting_calls() > 1) {
    queue_.abandon(call);
    co_return fail(ErrorCode::kTooLarge,
                   fmt::format("{}: too much waits to be sent to {} (not sent)", what, to_string(endpoint_)));
  }
  work_.bump();
  if (!call->finished) co_await call->over.async_wait(kUse);
  std::optional<Error> error;
  if (!call->finished) {
    const bool stopped = co_await async::cancelled();
    error = give_up(call, what, stopped);
  } else {
    error = std::move(call->error);
  }
  how_far = call->delivery;
  if (error) co_return std::unexpected(std::move(*error));
  co_return std::move(call->replies);
}

// Cancelled or too late.
Error Connection::give_up(const std::shared_ptr<WaitingCall>& call, const std::string& what, bool stopped) {
  const bool taken_back = queue_.abandon(call);
  if (stopped) {
    // Its reply is still to come and belongs to nobody else.
    if (!taken_back) tasks_.spawn([this, call] { return watch_abandoned(call); });
    return {ErrorCode::kCancelled, "cancelled"};
  }
  const auto limit = format_duration(std::chrono::duration_cast<Duration>(call->timeout));
  const std::string message = fmt::format("{}: no answer to {} within {}", to_string(endpoint_), what, limit);
  if (taken_back) return {ErrorCode::kTimeout, message + " (not sent)"};
  end({ErrorCode::kTimeout, fmt::format("closed because there was no answer to {} within {}", what, limit)});
  return {ErrorCode::kTimeout, message + " (may have been applied)"};
}

// The deadline of a call whose caller has left still says when the server is considered lost.
async::Task<> Connection::watch_abandoned(std::shared_ptr<WaitingCall> call) {
  if (!call->finished) co_await call->over.async_wait(kUse);
  const bool stop = co_await async::cancelled();
  if (stop || call->finished) co_return;
  end({ErrorCode::kTimeout, "closed because there was no answer in time"});
}

async::Task<Result<Reply>> Connection::execute(Command command, std::chrono::nanoseconds timeout, Delivery* delivery) {
  const std::string name(command.name());
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  auto replies = co_await execute(std::move(commands), timeout, delivery);
  if (!replies) co_return std::unexpected(std::move(replies.error()));
  co_return only_reply(name, std::move(*replies));
}

async::Task<> Connection::read_all() {
  std::vector<char> buffer(kReadChunk);
  while (!failure_) {
    const auto bytes = co_await stream_->read_some(buffer);
    if (!bytes) {
      end(bytes.error());
      co_return;
    }
    auto received = queue_.receive({buffer.data(), *bytes});
    if (!received) end(received.error());
  }
}

async::Task<> Connection::write_all() {
  while (!failure_) {
    const auto seen = work_.version();
    if (!queue_.has_bytes()) {
      const auto woken = co_await work_.wait_beyond(seen);
      if (!woken) co_return;
      continue;
    }
    const std::string bytes = queue_.take_bytes(kWriteChunk);
    const auto written = co_await stream_->write(bytes);
    // The reader meets the same end, after what the server may have said before it.
    if (!written) co_return;
  }
}

void Connection::end(Error why) {
  if (failure_) return;
  failure_ = why.with_context(to_string(endpoint_));
  stream_->close();
  queue_.fail_all(*failure_);
  work_.bump();
  closed_.bump();
}

async::Task<> Connection::close() {
  end({ErrorCode::kUnavailable, "closed by this side"});
  tasks_.cancel();
  co_await tasks_.join();
}

async::Task<Status> Connection::wait_closed(std::chrono::nanoseconds timeout) {
  if (failure_) co_return Status{};
  auto closed = co_await closed_.wait_beyond(closed_.version(), timeout);
  co_return closed;
}

}  // namespace ghstats::redis
