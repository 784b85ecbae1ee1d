#include "queue/rabbitmq/message_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace ghstats::queue {
namespace {

constexpr std::string_view kFormat = "x-format";
constexpr std::string_view kAttempt = "x-attempt";
constexpr std::string_view kLastError = "x-last-error";
constexpr std::int64_t kThisFormat = 1;
// An error may hold a server's text; a header table must fit into one frame with everything else.
constexpr std::size_t kMaxErrorBytes = 4'096;

std::optional<std::int64_t> integer(const amqp::Table& headers, std::string_view name) {
  const amqp::Value* value = find(headers, name);
  if (value == nullptr) return std::nullopt;
  if (const std::int64_t* number = value->integer()) return *number;
  const std::string* text = value->string();
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

std::optional<std::string> as_text(const amqp::Value& value) {
  if (const std::string* text = value.string()) return *text;
  if (const std::int64_t* number = value.integer()) return std::to_string(*number);
  if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
  if (const double* number = value.number()) return fmt::format("{}", *number);
  return std::nullopt;
}

// A quorum queue that gave up a message says so in a header of its own, the newest reason first.
// ("x-first-death-reason" is that of the first retry queue, if it has been in one.)
std::string broker_reason(const amqp::Table& headers) {
  const amqp::Value* deaths = find(headers, "x-death");
  const amqp::Array* list = deaths != nullptr ? deaths->array() : nullptr;
  const amqp::Table* newest = list != nullptr && !list->empty() ? list->front().table() : nullptr;
  const amqp::Value* reason = newest != nullptr ? find(*newest, "reason") : nullptr;
  const std::string* text = reason != nullptr ? reason->string() : nullptr;
  if (text == nullptr || *text == "expired") return {};
  return "RabbitMQ gave it up: " + *text;
}

std::string last_error(const amqp::Table& headers) {
  const amqp::Value* told = find(headers, kLastError);
  const std::string* text = told != nullptr ? told->string() : nullptr;
  std::string reason = broker_reason(headers);
  if (text == nullptr || text->empty()) return reason;
  return reason.empty() ? *text : std::move(reason) + "; before that: " + *text;
}

}  // namespace

amqp::Message to_amqp(const Message& message) {
  amqp::Table headers;
  for (const auto& [name, value] : message.headers) headers.emplace(name, value);
  headers.emplace(kFormat, kThisFormat);
  headers.emplace(kAttempt, message.attempt);
  if (!message.last_error.empty()) headers.emplace(kLastError, message.last_error.substr(0, kMaxErrorBytes));
  return {.body = message.payload,
          .properties = {.content_type = "application/json",
                         .headers = std::move(headers),
                         .persistent = true,
                         .timestamp = message.created_at,
                         .app_id = "github-stats-exporter"}};
}

ReadMessage from_amqp(const amqp::Delivery& delivery, const OriginReader& origin, TimePoint now) {
  const amqp::Properties& properties = delivery.message.properties;
  const Origin told = origin ? origin(delivery.message.body) : Origin{};
  Message message{.payload = delivery.message.body};
  message.created_at = properties.timestamp.value_or(told.created_at.value_or(now));
  const auto attempt = integer(properties.headers, kAttempt);
  const bool is_plausible = attempt && *attempt >= 1 && *attempt <= std::numeric_limits<int>::max();
  message.attempt = is_plausible ? static_cast<int>(*attempt) : std::max(1, told.attempt.value_or(1));
  message.last_error = last_error(properties.headers);
  for (const auto& [name, value] : properties.headers) {
    if (name.starts_with("x-")) continue;
    if (auto text = as_text(value)) message.headers.emplace(name, *std::move(text));
  }
  const std::int64_t format = integer(properties.headers, kFormat).value_or(kThisFormat);
  Status status;
  if (delivery.omitted_bytes > 0) {
    status = fail(ErrorCode::kInvalidData,
                  fmt::format("a message of {} bytes: too large to be read, its body is lost", delivery.omitted_bytes));
  } else if (format > kThisFormat) {
    status = fail(ErrorCode::kInvalidData,
                  fmt::format("format {} of a later version: this one reads format {}", format, kThisFormat));
  }
  return {std::move(message), std::move(status)};
}

}  // namespace ghstats::queue
