#include "amqp/server_method.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "amqp/rabbitmq_values.h"

namespace ghstats::amqp {

namespace {

constexpr std::size_t kPoolPage = 4096;
constexpr std::uint16_t kBasicClass = 60;
// Class, weight (not used), size of the body.
constexpr std::size_t kContentHeaderSize = 12;

struct Name {
  std::uint32_t method;
  std::string_view name;
};
constexpr std::array kNames{
    Name{AMQP_CONNECTION_START_OK_METHOD, "connection.start-ok"},
    Name{AMQP_CONNECTION_TUNE_OK_METHOD, "connection.tune-ok"},
    Name{AMQP_CONNECTION_OPEN_METHOD, "connection.open"},
    Name{AMQP_CHANNEL_OPEN_METHOD, "channel.open"},
    Name{AMQP_EXCHANGE_DECLARE_METHOD, "exchange.declare"},
    Name{AMQP_EXCHANGE_DELETE_METHOD, "exchange.delete"},
    Name{AMQP_QUEUE_DECLARE_METHOD, "queue.declare"},
    Name{AMQP_QUEUE_BIND_METHOD, "queue.bind"},
    Name{AMQP_QUEUE_UNBIND_METHOD, "queue.unbind"},
    Name{AMQP_QUEUE_PURGE_METHOD, "queue.purge"},
    Name{AMQP_QUEUE_DELETE_METHOD, "queue.delete"},
    Name{AMQP_BASIC_QOS_METHOD, "basic.qos"},
    Name{AMQP_BASIC_CONSUME_METHOD, "basic.consume"},
    Name{AMQP_BASIC_GET_METHOD, "basic.get"},
    Name{AMQP_BASIC_PUBLISH_METHOD, "basic.publish"},
    Name{AMQP_BASIC_ACK_METHOD, "basic.ack"},
    Name{AMQP_BASIC_NACK_METHOD, "basic.nack"},
    Name{AMQP_CONFIRM_SELECT_METHOD, "confirm.select"},
};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

CloseMethod to_close(std::uint16_t code, amqp_bytes_t text, std::uint16_t class_id, std::uint16_t method_id) {
  return {.code = code, .text = to_string(text), .class_id = class_id, .method_id = method_id};
}

// connection.*
std::optional<ServerMethod> connection_method(std::uint32_t number, const void* decoded) {
  switch (number) {
    case AMQP_CONNECTION_START_METHOD: {
      const auto& m = *static_cast<const amqp_connection_start_t*>(decoded);
      return ConnectionStart{.mechanisms = to_string(m.mechanisms), .server_properties = to_table(m.server_properties)};
    }
    case AMQP_CONNECTION_TUNE_METHOD: {
      const auto& m = *static_cast<const amqp_connection_tune_t*>(decoded);
      return ConnectionTune{.channel_max = m.channel_max, .frame_max = m.frame_max, .heartbeat_seconds = m.heartbeat};
    }
    case AMQP_CONNECTION_OPEN_OK_METHOD:
      return ConnectionOpenOk{};
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto& m = *static_cast<const amqp_connection_close_t*>(decoded);
      return ConnectionClose{to_close(m.reply_code, m.reply_text, m.class_id, m.method_id)};
    }
    case AMQP_CONNECTION_CLOSE_OK_METHOD:
      return ConnectionCloseOk{};
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return ConnectionBlocked{to_string(static_cast<const amqp_connection_blocked_t*>(decoded)->reason)};
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return ConnectionUnblocked{};
    default:
      return std::nullopt;
  }
}

// channel.*, exchange.*, queue.*, confirm.*
std::optional<ServerMethod> declaring_method(std::uint32_t number, const void* decoded) {
  switch (number) {
    case AMQP_CHANNEL_OPEN_OK_METHOD:
      return ChannelOpenOk{};
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto& m = *static_cast<const amqp_channel_close_t*>(decoded);
      return ChannelClose{to_close(m.reply_code, m.reply_text, m.class_id, m.method_id)};
    }
    case AMQP_CHANNEL_CLOSE_OK_METHOD:
      return ChannelCloseOk{};
    case AMQP_CHANNEL_FLOW_METHOD:
      return ChannelFlow{static_cast<const amqp_channel_flow_t*>(decoded)->active != 0};
    case AMQP_EXCHANGE_DECLARE_OK_METHOD:
    case AMQP_EXCHANGE_DELETE_OK_METHOD:
    case AMQP_QUEUE_BIND_OK_METHOD:
    case AMQP_QUEUE_UNBIND_OK_METHOD:
    case AMQP_CONFIRM_SELECT_OK_METHOD:
      return Done{number};
    case AMQP_QUEUE_DECLARE_OK_METHOD: {
      const auto& m = *static_cast<const amqp_queue_declare_ok_t*>(decoded);
      return QueueDeclareOk{{.name = to_string(m.queue), .ready = m.message_count, .consumers = m.consumer_count}};
    }
    case AMQP_QUEUE_PURGE_OK_METHOD:
      return QueueEmptied{number, static_cast<const amqp_queue_purge_ok_t*>(decoded)->message_count};
    case AMQP_QUEUE_DELETE_OK_METHOD:
      return QueueEmptied{number, static_cast<const amqp_queue_delete_ok_t*>(decoded)->message_count};
    default:
      return std::nullopt;
  }
}

