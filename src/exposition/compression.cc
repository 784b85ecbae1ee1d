#include "exposition/compression.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <array>
#include <cassert>
#include <limits>

namespace ghstats::exposition {
namespace {

// Magic, deflate, no flags, no time, fastest algorithm, system unknown.
constexpr std::array<char, 10> kGzipHead = {'\x1f', '\x8b', '\x08', 0, 0, 0, 0, 0, '\x04', '\xff'};
// An empty last block, which ends what the fragments leave open.
constexpr std::array<char, 2> kLastBlock = {'\x03', 0};

void append_little_endian(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xFFU);
}

}  // namespace

struct Deflater::State {
  isal_zstream stream;
  std::array<std::uint8_t, ISAL_DEF_LVL1_DEFAULT> level_buffer;
  std::string output;
};

Deflater::Deflater() : state_(std::make_unique_for_overwrite<State>()) {}
Deflater::~Deflater() = default;

DeflatedFragment Deflater::deflate(std::string_view text) {
  assert(text.size() < std::numeric_limits<std::int32_t>::max());
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = state_->level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(state_->level_buffer.size());
  stream.gzip_flag = IGZIP_DEFLATE;
  stream.flush = FULL_FLUSH;
  stream.end_of_stream = 0;

  std::string& output = state_->output;
  output.resize(text.size() / 4 + 1024);
  // The library takes a pointer to non-const, but does not write through it.
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<std::uint32_t>(text.size());
  while (true) {
    stream.next_out = reinterpret_cast<std::uint8_t*>(output.data()) + stream.total_out;
    stream.avail_out = static_cast<std::uint32_t>(output.size() - stream.total_out);
    [[maybe_unused]] const int status = isal_deflate(&stream);
    assert(status == COMP_OK);
    // Room left over means that everything is out, the flush included.
    if (stream.avail_out > 0) break;
    output.resize(output.size() * 2);
  }
  return {std::make_shared<const std::string>(output.data(), stream.total_out),
          crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(text.data()), text.size()), text.size()};
}

GzipMember::GzipMember() {
  static const Bytes head = std::make_shared<const std::string>(kGzipHead.data(), kGzipHead.size());
  parts_.push_back(head);
}

void GzipMember::append(const DeflatedFragment& fragment) {
  parts_.push_back(fragment.bytes);
  crc32_ = static_cast<std::uint32_t>(crc32_combine(crc32_, fragment.crc32, static_cast<z_off_t>(fragment.text_size)));
  size_ += static_cast<std::uint32_t>(fragment.text_size);
}

std::vector<Bytes> GzipMember::finish() {
  std::string tail(kLastBlock.data(), kLastBlock.size());
  append_little_endian(tail, crc32_);
  append_little_endian(tail, size_);
  parts_.push_back(std::make_shared<const std::string>(std::move(tail)));
  return std::move(parts_);
}

}  // namespace ghstats::exposition
