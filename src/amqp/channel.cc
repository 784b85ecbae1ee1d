#include "amqp/channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "amqp/client_method.h"
#include "amqp/server_error.h"
#include "base/duration.h"

namespace ghstats::amqp {
namespace asio = boost::asio;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view kNotSent = " (not sent)";
constexpr std::string_view kMaybeEnqueued = " (may have been enqueued)";

std::string within(std::chrono::nanoseconds timeout) {
  return format_duration(std::chrono::duration_cast<Duration>(timeout));
}

Error takes_nothing(const std::string& reason, std::string_view outcome) {
  return {ErrorCode::kUnavailable, fmt::format("the broker takes no messages now: {}{}", reason, outcome)};
}

}  // namespace

// One who waits for the server's answer. The answers on a channel come in the order of the questions.
struct Channel::Answer {
  Answer(const asio::any_io_executor& executor, Timeout timeout, Matches what)
      : over(executor, timeout), matches(std::move(what)) {}
  void finish() {
    finished = true;
    over.cancel();
  }

  asio::steady_timer over;  // expires at the deadline, cancelled when finished
  Matches matches;
  bool finished = false;
  Reply reply = {};
  std::optional<Error> error = {};
};

struct Channel::Confirm final : Unconfirmed {
  Confirm(const asio::any_io_executor& executor, Timeout timeout) : over(executor, timeout) {}
  void on_finished() override { over.cancel(); }

  asio::steady_timer over;  // as above
};

Channel::Channel(std::uint16_t number, Wire& wire) : number_(number), wire_(&wire), arrived_(wire.executor()) {}

Channel::~Channel() = default;

async::Task<Result<Channel::Reply>> Channel::call(std::string what, std::string frames, Matches matches,
                                                  Timeout timeout) {
  const auto self = shared_from_this();
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (failure_) co_return fail(failure_->with_context(what));
  if (frames.size() > wire_->frame_max()) {
    co_return fail(ErrorCode::kTooLarge, fmt::format("{}: {} bytes of arguments; the broker takes {}", what,
                                                     frames.size(), wire_->frame_max()));
  }
  const auto answer = std::make_shared<Answer>(wire_->executor(), timeout, std::move(matches));
  answers_.push_back(answer);
  wire_->send(frames);
  co_await answer->over.async_wait(kUse);
  if (answer->finished) {
    if (answer->error) co_return fail(answer->error->with_context(what));
    co_return std::move(answer->reply);
  }
  const bool stopped = co_await async::cancelled();
  // Whatever it was may still happen, with nobody to know of it: a consumer, a message in hand.
  abandon();
  if (stopped) co_return fail(ErrorCode::kCancelled, "cancelled");
  co_return fail(ErrorCode::kTimeout, fmt::format("{}: no answer within {}", what, within(timeout)));
}

async::Task<Status> Channel::ask(std::string what, std::string frames, std::uint32_t ok_method, Timeout timeout) {
  const auto matches = [ok_method](const Reply& reply) {
    const auto* method = std::get_if<ServerMethod>(&reply);
    const auto* done = method != nullptr ? std::get_if<Done>(method) : nullptr;
    return done != nullptr && done->method == ok_method;
  };
  const auto reply = co_await call(std::move(what), std::move(frames), matches, timeout);
  if (!reply) co_return std::unexpected(reply.error());
  co_return Status{};
}

async::Task<Result<std::uint32_t>> Channel::clear(std::string what, std::string frames, std::uint32_t ok_method,
                                                  Timeout timeout) {
  const auto matches = [ok_method](const Reply& reply) {
    const auto* method = std::get_if<ServerMethod>(&reply);
    const auto* emptied = method != nullptr ? std::get_if<QueueEmptied>(method) : nullptr;
    return emptied != nullptr && emptied->method == ok_method;
  };
  const auto reply = co_await call(std::move(what), std::move(frames), matches, timeout);
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::get<QueueEmptied>(std::get<ServerMethod>(*reply)).messages;
}

