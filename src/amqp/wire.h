// What a channel needs of its connection.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ghstats::amqp {

// Outlives the channels' use of it: Channel::lose() ends that.
class Wire {
 public:
  virtual ~Wire() = default;
  // Whole frames; sent soon, in order, and nothing comes between them.
  virtual void send(std::string_view frames) = 0;
  [[nodiscard]] virtual std::size_t frame_max() const = 0;
  [[nodiscard]] virtual std::size_t max_body_bytes() const = 0;
  // Too much waits to be sent.
  [[nodiscard]] virtual bool congested() const = 0;
  // Why the broker takes no messages now.
  [[nodiscard]] virtual const std::optional<std::string>& blocked() const = 0;
  [[nodiscard]] virtual const boost::asio::any_io_executor& executor() const = 0;
};

}  // namespace ghstats::amqp
