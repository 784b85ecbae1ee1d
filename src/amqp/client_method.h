// What a client says: whole frames, ready to be sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "amqp/message.h"
#include "amqp/value.h"
#include "base/error.h"

namespace ghstats::amqp {

// Numbers of the methods whose *-ok is a Done or QueueEmptied.
namespace ok {
inline constexpr std::uint32_t kExchangeDeclare = 0x0028000B;
inline constexpr std::uint32_t kExchangeDelete = 0x00280015;
inline constexpr std::uint32_t kQueueBind = 0x00320015;
inline constexpr std::uint32_t kQueueUnbind = 0x00320033;
inline constexpr std::uint32_t kQueuePurge = 0x0032001F;
inline constexpr std::uint32_t kQueueDelete = 0x00320029;
inline constexpr std::uint32_t kBasicQos = 0x003C000B;
inline constexpr std::uint32_t kBasicConsume = 0x003C0015;
inline constexpr std::uint32_t kConfirmSelect = 0x0055000B;
}  // namespace ok

// kInvalidArgument: a text or a field's name has more than the 255 bytes that the protocol can express, `what` says
// where. Everything below wants texts and tables that were checked.
Status check_text(std::string_view what, std::string_view text);
Status check_table(std::string_view what, const Table& table);
Status check(const Properties& properties);

namespace say {

std::string start_ok(const Table& client_properties, std::string_view user, std::string_view password);
std::string tune_ok(std::uint16_t channel_max, std::uint32_t frame_max, std::uint16_t heartbeat_seconds);
std::string open(std::string_view vhost);
std::string close();
std::string close_ok();
std::string heartbeat();

std::string open_channel(std::uint16_t channel);
std::string close_channel(std::uint16_t channel);
std::string close_channel_ok(std::uint16_t channel);
std::string flow_ok(std::uint16_t channel, bool active);

std::string declare(std::uint16_t channel, const ExchangeDeclaration& declaration);
std::string declare(std::uint16_t channel, const QueueDeclaration& declaration);
std::string bind(std::uint16_t channel, const Binding& binding);
std::string unbind(std::uint16_t channel, const Binding& binding);
std::string purge_queue(std::uint16_t channel, std::string_view queue);
std::string delete_queue(std::uint16_t channel, std::string_view queue);
std::string delete_exchange(std::uint16_t channel, std::string_view exchange);

std::string select_confirms(std::uint16_t channel);
std::string prefetch(std::uint16_t channel, std::uint16_t count);
std::string consume(std::uint16_t channel, std::string_view queue, const ConsumeOptions& options);
std::string cancel_ok(std::uint16_t channel, std::string_view consumer_tag);
std::string get(std::uint16_t channel, std::string_view queue);
std::string ack(std::uint16_t channel, DeliveryTag tag, bool multiple);
std::string nack(std::uint16_t channel, DeliveryTag tag, bool multiple, bool requeue);
// basic.publish, its header, and its body in frames of at most `frame_max` bytes. kTooLarge: the properties alone are
// larger than that.
Result<std::string> publish(std::uint16_t channel, const Publication& publication, std::size_t frame_max);

}  // namespace say

}  // namespace ghstats::amqp
