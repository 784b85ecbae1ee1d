#include "amqp/frame.h"

#include <fmt/format.h>

#include <algorithm>

namespace ghstats::amqp {

namespace {

constexpr std::size_t kHeaderSize = 7;
constexpr char kFrameEnd = '\xCE';
constexpr std::string_view kProtocol = "AMQP";
constexpr std::size_t kProtocolHeaderSize = 8;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

void append_big_endian(std::string& out, std::size_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8U * static_cast<unsigned>(i)) & 0xFFU);
}

bool is_frame_type(char type) {
  switch (static_cast<FrameType>(type)) {
    case FrameType::kMethod:
    case FrameType::kHeader:
    case FrameType::kBody:
    case FrameType::kHeartbeat:
      return true;
  }
  return false;
}

}  // namespace

void FrameReader::feed(std::string_view bytes) {
  buffer_.erase(0, read_);
  read_ = 0;
  buffer_ += bytes;
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(read_);
  if (rest.empty()) return std::nullopt;
  if (!any_ && rest.starts_with(kProtocol.substr(0, rest.size()))) {
    if (rest.size() < kProtocolHeaderSize) return std::nullopt;
    return fail(ErrorCode::kInvalidData,
                fmt::format("the server does not speak AMQP 0-9-1 but {}-{}-{}", big_endian(rest.substr(5, 1)),
                            big_endian(rest.substr(6, 1)), big_endian(rest.substr(7, 1))));
  }
  if (!is_frame_type(rest[0])) {
    return fail(ErrorCode::kInvalidData,
                any_ ? "the server sent something that is no AMQP frame" : "the server does not speak AMQP 0-9-1");
  }
  if (rest.size() < kHeaderSize) return std::nullopt;
  const std::size_t size = big_endian(rest.substr(3, 4));
  if (size > frame_max_ - kFrameOverhead) {
    return fail(ErrorCode::kInvalidData,
                fmt::format("the server sent a frame of {} bytes, agreed were {}", size, frame_max_));
  }
  if (rest.size() < kFrameOverhead + size) return std::nullopt;
  if (rest[kHeaderSize + size] != kFrameEnd) {
    return fail(ErrorCode::kInvalidData, "the server sent a frame without an end");
  }
  any_ = true;
  read_ += kFrameOverhead + size;
  return Frame{.type = static_cast<FrameType>(rest[0]),
               .channel = static_cast<std::uint16_t>(big_endian(rest.substr(1, 2))),
               .payload = rest.substr(kHeaderSize, size)};
}

void append_frame(std::string& out, FrameType type, std::uint16_t channel, std::string_view payload) {
  out += static_cast<char>(type);
  append_big_endian(out, channel, 2);
  append_big_endian(out, payload.size(), 4);
  out += payload;
  out += kFrameEnd;
}

std::string_view protocol_header() {
  return {"AMQP\0\0\x09\x01", kProtocolHeaderSize};
}

}  // namespace ghstats::amqp
