// The sample lines of one family, always rendered, sorted by their label text, in chunks of about 64 KiB.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/page.h"

namespace ghstats::exposition {

// put() and erase() are remembered and take effect together at flush(); of several for one series the last one counts.
// Not thread-safe.
class SeriesText {
 public:
  // Chunks are split above kMaxChunkBytes into parts of about kChunkBytes, and joined with a neighbour below
  // kMinChunkBytes.
  static constexpr std::size_t kChunkBytes = 64UL << 10U;
  static constexpr std::size_t kMaxChunkBytes = 2 * kChunkBytes;
  static constexpr std::size_t kMinChunkBytes = kChunkBytes / 4;

  // `name` must outlive this.
  explicit SeriesText(std::string_view name) : name_(name) {}

  // `labels` as metrics::append_labels makes them.
  void put(std::string_view labels, double value);
  void erase(std::string_view labels);
  void clear();

  // O(changes log changes + bytes of the chunks that change). A put of the value that is there changes nothing.
  void flush();

  // As of the last flush.
  [[nodiscard]] const std::vector<ChunkPtr>& chunks() const { return chunks_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Bytes remembered for the next flush.
  [[nodiscard]] std::size_t pending_bytes() const { return pending_text_.size(); }

 private:
  // A line in pending_text_; one to be erased has no value behind its labels.
  struct Pending {
    std::size_t offset = 0;
    std::uint32_t labels_size = 0;
    std::uint32_t line_size = 0;  // 0: erase
  };
  struct Edit {
    std::size_t begin = 0;  // what of the chunk's text is replaced
    std::size_t end = 0;
    std::string_view line;
  };
  static constexpr std::size_t kKeptPending = 4096;
  using PendingIterator = std::vector<Pending>::const_iterator;

  [[nodiscard]] std::string_view labels_of(const Pending& pending) const;
  [[nodiscard]] std::string_view line_of(const Pending& pending) const;
  [[nodiscard]] std::string_view labels_of_line(std::string_view line) const;
  [[nodiscard]] std::string_view first_labels(const ChunkPtr& chunk) const;
  [[nodiscard]] std::size_t find_line(std::string_view text, std::size_t from, std::string_view labels) const;
  void sort_pending();
  std::vector<Edit> edits_for(std::string_view text, PendingIterator begin, PendingIterator end);
  // Appends what becomes of `chunk` (null: nothing yet) to `out`.
  void rebuild(const ChunkPtr& chunk, PendingIterator begin, PendingIterator end, std::vector<ChunkPtr>& out);
  static void join_small(std::vector<ChunkPtr>& chunks);

  std::string_view name_;
  std::vector<ChunkPtr> chunks_;  // never empty ones
  std::size_t size_ = 0;
  std::string pending_text_;
  std::vector<Pending> pending_;
};

}  // namespace ghstats::exposition
