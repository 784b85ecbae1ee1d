#include "amqp/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>
#include <vector>

#include "amqp/client_method.h"
#include "amqp/server_error.h"
#include "base/duration.h"

namespace ghstats::amqp {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadChunk = 64UL << 10U;

SteadyPoint now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, net::Endpoint endpoint, ConnectionOptions options,
                       std::unique_ptr<net::Stream> stream)
    : executor_(executor),
      endpoint_(std::move(endpoint)),
      options_(std::move(options)),
      stream_(std::move(stream)),
      handshake_(options_.introduction),
      out_(protocol_header()),
      work_(executor),
      changed_(executor),
      tasks_(executor) {
  tasks_.spawn([this] { return read_all(); });
  tasks_.spawn([this] { return write_all(); });
}

Connection::~Connection() = default;

async::Task<Result<std::shared_ptr<Connection>>> Connection::open(net::Endpoint endpoint, ConnectionOptions options,
                                                                  std::chrono::nanoseconds timeout) {
  const auto end = now() + timeout;
  auto checked = check_text("the name of the virtual host", options.introduction.vhost);
  if (!checked) co_return std::unexpected(checked.error());
  auto stream = co_await net::Stream::connect(endpoint, options.tls, timeout);
  if (!stream) co_return std::unexpected(stream.error());
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Connection> connection(
      new Connection(executor, std::move(endpoint), std::move(options), std::move(*stream)));
  const auto introduced = co_await connection->introduce(end, timeout);
  if (introduced) co_return connection;
  connection->end(introduced.error());
  co_await connection->close({});
  co_return std::unexpected(introduced.error());
}

async::Task<Status> Connection::introduce(SteadyPoint end, std::chrono::nanoseconds timeout) {
  while (!handshake_.done() && !failure_) {
    const auto seen = changed_.version();
    const auto progress = co_await changed_.wait_beyond(seen, end - now());
    if (progress) continue;
    if (progress.error().code == ErrorCode::kCancelled) co_return progress;
    co_return fail(ErrorCode::kTimeout, fmt::format("{}: no answer within {}", to_string(endpoint_),
                                                    format_duration(std::chrono::duration_cast<Duration>(timeout))));
  }
  if (failure_) co_return std::unexpected(*failure_);
  heartbeat_.start(negotiated().heartbeat, now());
  tasks_.spawn([this] { return keep_alive(); });
  co_return Status{};
}

async::Task<Result<std::shared_ptr<Channel>>> Connection::open_channel(std::chrono::nanoseconds timeout) {
  const bool stopped = co_await async::cancelled();
  if (stopped) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (failure_) co_return std::unexpected(loss());
  const std::uint16_t most = negotiated().channel_max;
  if (closing_ || channels_.size() >= most) {
    co_return fail(closing_ ? ErrorCode::kUnavailable : ErrorCode::kConflict,
                   closing_ ? "the connection is being closed" : fmt::format("all {} channels are in use", most));
  }
  do {
    last_channel_ = last_channel_ >= most ? std::uint16_t{1} : static_cast<std::uint16_t>(last_channel_ + 1);
  } while (channels_.contains(last_channel_));
  const auto channel = std::make_shared<Channel>(last_channel_, *this);
  channels_.emplace(last_channel_, channel);
  const auto opened = co_await channel->open(timeout);
  if (!opened) co_return std::unexpected(opened.error());
  co_return channel;
}

void Connection::send(std::string_view frames) {
  if (failure_ || closing_) return;
  out_ += frames;
  work_.bump();
}

async::Task<> Connection::read_all() {
  std::vector<char> buffer(kReadChunk);
  while (!failure_) {
    const auto bytes = co_await stream_->read_some(buffer);
    if (!bytes) {
      end(bytes.error());
      co_return;
    }
    heartbeat_.on_received(now());
    frames_.feed({buffer.data(), *bytes});
    while (!failure_) {
      const auto frame = frames_.next();
      Status taken;
      if (!frame) {
        taken = std::unexpected(frame.error());
      } else if (!*frame) {
        break;
      } else {
        taken = receive(**frame);
      }
      if (!taken) end(taken.error());
    }
  }
}

async::Task<> Connection::write_all() {
  while (!failure_) {
    const auto seen = work_.version();
    if (out_.empty()) {
      const auto woken = co_await work_.wait_beyond(seen);
      if (!woken) co_return;
      continue;
    }
    const std::string bytes = std::exchange(out_, {});
    const auto written = co_await stream_->write(bytes);
    // The reader meets the same end, after what the server may have said before it.
    if (!written) co_return;
    heartbeat_.on_sent(now());
  }
}

async::Task<> Connection::keep_alive() {
  for (;;) {
    const auto wait = heartbeat_.wait(now());
    if (!wait) co_return;
    const auto slept = co_await async::sleep_for(*wait);
    if (!slept || failure_) co_return;
    switch (heartbeat_.due(now())) {
      case HeartbeatFsm::Action::kNothing:
        break;
      case HeartbeatFsm::Action::kSend:
        send(say::heartbeat());
        // A writer that is stuck is no reason to pile up more of them.
        heartbeat_.on_sent(now());
        break;
      case HeartbeatFsm::Action::kLost:
        end({ErrorCode::kUnavailable,
             fmt::format("nothing heard for two heartbeat intervals of {}",
                         format_duration(std::chrono::duration_cast<Duration>(negotiated().heartbeat)))});
        co_return;
    }
  }
}