// basic.*
std::optional<ServerMethod> basic_method(std::uint32_t number, const void* decoded) {
  switch (number) {
    case AMQP_BASIC_QOS_OK_METHOD:
    case AMQP_BASIC_CONSUME_OK_METHOD:
      return Done{number};
    case AMQP_BASIC_CANCEL_METHOD: {
      const auto& m = *static_cast<const amqp_basic_cancel_t*>(decoded);
      return BasicCancel{.consumer_tag = to_string(m.consumer_tag), .wants_answer = m.nowait == 0};
    }
    case AMQP_BASIC_GET_EMPTY_METHOD:
      return BasicGetEmpty{};
    case AMQP_BASIC_ACK_METHOD: {
      const auto& m = *static_cast<const amqp_basic_ack_t*>(decoded);
      return BasicAck{.tag = m.delivery_tag, .multiple = m.multiple != 0};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& m = *static_cast<const amqp_basic_nack_t*>(decoded);
      return BasicNack{.tag = m.delivery_tag, .multiple = m.multiple != 0};
    }
    case AMQP_BASIC_RETURN_METHOD: {
      const auto& m = *static_cast<const amqp_basic_return_t*>(decoded);
      return BasicReturn{.code = m.reply_code,
                         .text = to_string(m.reply_text),
                         .exchange = to_string(m.exchange),
                         .routing_key = to_string(m.routing_key)};
    }
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto& m = *static_cast<const amqp_basic_deliver_t*>(decoded);
      return BasicDeliver{{.tag = DeliveryTag{m.delivery_tag},
                           .redelivered = m.redelivered != 0,
                           .exchange = to_string(m.exchange),
                           .routing_key = to_string(m.routing_key)}};
    }
    case AMQP_BASIC_GET_OK_METHOD: {
      const auto& m = *static_cast<const amqp_basic_get_ok_t*>(decoded);
      return BasicGetOk{{.delivery = {.tag = DeliveryTag{m.delivery_tag},
                                      .redelivered = m.redelivered != 0,
                                      .exchange = to_string(m.exchange),
                                      .routing_key = to_string(m.routing_key)},
                         .ready_after = m.message_count}};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string method_name(std::uint32_t method) {
  const auto* known = std::ranges::find(kNames, method, &Name::method);
  if (known != kNames.end()) return std::string(known->name);
  return fmt::format("class {} method {}", method >> 16U, method & 0xFFFFU);
}

std::string method_name(std::uint16_t class_id, std::uint16_t method_id) {
  return method_name(static_cast<std::uint32_t>(class_id) << 16U | method_id);
}

struct MethodDecoder::Memory {
  Memory() { init_amqp_pool(&pool, kPoolPage); }
  ~Memory() { empty_amqp_pool(&pool); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  amqp_pool_t pool{};
};

MethodDecoder::MethodDecoder() : memory_(std::make_unique<Memory>()) {}
MethodDecoder::~MethodDecoder() = default;

Result<ServerMethod> MethodDecoder::method(std::string_view payload) {
  constexpr std::size_t kNumberSize = 4;
  if (payload.size() < kNumberSize) return fail(ErrorCode::kInvalidData, "the server sent a method without a number");
  const auto number = static_cast<std::uint32_t>(big_endian(payload.substr(0, kNumberSize)));
  recycle_amqp_pool(&memory_->pool);
  void* decoded = nullptr;
  const int status = amqp_decode_method(number, &memory_->pool, to_bytes(payload.substr(kNumberSize)), &decoded);
  if (status != AMQP_STATUS_OK) {
    return fail(ErrorCode::kInvalidData, fmt::format("the server sent a malformed method ({})", method_name(number)));
  }
  for (const auto& read : {connection_method, declaring_method, basic_method}) {
    if (auto method = read(number, decoded)) return *std::move(method);
  }
  return fail(ErrorCode::kInvalidData, fmt::format("the server sent an unknown method ({})", method_name(number)));
}

Result<ContentHeader> MethodDecoder::header(std::string_view payload) {
  if (payload.size() < kContentHeaderSize || big_endian(payload.substr(0, 2)) != kBasicClass) {
    return fail(ErrorCode::kInvalidData, "the server sent a malformed content header");
  }
  recycle_amqp_pool(&memory_->pool);
  void* decoded = nullptr;
  const int status =
      amqp_decode_properties(kBasicClass, &memory_->pool, to_bytes(payload.substr(kContentHeaderSize)), &decoded);
  if (status != AMQP_STATUS_OK) return fail(ErrorCode::kInvalidData, "the server sent malformed properties");
  return ContentHeader{.body_size = big_endian(payload.substr(4, 8)),
                       .properties = to_properties(*static_cast<const amqp_basic_properties_t*>(decoded))};
}

}  // namespace ghstats::amqp
