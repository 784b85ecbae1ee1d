#include "amqp/testing/server_frames.h"

#include <amqp.h>
#include <amqp_framing.h>

#include <stdexcept>

#include "amqp/frame.h"
#include "amqp/rabbitmq_values.h"

namespace ghstats::amqp::testing::server {

namespace {

constexpr std::uint16_t kBasicClass = 60;
constexpr std::size_t kRoom = 1UL << 20U;

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8U * static_cast<unsigned>(i)) & 0xFFU);
}

void finish(std::string& payload, std::size_t before, int encoded) {
  if (encoded < 0) throw std::runtime_error("a frame that cannot be encoded");
  payload.resize(before + static_cast<std::size_t>(encoded));
}

template <class Method>
std::string frame_of(std::uint16_t channel, amqp_method_number_t number, Method method) {
  std::string payload;
  append_big_endian(payload, number, 4);
  payload.resize(4 + kRoom);
  finish(payload, 4, amqp_encode_method(number, &method, {.len = kRoom, .bytes = payload.data() + 4}));
  std::string out;
  append_frame(out, FrameType::kMethod, channel, payload);
  return out;
}

std::string content(std::uint16_t channel, const Message& message) {
  return header(channel, message.body.size(), message.properties) +
         (message.body.empty() ? std::string() : body(channel, message.body));
}

}  // namespace

std::string start(std::string_view mechanisms) {
  const Table properties{{"product", "a test"}, {"capabilities", Table{{"publisher_confirms", true}}}};
  RabbitmqValues values;
  return frame_of(0, AMQP_CONNECTION_START_METHOD,
                  amqp_connection_start_t{.version_major = 0,
                                          .version_minor = 9,
                                          .server_properties = values.table(properties),
                                          .mechanisms = to_bytes(mechanisms),
                                          .locales = to_bytes("en_US")});
}

std::string tune(std::uint16_t channel_max, std::uint32_t frame_max, std::uint16_t heartbeat_seconds) {
  return frame_of(
      0, AMQP_CONNECTION_TUNE_METHOD,
      amqp_connection_tune_t{.channel_max = channel_max, .frame_max = frame_max, .heartbeat = heartbeat_seconds});
}

std::string open_ok() {
  return frame_of(0, AMQP_CONNECTION_OPEN_OK_METHOD, amqp_connection_open_ok_t{});
}

std::string close(std::uint16_t code, std::string_view text) {
  return frame_of(
      0, AMQP_CONNECTION_CLOSE_METHOD,
      amqp_connection_close_t{.reply_code = code, .reply_text = to_bytes(text), .class_id = 0, .method_id = 0});
}

std::string blocked(std::string_view reason) {
  return frame_of(0, AMQP_CONNECTION_BLOCKED_METHOD, amqp_connection_blocked_t{.reason = to_bytes(reason)});
}

std::string open_channel_ok(std::uint16_t channel) {
  return frame_of(channel, AMQP_CHANNEL_OPEN_OK_METHOD, amqp_channel_open_ok_t{});
}

std::string close_channel(std::uint16_t channel, std::uint16_t code, std::string_view text) {
  return frame_of(
      channel, AMQP_CHANNEL_CLOSE_METHOD,
      amqp_channel_close_t{.reply_code = code, .reply_text = to_bytes(text), .class_id = 0, .method_id = 0});
}

std::string close_channel_ok(std::uint16_t channel) {
  return frame_of(channel, AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t{});
}

std::string flow(std::uint16_t channel, bool active) {
  return frame_of(channel, AMQP_CHANNEL_FLOW_METHOD,
                  amqp_channel_flow_t{.active = static_cast<amqp_boolean_t>(active ? 1 : 0)});
}

std::string declare_queue_ok(std::uint16_t channel, std::string_view queue, std::uint32_t ready) {
  return frame_of(channel, AMQP_QUEUE_DECLARE_OK_METHOD,
                  amqp_queue_declare_ok_t{.queue = to_bytes(queue), .message_count = ready, .consumer_count = 0});
}

std::string select_confirms_ok(std::uint16_t channel) {
  return frame_of(channel, AMQP_CONFIRM_SELECT_OK_METHOD, amqp_confirm_select_ok_t{});
}

std::string prefetch_ok(std::uint16_t channel) {
  return frame_of(channel, AMQP_BASIC_QOS_OK_METHOD, amqp_basic_qos_ok_t{});
}

std::string consume_ok(std::uint16_t channel, std::string_view tag) {
  return frame_of(channel, AMQP_BASIC_CONSUME_OK_METHOD, amqp_basic_consume_ok_t{.consumer_tag = to_bytes(tag)});
}

std::string cancel(std::uint16_t channel, std::string_view tag) {
  return frame_of(channel, AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t{.consumer_tag = to_bytes(tag), .nowait = 0});
}

std::string ack(std::uint16_t channel, std::uint64_t tag, bool multiple) {
  return frame_of(channel, AMQP_BASIC_ACK_METHOD,
                  amqp_basic_ack_t{.delivery_tag = tag, .multiple = static_cast<amqp_boolean_t>(multiple ? 1 : 0)});
}

std::string get_empty(std::uint16_t channel) {
  return frame_of(channel, AMQP_BASIC_GET_EMPTY_METHOD, amqp_basic_get_empty_t{});
}

std::string deliver_method(std::uint16_t channel, std::uint64_t tag) {
  return frame_of(channel, AMQP_BASIC_DELIVER_METHOD,
                  amqp_basic_deliver_t{.consumer_tag = to_bytes("consumer"),
                                       .delivery_tag = tag,
                                       .redelivered = 0,
                                       .exchange = to_bytes("x"),
                                       .routing_key = to_bytes("k")});
}

std::string deliver(std::uint16_t channel, std::uint64_t tag, const Message& message) {
  return deliver_method(channel, tag) + content(channel, message);
}

std::string get_ok(std::uint16_t channel, std::uint64_t tag, const Message& message) {
  return frame_of(channel, AMQP_BASIC_GET_OK_METHOD,
                  amqp_basic_get_ok_t{.delivery_tag = tag,
                                      .redelivered = 0,
                                      .exchange = to_bytes("x"),
                                      .routing_key = to_bytes("k"),
                                      .message_count = 0}) +
         content(channel, message);
}

std::string returned(std::uint16_t channel, std::string_view routing_key, const Message& message) {
  constexpr std::uint16_t kNoRoute = 312;
  return frame_of(channel, AMQP_BASIC_RETURN_METHOD,
                  amqp_basic_return_t{.reply_code = kNoRoute,
                                      .reply_text = to_bytes("NO_ROUTE"),
                                      .exchange = {},
                                      .routing_key = to_bytes(routing_key)}) +
         content(channel, message);
}

std::string header(std::uint16_t channel, std::uint64_t body_size, const Properties& properties) {
  std::string payload;
  append_big_endian(payload, kBasicClass, 2);
  append_big_endian(payload, 0, 2);
  append_big_endian(payload, body_size, 8);
  const std::size_t before = payload.size();
  payload.resize(before + kRoom);
  RabbitmqValues values;
  auto encodable = values.properties(properties);
  finish(payload, before,
         amqp_encode_properties(kBasicClass, &encodable, {.len = kRoom, .bytes = payload.data() + before}));
  std::string out;
  append_frame(out, FrameType::kHeader, channel, payload);
  return out;
}

std::string body(std::uint16_t channel, std::string_view fragment) {
  std::string out;
  append_frame(out, FrameType::kBody, channel, fragment);
  return out;
}

}  // namespace ghstats::amqp::testing::server
