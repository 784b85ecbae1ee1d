#include "amqp/confirm_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "amqp/server_error.h"

namespace ghstats::amqp {

std::size_t fingerprint(std::string_view exchange, std::string_view routing_key, const Message& message) {
  constexpr std::hash<std::string_view> kHash;
  constexpr std::size_t kMix = 31;
  std::size_t print = kHash(exchange);
  for (const std::string_view part :
       {routing_key, std::string_view(message.properties.message_id), std::string_view(message.body)}) {
    print = print * kMix + kHash(part);
  }
  return print;
}

void ConfirmTracker::push(std::shared_ptr<Unconfirmed> message) {
  waiting_.push_back(std::move(message));
  ++outstanding_;
}

void ConfirmTracker::finish(std::shared_ptr<Unconfirmed>& message, const std::optional<Error>& error) {
  const auto done = std::exchange(message, nullptr);
  --outstanding_;
  conclude(*done, error);
}

void ConfirmTracker::conclude(Unconfirmed& message, const std::optional<Error>& error) {
  if (message.finished) return;  // given up before
  // A returned message is acked like any other, but it is nowhere.
  if (!message.error) message.error = error;
  message.finished = true;
  message.on_finished();
}

void ConfirmTracker::fail_largest(const Error& why) {
  const auto bytes = [](const auto& message) { return message != nullptr ? message->body_bytes : 0; };
  const auto largest = std::ranges::max_element(waiting_, {}, bytes);
  if (largest != waiting_.end() && *largest != nullptr) conclude(**largest, why);
}

void ConfirmTracker::give_up(const Error& why) {
  for (const auto& message : waiting_) {
    if (message != nullptr) conclude(*message, why);
  }
}

Status ConfirmTracker::ack(std::uint64_t tag, bool multiple) {
  return settle(tag, multiple, std::nullopt);
}

Status ConfirmTracker::nack(std::uint64_t tag, bool multiple) {
  return settle(tag, multiple,
                Error{ErrorCode::kUnavailable, "the broker did not take the message (nack) (may have been enqueued)"});
}

Status ConfirmTracker::settle(std::uint64_t tag, bool multiple, const std::optional<Error>& error) {
  // 7.6.1.13: with `multiple` tag 0 is everything so far.
  if (multiple && tag == 0) tag = first_tag_ + waiting_.size() - 1;
  const bool known = tag >= first_tag_ && tag < first_tag_ + waiting_.size();
  const bool nothing = multiple && tag + 1 == first_tag_;
  if (nothing) return {};
  const std::size_t index = known ? tag - first_tag_ : 0;
  if (!known || (!multiple && waiting_[index] == nullptr)) {
    return fail(ErrorCode::kInvalidData, fmt::format("the server confirmed message {}, which is not awaited", tag));
  }
  for (std::size_t i = multiple ? 0 : index; i <= index; ++i) {
    if (waiting_[i] != nullptr) finish(waiting_[i], error);
  }
  while (!waiting_.empty() && waiting_.front() == nullptr) {
    waiting_.pop_front();
    ++first_tag_;
  }
  return {};
}

void ConfirmTracker::returned(const BasicReturn& why, std::size_t print) {
  const auto place = std::ranges::find_if(
      waiting_, [&](const auto& message) { return message && !message->error && message->mandatory_print == print; });
  if (place != waiting_.end()) (*place)->error = to_error(why);
}

void ConfirmTracker::fail_all(const Error& why) {
  for (auto& message : waiting_) {
    if (message != nullptr) finish(message, why);
  }
  first_tag_ += waiting_.size();
  waiting_.clear();
}

}  // namespace ghstats::amqp
