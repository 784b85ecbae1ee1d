#include "redis/call_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "redis/server_error.h"

namespace ghstats::redis {

namespace {

// hiredis moves the rest of its buffer whenever it has read 1 KiB: small bites keep that rest small.
constexpr std::size_t kBite = 16UL << 10U;

std::size_t encoded_size(const Call& call) {
  std::size_t bytes = 0;
  for (const Command& command : *call.commands) bytes += command.encoded_size();
  return bytes;
}

// https://redis.io/docs/latest/develop/pubsub/: what arrives without being asked for, in RESP2.
bool is_message(const Reply& reply) {
  const auto* elements = reply.array();
  if (elements == nullptr || elements->empty()) return false;
  const std::string* type = elements->front().string();
  return type != nullptr && (*type == "message" || *type == "pmessage" || *type == "smessage");
}

}  // namespace

CallQueue::CallQueue(ReplyLimits limits, MessageHandler on_message)
    : on_message_(std::move(on_message)), decoder_(limits) {}

void CallQueue::finish(Call& call) {
  call.finished = true;
  call.on_finished();
}

void CallQueue::push(std::shared_ptr<Call> call) {
  if (call->commands->empty()) {
    call->delivery = Delivery::kAnswered;
    finish(*call);
    return;
  }
  waiting_bytes_ += encoded_size(*call);
  waiting_.push_back(std::move(call));
}

bool CallQueue::abandon(const std::shared_ptr<Call>& call) {
  const auto place = std::ranges::find(waiting_, call);
  if (place == waiting_.end()) return false;
  waiting_bytes_ -= encoded_size(*call);
  waiting_.erase(place);
  return true;
}

std::string CallQueue::take_bytes(std::size_t enough) {
  std::string bytes;
  while (!waiting_.empty() && bytes.size() < enough) {
    std::shared_ptr<Call> call = std::move(waiting_.front());
    waiting_.pop_front();
    const std::size_t size = encoded_size(*call);
    waiting_bytes_ -= size;
    if (bytes.empty()) bytes.reserve(std::max(size, std::min(enough, size + waiting_bytes_)));
    for (const Command& command : *call->commands) command.encode_to(bytes);
    call->commands.reset();
    call->delivery = Delivery::kMaybeApplied;
    sent_.push_back(std::move(call));
  }
  return bytes;
}

Status CallQueue::receive(std::string_view bytes) {
  while (!bytes.empty()) {
    auto fed = decoder_.feed(bytes.substr(0, kBite));
    if (!fed) return fed;
    bytes.remove_prefix(std::min(bytes.size(), kBite));
    for (;;) {
      auto decoded = decoder_.next();
      if (!decoded) return std::unexpected(decoded.error());
      if (!*decoded) break;
      auto accepted = accept(std::move(**decoded));
      if (!accepted) return accepted;
    }
  }
  return {};
}

Status CallQueue::accept(Reply reply) {
  if (on_message_ && is_message(reply)) {
    on_message_(std::move(reply));
    return {};
  }
  if (sent_.empty()) {
    // Before it closes a connection that it does not want, the server may say why.
    if (const ServerError* error = reply.error()) return fail(ErrorCode::kUnavailable, to_error(*error).message);
    return fail(ErrorCode::kInvalidData, fmt::format("the server sent {} that nobody asked for", reply.kind()));
  }
  Call& call = *sent_.front();
  call.replies.push_back(std::move(reply));
  if (call.replies.size() < call.expected) return {};
  const std::shared_ptr<Call> done = std::move(sent_.front());
  sent_.pop_front();
  done->delivery = Delivery::kAnswered;
  finish(*done);
  return {};
}

void CallQueue::fail_all(const Error& why) {
  ErrorCode first = why.code == ErrorCode::kTooLarge ? ErrorCode::kTooLarge : ErrorCode::kUnavailable;
  for (auto* calls : {&sent_, &waiting_}) {
    for (const auto& call : std::exchange(*calls, {})) {
      const char* how_far = call->delivery == Delivery::kNotSent ? "not sent" : "may have been applied";
      call->error = Error{first, fmt::format("{} ({})", why.message, how_far)};
      first = ErrorCode::kUnavailable;
      finish(*call);
    }
  }
  waiting_bytes_ = 0;
}

}  // namespace ghstats::redis
