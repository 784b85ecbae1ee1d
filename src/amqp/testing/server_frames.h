// What a server says, as bytes: for tests of what the real one does not say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "amqp/message.h"

namespace ghstats::amqp::testing::server {

std::string start(std::string_view mechanisms = "AMQPLAIN PLAIN");
std::string tune(std::uint16_t channel_max, std::uint32_t frame_max, std::uint16_t heartbeat_seconds);
std::string open_ok();
std::string close(std::uint16_t code, std::string_view text);
std::string blocked(std::string_view reason);

std::string open_channel_ok(std::uint16_t channel);
std::string close_channel(std::uint16_t channel, std::uint16_t code, std::string_view text);
std::string close_channel_ok(std::uint16_t channel);
std::string flow(std::uint16_t channel, bool active);
std::string declare_queue_ok(std::uint16_t channel, std::string_view queue, std::uint32_t ready);
std::string select_confirms_ok(std::uint16_t channel);
std::string prefetch_ok(std::uint16_t channel);
std::string consume_ok(std::uint16_t channel, std::string_view tag);
std::string cancel(std::uint16_t channel, std::string_view tag);
std::string ack(std::uint16_t channel, std::uint64_t tag, bool multiple);
std::string get_empty(std::uint16_t channel);
// A method with its content, all in one body frame.
std::string deliver(std::uint16_t channel, std::uint64_t tag, const Message& message);
std::string get_ok(std::uint16_t channel, std::uint64_t tag, const Message& message);
std::string returned(std::uint16_t channel, std::string_view routing_key, const Message& message);
// Its pieces.
std::string deliver_method(std::uint16_t channel, std::uint64_t tag);
std::string header(std::uint16_t channel, std::uint64_t body_size, const Properties& properties);
std::string body(std::uint16_t channel, std::string_view fragment);

}  // namespace ghstats::amqp::testing::server
