#include "amqp/client_method.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "amqp/frame.h"
#include "amqp/rabbitmq_values.h"

namespace ghstats::amqp {

static_assert(ok::kExchangeDeclare == AMQP_EXCHANGE_DECLARE_OK_METHOD);
static_assert(ok::kExchangeDelete == AMQP_EXCHANGE_DELETE_OK_METHOD);
static_assert(ok::kQueueBind == AMQP_QUEUE_BIND_OK_METHOD);
static_assert(ok::kQueueUnbind == AMQP_QUEUE_UNBIND_OK_METHOD);
static_assert(ok::kQueuePurge == AMQP_QUEUE_PURGE_OK_METHOD);
static_assert(ok::kQueueDelete == AMQP_QUEUE_DELETE_OK_METHOD);
static_assert(ok::kBasicQos == AMQP_BASIC_QOS_OK_METHOD);
static_assert(ok::kBasicConsume == AMQP_BASIC_CONSUME_OK_METHOD);
static_assert(ok::kConfirmSelect == AMQP_CONFIRM_SELECT_OK_METHOD);

namespace {

constexpr std::uint16_t kBasicClass = 60;
constexpr std::size_t kShortString = 255;
constexpr std::size_t kFirstBuffer = 1024;
constexpr std::size_t kLastBuffer = 64UL << 20U;  // only to end the search: a larger frame is refused anyway

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8U * static_cast<unsigned>(i)) & 0xFFU);
}

// librabbitmq encodes into a buffer and says when it is too small.
template <class Encode>
void append_encoded(std::string& out, Encode encode) {
  const std::size_t before = out.size();
  for (std::size_t room = kFirstBuffer; room <= kLastBuffer; room *= 4) {
    out.resize(before + room);
    const int bytes = encode(amqp_bytes_t{.len = room, .bytes = out.data() + before});
    if (bytes < 0) continue;
    out.resize(before + static_cast<std::size_t>(bytes));
    return;
  }
  out.resize(before);
}

template <class Method>
void append_method(std::string& out, std::uint16_t channel, amqp_method_number_t number, Method method) {
  std::string payload;
  append_big_endian(payload, number, 4);
  append_encoded(payload, [&](amqp_bytes_t into) { return amqp_encode_method(number, &method, into); });
  append_frame(out, FrameType::kMethod, channel, payload);
}

template <class Method>
std::string frame_of(std::uint16_t channel, amqp_method_number_t number, Method method) {
  std::string out;
  append_method(out, channel, number, method);
  return out;
}

amqp_boolean_t flag(bool value) {
  return value ? 1 : 0;
}

Status check_value(std::string_view what, const Value& value) {
  if (const Table* table = value.table()) return check_table(what, *table);
  const Array* elements = value.array();
  if (elements == nullptr) return {};
  for (const Value& element : *elements) {
    auto checked = check_value(what, element);
    if (!checked) return checked;
  }
  return {};
}

}  // namespace

Status check_text(std::string_view what, std::string_view text) {
  if (text.size() <= kShortString) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} has {} bytes; allowed are {}", what, text.size(), kShortString));
}

Status check_table(std::string_view what, const Table& table) {
  for (const auto& [name, value] : table) {
    auto checked = check_text(fmt::format("the name of a field of {}", what), name);
    if (checked) checked = check_value(what, value);
    if (!checked) return checked;
  }
  return {};
}

Status check(const Properties& properties) {
  for (const auto& [name, text] :
       {std::pair<std::string_view, const std::string&>{"content_type", properties.content_type},
        {"content_encoding", properties.content_encoding},
        {"correlation_id", properties.correlation_id},
        {"reply_to", properties.reply_to},
        {"expiration", properties.expiration},
        {"message_id", properties.message_id},
        {"type", properties.type},
        {"user_id", properties.user_id},
        {"app_id", properties.app_id}}) {
    auto checked = check_text(name, text);
    if (!checked) return checked;
  }
  return check_table("the headers", properties.headers);
}

