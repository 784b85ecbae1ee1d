#include "sim/copilot/body_source.h"

#include <zlib.h>

#include <memory>

namespace ghstats::sim::copilot {
namespace {

constexpr std::size_t kPieceBytes = 64UL << 10U;
constexpr int kGzipWindow = 15 + 16;  // the largest window; +16: gzip's head and checksum
constexpr int kMemoryLevel = 8;       // zlib's default

class Deflater {
 public:
  explicit Deflater(BodySource plain) : plain_(std::move(plain)) {
    deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY);
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  bool read(std::string& out) {
    text_.clear();
    const bool more = plain_(text_);
    stream_.next_in = reinterpret_cast<Bytef*>(text_.data());
    stream_.avail_in = static_cast<uInt>(text_.size());
    do {
      const auto begin = out.size();
      out.resize(begin + kPieceBytes);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
      stream_.avail_out = kPieceBytes;
      deflate(&stream_, more ? Z_NO_FLUSH : Z_FINISH);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return more;
  }

 private:
  BodySource plain_;
  std::string text_;
  z_stream stream_{};
};

}  // namespace

BodySource text_source(std::string text) {
  return [text = std::move(text)](std::string& out) {
    out += text;
    return false;
  };
}

BodySource gzip_source(BodySource plain) {
  const auto deflater = std::make_shared<Deflater>(std::move(plain));
  return [deflater](std::string& out) { return deflater->read(out); };
}

}  // namespace ghstats::sim::copilot
