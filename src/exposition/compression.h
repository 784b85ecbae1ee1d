// gzip out of parts that are compressed once and used in many pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ghstats::exposition {

using Bytes = std::shared_ptr<const std::string>;

// A text as raw deflate blocks that end on a byte boundary, are not the last ones and look back to nothing before
// them: fragments may follow each other in any order.
struct DeflatedFragment {
  Bytes bytes;
  std::uint32_t crc32 = 0;    // of the text
  std::size_t text_size = 0;  // in bytes
};

// ISA-L at level 1. Holds working memory (about 400 KiB), so keep one for a whole page. One thread at a time.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // text.size() < 2 GiB.
  DeflatedFragment deflate(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Collects fragments into one gzip member (RFC 1952). Not several: curl stops after the first one.
class GzipMember {
 public:
  GzipMember();
  void append(const DeflatedFragment& fragment);
  // The member's bytes, to be written one after the other. Call once.
  std::vector<Bytes> finish();

 private:
  std::vector<Bytes> parts_;
  std::uint32_t crc32_ = 0;
  std::uint32_t size_ = 0;  // modulo 2^32, as the format has it
};

}  // namespace ghstats::exposition
