#include "copilot/file_text.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

namespace ghstats::copilot {
namespace {

// The first of gzip's magic numbers, with which no text begins; zlib looks at the second.
constexpr char kGzipMagic = '\x1f';

}  // namespace

class FileText::Inflater {
 public:
  Inflater() : text_(kPieceBytes) {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Some text of `bytes`, which lose what was taken; empty when all of them were.
  Result<std::string_view> inflate_some(std::string_view& bytes) {
    stream_.next_out = text_.data();
    stream_.avail_out = static_cast<uInt>(text_.size());
    while (stream_.avail_out != 0) {
      if (member_ended_ && !bytes.empty()) {
        inflateReset(&stream_);
        member_ended_ = false;
      }
      // Without bytes there may still be text: what did not fit before.
      const std::size_t offered = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // read only
      stream_.avail_in = static_cast<uInt>(offered);
      const int status = member_ended_ ? Z_BUF_ERROR : inflate(&stream_, Z_NO_FLUSH);
      bytes.remove_prefix(offered - stream_.avail_in);
      if (status == Z_BUF_ERROR) break;  // wants more bytes
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status != Z_OK && status != Z_STREAM_END) {
        return fail(ErrorCode::kInvalidData,
                    fmt::format("the file is no valid gzip: {}", stream_.msg == nullptr ? "damaged" : stream_.msg));
      }
      member_ended_ = status == Z_STREAM_END;
    }
    return std::string_view(reinterpret_cast<const char*>(text_.data()), text_.size() - stream_.avail_out);
  }

  [[nodiscard]] bool member_ended() const { return member_ended_; }

 private:
  z_stream stream_{};
  std::vector<Bytef> text_;
  bool member_ended_ = false;
};

FileText::FileText() = default;
FileText::~FileText() = default;

void FileText::push(std::string_view bytes) {
  bytes_ = bytes;
  if (begun_ || bytes.empty()) return;
  begun_ = true;
  if (bytes.front() == kGzipMagic) inflater_ = std::make_unique<Inflater>();
}

Result<std::optional<std::string_view>> FileText::next() {
  if (inflater_) {
    const auto text = inflater_->inflate_some(bytes_);
    if (!text) return fail(text.error());
    return text->empty() ? std::nullopt : std::optional(*text);
  }
  if (bytes_.empty()) return std::nullopt;
  const std::string_view text = bytes_.substr(0, kPieceBytes);
  bytes_.remove_prefix(text.size());
  return text;
}

Status FileText::finish() const {
  if (inflater_ && !inflater_->member_ended()) {
    return fail(ErrorCode::kInvalidData, "the file is no valid gzip: it ends too early");
  }
  return {};
}

}  // namespace ghstats::copilot