async::Task<Status> Channel::open(Timeout timeout) {
  const auto matches = [](const Reply& reply) {
    const auto* method = std::get_if<ServerMethod>(&reply);
    return method != nullptr && std::holds_alternative<ChannelOpenOk>(*method);
  };
  const auto reply = co_await call("open a channel", say::open_channel(number_), matches, timeout);
  if (!reply) co_return std::unexpected(reply.error());
  co_return Status{};
}

async::Task<Status> Channel::select_confirms(Timeout timeout) {
  auto selected = co_await ask("select confirms", say::select_confirms(number_), ok::kConfirmSelect, timeout);
  if (selected) confirming_ = true;
  co_return selected;
}

Status Channel::may_publish(const Publication& publication) const {
  if (failure_) return fail(failure_->code, failure_->message + std::string(kNotSent));
  if (!confirming_) return fail(ErrorCode::kInvalidArgument, "publish without select_confirms()");
  if (wire_->blocked()) {
    return fail(takes_nothing(*wire_->blocked(), kNotSent));
  }
  if (paused_) return fail(ErrorCode::kUnavailable, fmt::format("the broker paused the channel{}", kNotSent));
  if (wire_->congested()) {
    return fail(ErrorCode::kUnavailable, fmt::format("too much waits to be sent to the broker{}", kNotSent));
  }
  if (publication.message.body.size() > wire_->max_body_bytes()) {
    return fail(ErrorCode::kTooLarge, fmt::format("the message has {} bytes; allowed are {}{}",
                                                  publication.message.body.size(), wire_->max_body_bytes(), kNotSent));
  }
  auto checked = check_text("the name of an exchange", publication.exchange);
  if (checked) checked = check_text("a routing key", publication.routing_key);
  if (checked) checked = amqp::check(publication.message.properties);
  return checked;
}

async::Task<Status> Channel::publish(Publication publication, Timeout timeout) {
  const auto self = shared_from_this();
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  auto allowed = may_publish(publication);
  if (!allowed) co_return allowed;
  const auto frames = say::publish(number_, publication, wire_->frame_max());
  if (!frames) co_return std::unexpected(frames.error());
  const auto confirm = std::make_shared<Confirm>(wire_->executor(), timeout);
  confirm->body_bytes = publication.message.body.size();
  if (publication.mandatory) {
    confirm->mandatory_print = fingerprint(publication.exchange, publication.routing_key, publication.message);
  }
  confirms_.push(confirm);
  wire_->send(*frames);
  co_await confirm->over.async_wait(kUse);
  if (confirm->finished) {
    if (confirm->error) co_return std::unexpected(*confirm->error);
    co_return Status{};
  }
  const bool stopped = co_await async::cancelled();
  if (stopped) co_return fail(ErrorCode::kCancelled, "cancelled");
  co_return fail(ErrorCode::kTimeout,
                 fmt::format("the broker did not confirm the message within {}{}", within(timeout), kMaybeEnqueued));
}

async::Task<Result<std::optional<Got>>> Channel::get(std::string queue, Timeout timeout) {
  const auto checked = check_text("the name of a queue", queue);
  if (!checked) co_return std::unexpected(checked.error());
  const auto matches = [](const Reply& reply) {
    if (const auto* content = std::get_if<Content>(&reply)) {
      return std::holds_alternative<BasicGetOk>(content->method);
    }
    return std::holds_alternative<BasicGetEmpty>(std::get<ServerMethod>(reply));
  };
  auto reply = co_await call(fmt::format("get from queue '{}'", queue), say::get(number_, queue), matches, timeout);
  if (!reply) co_return std::unexpected(reply.error());
  auto* content = std::get_if<Content>(&*reply);
  if (content == nullptr) co_return std::optional<Got>();
  Got got = std::move(std::get<BasicGetOk>(content->method).got);
  got.delivery.message = std::move(content->message);
  got.delivery.omitted_bytes = content->omitted_bytes;
  co_return std::optional<Got>(std::move(got));
}

