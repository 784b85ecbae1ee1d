// A rendered page: a list of immutable chunks that many pages share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exposition/compression.h"

namespace ghstats::exposition {

// Text that never changes, and its compressed form from the first time it is wanted. The text may be read on any
// thread, fragment() only on the one that renders.
class Chunk {
 public:
  explicit Chunk(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}

  [[nodiscard]] const std::string& text() const { return *text_; }
  [[nodiscard]] const Bytes& bytes() const { return text_; }
  [[nodiscard]] const DeflatedFragment& fragment(Deflater& deflater) const {
    if (!fragment_) fragment_ = deflater.deflate(*text_);
    return *fragment_;
  }

 private:
  Bytes text_;
  mutable std::optional<DeflatedFragment> fragment_;
};
using ChunkPtr = std::shared_ptr<const Chunk>;

// A value; stays what it is whatever the view does later.
struct Page {
  std::vector<ChunkPtr> chunks;

  // The bytes to send one after the other, without a copy.
  [[nodiscard]] std::vector<Bytes> identity() const;
  // The same as one gzip member. Compresses only chunks that never were.
  [[nodiscard]] std::vector<Bytes> gzip() const;
};

}  // namespace ghstats::exposition
