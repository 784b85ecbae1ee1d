#include "amqp/server_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace ghstats::amqp {

namespace {

// Some texts repeat the arguments.
constexpr std::size_t kMaxText = 300;

// "message size 2000 is larger than configured max size 1000", which has no code of its own.
constexpr std::string_view kTooLargeText = "is larger than";

struct Rule {
  std::uint16_t reply;
  std::string_view name;
  ErrorCode code;
};

// https://www.rabbitmq.com/amqp-0-9-1-reference.html#constants
constexpr std::array kRules{
    Rule{311, "CONTENT_TOO_LARGE", ErrorCode::kTooLarge},
    Rule{312, "NO_ROUTE", ErrorCode::kNotFound},
    Rule{313, "NO_CONSUMERS", ErrorCode::kNotFound},
    Rule{320, "CONNECTION_FORCED", ErrorCode::kUnavailable},
    Rule{402, "INVALID_PATH", ErrorCode::kInvalidArgument},
    Rule{403, "ACCESS_REFUSED", ErrorCode::kPermissionDenied},
    Rule{404, "NOT_FOUND", ErrorCode::kNotFound},
    Rule{405, "RESOURCE_LOCKED", ErrorCode::kConflict},
    Rule{406, "PRECONDITION_FAILED", ErrorCode::kConflict},
    Rule{501, "FRAME_ERROR", ErrorCode::kInternal},
    Rule{502, "SYNTAX_ERROR", ErrorCode::kInternal},
    Rule{503, "COMMAND_INVALID", ErrorCode::kInvalidArgument},
    Rule{504, "CHANNEL_ERROR", ErrorCode::kInternal},
    Rule{505, "UNEXPECTED_FRAME", ErrorCode::kInternal},
    Rule{506, "RESOURCE_ERROR", ErrorCode::kUnavailable},
    Rule{530, "NOT_ALLOWED", ErrorCode::kConflict},
    Rule{540, "NOT_IMPLEMENTED", ErrorCode::kInvalidArgument},
    Rule{541, "INTERNAL_ERROR", ErrorCode::kUnavailable},
};

Error make(std::uint16_t reply, const std::string& where, std::string_view text) {
  const auto* rule = std::ranges::find(kRules, reply, &Rule::reply);
  const bool known = rule != kRules.end();
  const std::string_view name = known ? rule->name : "UNKNOWN";
  // RabbitMQ writes "NOT_FOUND - no queue 'x' in vhost '/'".
  if (text.starts_with(name)) {
    text.remove_prefix(name.size());
    text.remove_prefix(std::min(text.find_first_not_of(" -"), text.size()));
  }
  std::string line(text.substr(0, kMaxText));
  if (line.size() < text.size()) line += "...";
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  while (line.ends_with('.') && !line.ends_with("...")) line.pop_back();
  std::string message = fmt::format("{} ({}){}", name, reply, where);
  if (!line.empty()) message += ": " + line;
  return {known ? rule->code : ErrorCode::kInternal, std::move(message)};
}

}  // namespace

Error to_error(const CloseMethod& close) {
  const bool about_a_method = close.class_id != 0 || close.method_id != 0;
  const std::string method = about_a_method ? method_name(close.class_id, close.method_id) : "";
  Error error = make(close.code, about_a_method ? " at " + method : "", close.text);
  if (error.code == ErrorCode::kConflict && method == "basic.publish" && close.text.contains(kTooLargeText)) {
    error.code = ErrorCode::kTooLarge;
  }
  return error;
}

Error to_error(const BasicReturn& why) {
  const Error error = make(why.code, "", why.text);
  const std::string where =
      why.exchange.empty() ? fmt::format("there is no queue '{}'", why.routing_key)
                           : fmt::format("no queue is bound to exchange '{}' for '{}'", why.exchange, why.routing_key);
  return error.with_context(where + ": the message was returned");
}

}  // namespace ghstats::amqp