async::Task<Status> Channel::consume(std::string queue, ConsumeOptions options, Timeout timeout) {
  if (options.prefetch == 0) co_return fail(ErrorCode::kInvalidArgument, "consume with a prefetch of 0");
  if (consuming_) co_return fail(ErrorCode::kInvalidArgument, "a second consumer on one channel");
  auto done = check_text("the name of a queue", queue);
  if (done) done = check_table("the arguments of a consumer", options.arguments);
  if (!done) co_return done;
  consuming_ = true;
  const std::string what = fmt::format("consume from queue '{}'", queue);
  const auto self = shared_from_this();
  done = co_await ask(what, say::prefetch(number_, options.prefetch), ok::kBasicQos, timeout);
  if (done) done = co_await ask(what, say::consume(number_, queue, options), ok::kBasicConsume, timeout);
  co_return done;
}

async::Task<Result<Delivery>> Channel::next(std::optional<Timeout> timeout) {
  const auto self = shared_from_this();
  const auto end = std::chrono::steady_clock::now() + timeout.value_or(Timeout{0});
  const bool stopped_before = co_await async::cancelled();
  if (stopped_before) co_return fail(ErrorCode::kCancelled, "cancelled");
  for (;;) {
    if (failure_) co_return std::unexpected(*failure_);
    if (consumer_failure_) co_return std::unexpected(*consumer_failure_);
    if (!deliveries_.empty()) {
      Delivery delivery = std::move(deliveries_.front());
      deliveries_.pop_front();
      co_return delivery;
    }
    const auto seen = arrived_.version();
    std::optional<Timeout> left;
    if (timeout) left = end - std::chrono::steady_clock::now();
    const auto woken = co_await arrived_.wait_beyond(seen, left);
    if (!woken) co_return std::unexpected(woken.error());
  }
}

async::Task<Error> Channel::ended() {
  const auto self = shared_from_this();
  for (;;) {
    if (failure_) co_return *failure_;
    if (consumer_failure_) co_return *consumer_failure_;
    const Status woken = co_await arrived_.wait_beyond(arrived_.version());
    if (!woken) co_return woken.error();
  }
}

Status Channel::settle(std::string_view frames) {
  if (failure_) return std::unexpected(*failure_);
  wire_->send(frames);
  return {};
}

Status Channel::ack(DeliveryTag tag, bool multiple) {
  return settle(say::ack(number_, tag, multiple));
}

Status Channel::nack(DeliveryTag tag, bool requeue, bool multiple) {
  return settle(say::nack(number_, tag, multiple, requeue));
}

async::Task<Status> Channel::close(Timeout timeout) {
  const auto self = shared_from_this();
  const auto end = std::chrono::steady_clock::now() + timeout;
  abandon();
  while (!closed_ && wire_ != nullptr) {
    const auto seen = arrived_.version();
    const auto woken = co_await arrived_.wait_beyond(seen, end - std::chrono::steady_clock::now());
    if (!woken) co_return woken;
  }
  if (!closed_) co_return std::unexpected(*failure_);
  co_return Status{};
}

void Channel::abandon() {
  if (failure_) return;
  closing_ = true;
  wire_->send(say::close_channel(number_));
  end({ErrorCode::kUnavailable, "the channel was closed by this side"});
}

void Channel::on_blocked(const std::string& reason) {
  confirms_.give_up(takes_nothing(reason, kMaybeEnqueued));
}

void Channel::lose(const Error& why) {
  wire_ = nullptr;
  end(why);
}

// Calls learn why; messages, too, but whether they are in a queue is open.
void Channel::end(const Error& why) {
  if (!failure_) failure_ = why;
  for (const auto& answer : std::exchange(answers_, {})) {
    answer->error = *failure_;
    answer->finish();
  }
  confirms_.fail_all({failure_->code, failure_->message + std::string(kMaybeEnqueued)});
  deliveries_.clear();
  arrived_.bump();
}

