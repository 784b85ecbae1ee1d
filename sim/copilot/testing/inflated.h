// Reading gzip.
#pragma once

#include <zlib.h>

#include <optional>
#include <string>

namespace ghstats::sim::copilot::testing {

// The text of one gzip member; absent when it is none, or not whole.
inline std::optional<std::string> inflated(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string text;
  std::string piece(64UL << 10U, '\0');
  auto input = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, 0, piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return text;
}

}  // namespace ghstats::sim::copilot::testing
