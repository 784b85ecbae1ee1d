// What a server says: the methods of AMQP 0-9-1 that a client must understand, as values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "amqp/message.h"
#include "amqp/value.h"
#include "base/error.h"

namespace ghstats::amqp {

struct ConnectionStart {
  std::string mechanisms;
  Table server_properties;
};
struct ConnectionTune {
  std::uint16_t channel_max = 0;        // 0: no bound
  std::uint32_t frame_max = 0;          // 0: no bound
  std::uint16_t heartbeat_seconds = 0;  // 0: none wanted
};
struct ConnectionOpenOk {};
// connection.close and channel.close: which method of ours it was, if any.
struct CloseMethod {
  std::uint16_t code = 0;
  std::string text = {};
  std::uint16_t class_id = 0;
  std::uint16_t method_id = 0;
};
struct ConnectionClose : CloseMethod {};
struct ConnectionCloseOk {};
struct ConnectionBlocked {
  std::string reason;
};
struct ConnectionUnblocked {};
struct ChannelOpenOk {};
struct ChannelClose : CloseMethod {};
struct ChannelCloseOk {};
struct ChannelFlow {
  bool active = true;
};
// exchange.declare-ok, delete-ok, queue.bind-ok, unbind-ok, basic.qos-ok, cancel-ok, confirm.select-ok,
// basic.consume-ok.
struct Done {
  std::uint32_t method = 0;
};
struct QueueDeclareOk {
  QueueState state;
};
// queue.purge-ok, queue.delete-ok
struct QueueEmptied {
  std::uint32_t method = 0;
  std::uint32_t messages = 0;
};
// The server has ended the consumer.
struct BasicCancel {
  std::string consumer_tag;
  bool wants_answer = false;
};
struct BasicGetEmpty {};
struct BasicAck {
  std::uint64_t tag = 0;
  bool multiple = false;
};
struct BasicNack {
  std::uint64_t tag = 0;
  bool multiple = false;
};
// A content follows these.
struct BasicReturn {
  std::uint16_t code = 0;
  std::string text;
  std::string exchange;
  std::string routing_key;
};
struct BasicDeliver {
  Delivery delivery;
};
struct BasicGetOk {
  Got got;
};

using ServerMethod = std::variant<ConnectionStart, ConnectionTune, ConnectionOpenOk, ConnectionClose, ConnectionCloseOk,
                                  ConnectionBlocked, ConnectionUnblocked, ChannelOpenOk, ChannelClose, ChannelCloseOk,
                                  ChannelFlow, Done, QueueDeclareOk, QueueEmptied, BasicCancel, BasicGetEmpty, BasicAck,
                                  BasicNack, BasicReturn, BasicDeliver, BasicGetOk>;

struct ContentHeader {
  std::uint64_t body_size = 0;
  Properties properties;
};

// "queue.declare"; "class 7 method 8" for one we do not know.
std::string method_name(std::uint16_t class_id, std::uint16_t method_id);
std::string method_name(std::uint32_t method);

// librabbitmq, as a codec only.
class MethodDecoder {
 public:
  MethodDecoder();
  ~MethodDecoder();
  MethodDecoder(const MethodDecoder&) = delete;
  MethodDecoder& operator=(const MethodDecoder&) = delete;

  // The payload of a frame. kInvalidData: malformed, or a method that a server never sends to us.
  Result<ServerMethod> method(std::string_view payload);
  Result<ContentHeader> header(std::string_view payload);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;  // of librabbitmq, recycled with every call
};

}  // namespace ghstats::amqp