Status Channel::receive(ServerMethod method) {
  if (const auto* close = std::get_if<ChannelClose>(&method)) return on_close(*close);
  if (std::holds_alternative<ChannelCloseOk>(method)) {
    if (!closing_) return fail(ErrorCode::kInvalidData, "the server closed a channel that was not to be closed");
    closed_ = true;
    arrived_.bump();
    return {};
  }
  // Between channel.close and its answer comes what was under way before.
  if (closing_) return {};
  if (content_.under_way()) return fail(ErrorCode::kInvalidData, "the server sent a method within a message");
  if (auto* deliver = std::get_if<BasicDeliver>(&method)) return content_.begin(std::move(*deliver));
  if (auto* got = std::get_if<BasicGetOk>(&method)) return content_.begin(std::move(*got));
  if (auto* returned = std::get_if<BasicReturn>(&method)) return content_.begin(std::move(*returned));
  if (const auto* ack = std::get_if<BasicAck>(&method)) return confirms_.ack(ack->tag, ack->multiple);
  if (const auto* nack = std::get_if<BasicNack>(&method)) return confirms_.nack(nack->tag, nack->multiple);
  if (const auto* cancel = std::get_if<BasicCancel>(&method)) {
    consumer_failure_ =
        Error{ErrorCode::kNotFound, "the broker cancelled the consumer: its queue was deleted or moved"};
    if (cancel->wants_answer) wire_->send(say::cancel_ok(number_, cancel->consumer_tag));
    arrived_.bump();
    return {};
  }
  if (const auto* flow = std::get_if<ChannelFlow>(&method)) {
    paused_ = !flow->active;
    wire_->send(say::flow_ok(number_, flow->active));
    return {};
  }
  return answer(std::move(method));
}

Status Channel::answer(Reply reply) {
  if (answers_.empty() || !answers_.front()->matches(reply)) {
    return fail(ErrorCode::kInvalidData, "the server gave an answer that nobody asked for");
  }
  const auto answered = std::move(answers_.front());
  answers_.pop_front();
  answered->reply = std::move(reply);
  answered->finish();
  return {};
}

Status Channel::on_close(const ChannelClose& close) {
  wire_->send(say::close_channel_ok(number_));
  closed_ = true;
  refused_ = !closing_;
  Error why = to_error(close);
  if (why.code == ErrorCode::kTooLarge) {
    confirms_.fail_largest(why);
    why = {ErrorCode::kUnavailable, "closed for another message: " + why.message};
  }
  end(why);
  return {};
}

Status Channel::receive(ContentHeader header) {
  if (closing_) return {};
  auto whole = content_.header(std::move(header), wire_->max_body_bytes());
  if (!whole) return std::unexpected(whole.error());
  return *whole ? take(std::move(**whole)) : Status{};
}

Status Channel::receive_body(std::string_view fragment) {
  if (closing_) return {};
  auto whole = content_.body(fragment);
  if (!whole) return std::unexpected(whole.error());
  return *whole ? take(std::move(**whole)) : Status{};
}

Status Channel::take(Content content) {
  if (const auto* returned = std::get_if<BasicReturn>(&content.method)) {
    confirms_.returned(*returned, fingerprint(returned->exchange, returned->routing_key, content.message));
    return {};
  }
  if (auto* deliver = std::get_if<BasicDeliver>(&content.method)) {
    if (!consuming_) return fail(ErrorCode::kInvalidData, "the server delivered a message that nobody consumes");
    Delivery delivery = std::move(deliver->delivery);
    delivery.message = std::move(content.message);
    delivery.omitted_bytes = content.omitted_bytes;
    deliveries_.push_back(std::move(delivery));
    arrived_.bump();
    return {};
  }
  return answer(std::move(content));
}

}  // namespace ghstats::amqp