Status Connection::receive(const Frame& frame) {
  if (frame.type == FrameType::kHeartbeat) {
    // 4.2.7: on channel 0, with nothing in it.
    if (frame.channel == 0 && frame.payload.empty()) return {};
    return fail(ErrorCode::kInvalidData, "the server sent a malformed heartbeat");
  }
  if (frame.channel != 0) return receive_for_channel(frame);
  if (frame.type != FrameType::kMethod) {
    return fail(ErrorCode::kInvalidData, "the server sent a message on channel 0");
  }
  auto method = decoder_.method(frame.payload);
  if (!method) return std::unexpected(method.error());
  return receive_for_connection(std::move(*method));
}

Status Connection::receive_for_connection(ServerMethod method) {
  if (!handshake_.done()) {
    const auto answer = handshake_.on_method(method);
    if (!answer) return std::unexpected(answer.error());
    frames_.set_frame_max(std::max(negotiated().frame_max, std::size_t{4096}));
    send(*answer);
    changed_.bump();
    return {};
  }
  // The end of the connection is as good an answer as close-ok.
  if (const auto* close = std::get_if<ConnectionClose>(&method)) return std::unexpected(handshake_.on_close(*close));
  if (std::holds_alternative<ConnectionCloseOk>(method) && closing_) {
    return fail(ErrorCode::kUnavailable, "closed by this side");
  }
  const auto* blocked = std::get_if<ConnectionBlocked>(&method);
  if (blocked == nullptr && !std::holds_alternative<ConnectionUnblocked>(method)) {
    return fail(ErrorCode::kInvalidData, "the server said something on channel 0 that nobody asked for");
  }
  blocked_ = blocked != nullptr ? std::optional(blocked->reason) : std::nullopt;
  if (blocked_) {
    for (const auto& [number, channel] : channels_) channel->on_blocked(*blocked_);
  }
  if (options_.on_blocked) options_.on_blocked();
  return {};
}

Status Connection::receive_for_channel(const Frame& frame) {
  const auto place = channels_.find(frame.channel);
  if (place == channels_.end()) {
    // Both sides may have closed a channel at the same time, and get two answers.
    const auto method =
        frame.type == FrameType::kMethod ? decoder_.method(frame.payload) : fail(ErrorCode::kInvalidData, "");
    if (method && std::holds_alternative<ChannelCloseOk>(*method)) return {};
    return fail(ErrorCode::kInvalidData,
                fmt::format("the server sent something on channel {}, which is not open", frame.channel));
  }
  const std::shared_ptr<Channel> channel = place->second;
  Status taken;
  if (frame.type == FrameType::kBody) {
    taken = channel->receive_body(frame.payload);
  } else if (frame.type == FrameType::kHeader) {
    auto header = decoder_.header(frame.payload);
    taken = header ? channel->receive(std::move(*header)) : Status(std::unexpected(header.error()));
  } else {
    auto method = decoder_.method(frame.payload);
    taken = method ? channel->receive(std::move(*method)) : Status(std::unexpected(method.error()));
  }
  if (channel->closed()) channels_.erase(frame.channel);
  return taken;
}

// What the failure means to those who asked for something else: unless the server said what was wrong, the same may be
// asked again on a new connection.
Error Connection::loss() const {
  const bool by_the_server = failure_->code != ErrorCode::kCancelled && failure_->code != ErrorCode::kInvalidData &&
                             failure_->code != ErrorCode::kTimeout;
  return {by_the_server ? failure_->code : ErrorCode::kUnavailable, failure_->message};
}

void Connection::end(Error why) {
  if (failure_) return;
  failure_ = why.with_context(to_string(endpoint_));
  stream_->close();
  for (const auto& [number, channel] : std::exchange(channels_, {})) channel->lose(loss());
  blocked_.reset();
  work_.bump();
  changed_.bump();
}

async::Task<> Connection::say_goodbye(std::chrono::nanoseconds timeout) {
  if (!failure_ && !closing_ && handshake_.done()) {
    send(say::close());
    closing_ = true;
    co_await wait_closed(timeout);
  }
  end({ErrorCode::kUnavailable, "closed by this side"});
}

async::Task<> Connection::close(std::chrono::nanoseconds timeout) {
  if (timeout.count() > 0) co_await say_goodbye(timeout);
  end({ErrorCode::kUnavailable, "closed by this side"});
  tasks_.cancel();
  co_await tasks_.join();
}

async::Task<Status> Connection::wait_closed(std::chrono::nanoseconds timeout) {
  const auto end = now() + timeout;
  while (!failure_) {
    const auto seen = changed_.version();
    const auto changed = co_await changed_.wait_beyond(seen, end - now());
    if (!changed) co_return changed;
  }
  co_return Status{};
}

}  // namespace ghstats::amqp
