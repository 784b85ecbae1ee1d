#include "amqp/handshake.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "amqp/client_method.h"
#include "amqp/server_error.h"

namespace ghstats::amqp {

namespace {

constexpr std::uint32_t kFrameMax = 128UL << 10U;  // RabbitMQ's own default
constexpr std::uint32_t kFrameMin = 4096;          // 4.2.3: what every peer must accept
constexpr std::uint16_t kChannelMax = 2047;        // RabbitMQ's own default

// What they are told is what the broker does with us: it closes with a reason when the password is wrong, says when
// it takes no messages, and when a queue that we consume is deleted.
Table client_properties(const Introduction& introduction) {
  Table properties{
      {"product", "github-stats-exporter"},
      {"capabilities", Table{{"authentication_failure_close", true},
                             {"publisher_confirms", true},
                             {"consumer_cancel_notify", true},
                             {"basic.nack", true},
                             {"connection.blocked", true}}},
  };
  if (!introduction.connection_name.empty()) properties["connection_name"] = introduction.connection_name;
  return properties;
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// 0 means no bound.
template <class T>
T smaller(T theirs, T ours) {
  return theirs == 0 ? ours : std::min(theirs, ours);
}

std::string without(std::string text, const std::string& secret) {
  for (auto at = text.find(secret); !secret.empty() && at != std::string::npos; at = text.find(secret, at)) {
    constexpr std::string_view kMark = "<redacted>";
    text.replace(at, secret.size(), kMark);
    at += kMark.size();
  }
  return text;
}

}  // namespace

Result<std::string> Handshake::on_method(const ServerMethod& method) {
  if (const auto* close = std::get_if<ConnectionClose>(&method)) return std::unexpected(on_close(*close));
  if (const auto* start = std::get_if<ConnectionStart>(&method); start != nullptr && step_ == Step::kStart) {
    return on_start(*start);
  }
  if (const auto* tune = std::get_if<ConnectionTune>(&method); tune != nullptr && step_ == Step::kTune) {
    if (tune->frame_max != 0 && tune->frame_max < kFrameMin) {
      return fail(ErrorCode::kInvalidData, fmt::format("the server wants frames of {} bytes", tune->frame_max));
    }
    return on_tune(*tune);
  }
  if (std::holds_alternative<ConnectionOpenOk>(method) && step_ == Step::kOpen) {
    step_ = Step::kDone;
    return std::string();
  }
  return fail(ErrorCode::kInvalidData, "the server said something unexpected while the connection was being opened");
}

Result<std::string> Handshake::on_start(const ConnectionStart& start) {
  if (!has_word(start.mechanisms, "PLAIN")) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("the server does not offer to log in with a password (PLAIN), only: {}", start.mechanisms));
  }
  step_ = Step::kTune;
  const auto& [username, password] = introduction_.credentials;
  return say::start_ok(client_properties(introduction_), username, password);
}

std::string Handshake::on_tune(const ConnectionTune& tune) {
  step_ = Step::kOpen;
  const std::uint32_t frame_max = smaller(tune.frame_max, kFrameMax);
  const std::uint16_t channel_max = smaller(tune.channel_max, kChannelMax);
  // Here 0 is a wish: none.
  const auto ours = std::clamp<std::int64_t>(introduction_.heartbeat.count(), 0, UINT16_MAX);
  const auto heartbeat =
      ours == 0 ? std::uint16_t{0} : smaller(tune.heartbeat_seconds, static_cast<std::uint16_t>(ours));
  negotiated_ = {.frame_max = frame_max, .channel_max = channel_max, .heartbeat = std::chrono::seconds{heartbeat}};
  return say::tune_ok(channel_max, frame_max, heartbeat) + say::open(introduction_.vhost);
}

Error Handshake::on_close(const ConnectionClose& close) const {
  constexpr std::uint16_t kAccessRefused = 403;
  constexpr std::uint16_t kNotAllowed = 530;
  Error error = to_error(close);
  error.message = without(std::move(error.message), introduction_.credentials.password);
  if (step_ == Step::kTune && close.code == kAccessRefused) {
    return {ErrorCode::kUnauthenticated, "user or password is wrong: " + error.message};
  }
  if (step_ != Step::kOpen || (close.code != kNotAllowed && close.code != kAccessRefused)) return error;
  const std::string where = fmt::format("virtual host '{}'", introduction_.vhost);
  if (close.text.ends_with(" not found")) {
    return {ErrorCode::kNotFound, fmt::format("there is no {}: NOT_ALLOWED ({})", where, close.code)};
  }
  if (close.text.find("limit") != std::string::npos) return {ErrorCode::kUnavailable, error.message};
  // The server's text has the user's name.
  return {ErrorCode::kPermissionDenied,
          fmt::format("the user may not enter the {}: NOT_ALLOWED ({})", where, close.code)};
}

}  // namespace ghstats::amqp
