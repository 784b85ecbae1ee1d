// Frames, as bytes (AMQP 0-9-1, 4.2.3): type, channel, size, payload, end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ghstats::amqp {

enum class FrameType : std::uint8_t { kMethod = 1, kHeader = 2, kBody = 3, kHeartbeat = 8 };

inline constexpr std::size_t kFrameOverhead = 8;  // what a frame has around its payload

struct Frame {
  FrameType type{};
  std::uint16_t channel = 0;
  std::string_view payload;
};

// Cuts a stream of bytes into frames.
class FrameReader {
 public:
  // Of a whole frame. Grows with what was negotiated.
  void set_frame_max(std::size_t bytes) { frame_max_ = bytes; }

  // Copies.
  void feed(std::string_view bytes);

  // The next whole frame, valid until the next feed(); none when bytes are missing. kInvalidData: this is no frame, or
  // one that is too large; final. A server that refuses our protocol version says which one it speaks.
  Result<std::optional<Frame>> next();

 private:
  std::size_t frame_max_ = 4096;  // the least that every peer accepts, and the most before tune
  bool any_ = false;              // a frame was read
  std::string buffer_;
  std::size_t read_ = 0;  // of buffer_
};

void append_frame(std::string& out, FrameType type, std::uint16_t channel, std::string_view payload);

// What a client says first.
std::string_view protocol_header();

}  // namespace ghstats::amqp