namespace say {

std::string start_ok(const Table& client_properties, std::string_view user, std::string_view password) {
  // RFC 4616: PLAIN.
  std::string response(1, '\0');
  response.append(user).append(1, '\0').append(password);
  RabbitmqValues values;
  return frame_of(0, AMQP_CONNECTION_START_OK_METHOD,
                  amqp_connection_start_ok_t{.client_properties = values.table(client_properties),
                                             .mechanism = to_bytes("PLAIN"),
                                             .response = to_bytes(response),
                                             .locale = to_bytes("en_US")});
}

std::string tune_ok(std::uint16_t channel_max, std::uint32_t frame_max, std::uint16_t heartbeat_seconds) {
  return frame_of(
      0, AMQP_CONNECTION_TUNE_OK_METHOD,
      amqp_connection_tune_ok_t{.channel_max = channel_max, .frame_max = frame_max, .heartbeat = heartbeat_seconds});
}

std::string open(std::string_view vhost) {
  return frame_of(0, AMQP_CONNECTION_OPEN_METHOD,
                  amqp_connection_open_t{.virtual_host = to_bytes(vhost), .capabilities = {}, .insist = 0});
}

std::string close() {
  return frame_of(
      0, AMQP_CONNECTION_CLOSE_METHOD,
      amqp_connection_close_t{
          .reply_code = AMQP_REPLY_SUCCESS, .reply_text = to_bytes("goodbye"), .class_id = 0, .method_id = 0});
}

std::string close_ok() {
  return frame_of(0, AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t{});
}

std::string heartbeat() {
  std::string out;
  append_frame(out, FrameType::kHeartbeat, 0, {});
  return out;
}

std::string open_channel(std::uint16_t channel) {
  return frame_of(channel, AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t{});
}

std::string close_channel(std::uint16_t channel) {
  return frame_of(
      channel, AMQP_CHANNEL_CLOSE_METHOD,
      amqp_channel_close_t{
          .reply_code = AMQP_REPLY_SUCCESS, .reply_text = to_bytes("goodbye"), .class_id = 0, .method_id = 0});
}

std::string close_channel_ok(std::uint16_t channel) {
  return frame_of(channel, AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t{});
}

std::string flow_ok(std::uint16_t channel, bool active) {
  return frame_of(channel, AMQP_CHANNEL_FLOW_OK_METHOD, amqp_channel_flow_ok_t{.active = flag(active)});
}

std::string declare(std::uint16_t channel, const ExchangeDeclaration& declaration) {
  RabbitmqValues values;
  return frame_of(channel, AMQP_EXCHANGE_DECLARE_METHOD,
                  amqp_exchange_declare_t{.ticket = 0,
                                          .exchange = to_bytes(declaration.name),
                                          .type = to_bytes(declaration.type),
                                          .passive = flag(declaration.passive),
                                          .durable = flag(declaration.durable),
                                          .auto_delete = flag(declaration.auto_delete),
                                          .internal = flag(declaration.internal),
                                          .nowait = 0,
                                          .arguments = values.table(declaration.arguments)});
}

std::string declare(std::uint16_t channel, const QueueDeclaration& declaration) {
  RabbitmqValues values;
  return frame_of(channel, AMQP_QUEUE_DECLARE_METHOD,
                  amqp_queue_declare_t{.ticket = 0,
                                       .queue = to_bytes(declaration.name),
                                       .passive = flag(declaration.passive),
                                       .durable = flag(declaration.durable),
                                       .exclusive = flag(declaration.exclusive),
                                       .auto_delete = flag(declaration.auto_delete),
                                       .nowait = 0,
                                       .arguments = values.table(declaration.arguments)});
}

std::string bind(std::uint16_t channel, const Binding& binding) {
  RabbitmqValues values;
  return frame_of(channel, AMQP_QUEUE_BIND_METHOD,
                  amqp_queue_bind_t{.ticket = 0,
                                    .queue = to_bytes(binding.queue),
                                    .exchange = to_bytes(binding.exchange),
                                    .routing_key = to_bytes(binding.routing_key),
                                    .nowait = 0,
                                    .arguments = values.table(binding.arguments)});
}

std::string unbind(std::uint16_t channel, const Binding& binding) {
  RabbitmqValues values;
  return frame_of(channel, AMQP_QUEUE_UNBIND_METHOD,
                  amqp_queue_unbind_t{.ticket = 0,
                                      .queue = to_bytes(binding.queue),
                                      .exchange = to_bytes(binding.exchange),
                                      .routing_key = to_bytes(binding.routing_key),
                                      .arguments = values.table(binding.arguments)});
}

std::string purge_queue(std::uint16_t channel, std::string_view queue) {
  return frame_of(channel, AMQP_QUEUE_PURGE_METHOD,
                  amqp_queue_purge_t{.ticket = 0, .queue = to_bytes(queue), .nowait = 0});
}

std::string delete_queue(std::uint16_t channel, std::string_view queue) {
  return frame_of(
      channel, AMQP_QUEUE_DELETE_METHOD,
      amqp_queue_delete_t{.ticket = 0, .queue = to_bytes(queue), .if_unused = 0, .if_empty = 0, .nowait = 0});
}

std::string delete_exchange(std::uint16_t channel, std::string_view exchange) {
  return frame_of(channel, AMQP_EXCHANGE_DELETE_METHOD,
                  amqp_exchange_delete_t{.ticket = 0, .exchange = to_bytes(exchange), .if_unused = 0, .nowait = 0});
}

std::string select_confirms(std::uint16_t channel) {
  return frame_of(channel, AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t{.nowait = 0});
}

std::string prefetch(std::uint16_t channel, std::uint16_t count) {
  return frame_of(channel, AMQP_BASIC_QOS_METHOD,
                  amqp_basic_qos_t{.prefetch_size = 0, .prefetch_count = count, .global = 0});
}

std::string consume(std::uint16_t channel, std::string_view queue, const ConsumeOptions& options) {
  RabbitmqValues values;
  return frame_of(channel, AMQP_BASIC_CONSUME_METHOD,
                  amqp_basic_consume_t{.ticket = 0,
                                       .queue = to_bytes(queue),
                                       .consumer_tag = {},
                                       .no_local = 0,
                                       .no_ack = 0,
                                       .exclusive = flag(options.exclusive),
                                       .nowait = 0,
                                       .arguments = values.table(options.arguments)});
}

std::string cancel_ok(std::uint16_t channel, std::string_view consumer_tag) {
  return frame_of(channel, AMQP_BASIC_CANCEL_OK_METHOD, amqp_basic_cancel_ok_t{.consumer_tag = to_bytes(consumer_tag)});
}

std::string get(std::uint16_t channel, std::string_view queue) {
  return frame_of(channel, AMQP_BASIC_GET_METHOD, amqp_basic_get_t{.ticket = 0, .queue = to_bytes(queue), .no_ack = 0});
}

std::string ack(std::uint16_t channel, DeliveryTag tag, bool multiple) {
  return frame_of(channel, AMQP_BASIC_ACK_METHOD,
                  amqp_basic_ack_t{.delivery_tag = static_cast<std::uint64_t>(tag), .multiple = flag(multiple)});
}

std::string nack(std::uint16_t channel, DeliveryTag tag, bool multiple, bool requeue) {
  return frame_of(
      channel, AMQP_BASIC_NACK_METHOD,
      amqp_basic_nack_t{
          .delivery_tag = static_cast<std::uint64_t>(tag), .multiple = flag(multiple), .requeue = flag(requeue)});
}

Result<std::string> publish(std::uint16_t channel, const Publication& publication, std::size_t frame_max) {
  std::string_view body = publication.message.body;
  std::string header;
  append_big_endian(header, kBasicClass, 2);
  append_big_endian(header, 0, 2);
  append_big_endian(header, body.size(), 8);
  RabbitmqValues values;
  auto properties = values.properties(publication.message.properties);
  append_encoded(header, [&](amqp_bytes_t into) { return amqp_encode_properties(kBasicClass, &properties, into); });
  if (header.size() + kFrameOverhead > frame_max) {
    return fail(ErrorCode::kTooLarge, fmt::format("the properties of a message have {} bytes; the broker takes {}",
                                                  header.size(), frame_max - kFrameOverhead));
  }
  std::string out;
  out.reserve(body.size() + header.size() + kFirstBuffer);
  append_method(out, channel, AMQP_BASIC_PUBLISH_METHOD,
                amqp_basic_publish_t{.ticket = 0,
                                     .exchange = to_bytes(publication.exchange),
                                     .routing_key = to_bytes(publication.routing_key),
                                     .mandatory = flag(publication.mandatory),
                                     .immediate = 0});
  append_frame(out, FrameType::kHeader, channel, header);
  while (!body.empty()) {
    const auto fragment = body.substr(0, frame_max - kFrameOverhead);
    append_frame(out, FrameType::kBody, channel, fragment);
    body.remove_prefix(fragment.size());
  }
  return out;
}

}  // namespace say

}  // namespace ghstats::amqp
