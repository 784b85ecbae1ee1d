#include "exposition/series_text.h"

#include <algorithm>
#include <utility>

#include "metrics/encoder.h"

namespace ghstats::exposition {
namespace {

// Collects text and cuts it at line ends into chunks of about `target` bytes.
class ChunkWriter {
 public:
  ChunkWriter(std::size_t total, std::vector<ChunkPtr>& out) : out_(out) {
    const std::size_t count =
        total <= SeriesText::kMaxChunkBytes ? 1 : (total + SeriesText::kChunkBytes - 1) / SeriesText::kChunkBytes;
    target_ = (total + count - 1) / count;
    capacity_ = count == 1 ? total : target_ + kLineRoom;
  }

  // `lines`: whole ones.
  void append(std::string_view lines) {
    while (text_.size() + lines.size() > target_) {
      const std::size_t wanted = target_ > text_.size() ? target_ - text_.size() : 0;
      const std::size_t line_end = wanted == 0 ? std::string_view::npos : lines.find('\n', wanted - 1);
      const std::size_t taken = wanted == 0 ? 0 : line_end + 1;
      if (taken == lines.size()) break;
      add(lines.substr(0, taken));
      lines.remove_prefix(taken);
      finish();
    }
    add(lines);
  }

  void finish() {
    if (!text_.empty()) out_.push_back(std::make_shared<const Chunk>(std::exchange(text_, {})));
  }

 private:
  static constexpr std::size_t kLineRoom = 512;  // a chunk ends with the line that reaches the target

  void add(std::string_view lines) {
    if (lines.empty()) return;
    if (text_.empty()) text_.reserve(capacity_);
    text_ += lines;
  }

  std::vector<ChunkPtr>& out_;
  std::size_t target_ = 0;
  std::size_t capacity_ = 0;
  std::string text_;
};

}  // namespace

void SeriesText::put(std::string_view labels, double value) {
  const std::size_t offset = pending_text_.size();
  metrics::append_sample(pending_text_, name_, labels, value);
  pending_.push_back(
      {offset, static_cast<std::uint32_t>(labels.size()), static_cast<std::uint32_t>(pending_text_.size() - offset)});
}

void SeriesText::erase(std::string_view labels) {
  if (chunks_.empty() && pending_.empty()) return;
  const std::size_t offset = pending_text_.size();
  pending_text_ += name_;
  pending_text_ += labels;
  pending_.push_back({offset, static_cast<std::uint32_t>(labels.size()), 0});
}

void SeriesText::clear() {
  chunks_.clear();
  size_ = 0;
  pending_text_ = {};
  pending_ = {};
}

std::string_view SeriesText::labels_of(const Pending& pending) const {
  return std::string_view(pending_text_).substr(pending.offset + name_.size(), pending.labels_size);
}

std::string_view SeriesText::line_of(const Pending& pending) const {
  return std::string_view(pending_text_).substr(pending.offset, pending.line_size);
}

// Values hold no space, so the last one stands before the value.
std::string_view SeriesText::labels_of_line(std::string_view line) const {
  return line.substr(name_.size(), line.rfind(' ') - name_.size());
}

std::string_view SeriesText::first_labels(const ChunkPtr& chunk) const {
  const std::string_view text = chunk->text();
  return labels_of_line(text.substr(0, text.find('\n')));
}

// The start of the first line at or behind `from` whose labels are not less; line feeds inside values are escaped, so
// any byte leads to its line.
std::size_t SeriesText::find_line(std::string_view text, std::size_t from, std::string_view labels) const {
  std::size_t low = from;
  std::size_t high = text.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::size_t before = middle == low ? std::string_view::npos : text.rfind('\n', middle - 1);
    const std::size_t begin = before == std::string_view::npos || before < low ? low : before + 1;
    const std::size_t end = text.find('\n', begin) + 1;
    if (labels_of_line(text.substr(begin, end - 1 - begin)) < labels) {
      low = end;
    } else {
      high = begin;
    }
  }
  return low;
}

void SeriesText::sort_pending() {
  const auto less = [this](const Pending& a, const Pending& b) {
    const int order = labels_of(a).compare(labels_of(b));
    return order < 0 || (order == 0 && a.offset < b.offset);
  };
  if (!std::ranges::is_sorted(pending_, less)) std::ranges::sort(pending_, less);
  const auto same = [this](const Pending& a, const Pending& b) { return labels_of(a) == labels_of(b); };
  // Keeps the last of equal ones.
  const auto kept = std::unique(pending_.rbegin(), pending_.rend(), same);
  pending_.erase(pending_.begin(), kept.base());
}

std::vector<SeriesText::Edit> SeriesText::edits_for(std::string_view text, PendingIterator begin, PendingIterator end) {
  std::vector<Edit> edits;
  std::size_t from = 0;
  for (auto it = begin; it != end; ++it) {
    const std::string_view labels = labels_of(*it);
    const std::string_view line = line_of(*it);
    const std::size_t position = from = find_line(text, from, labels);
    const std::string_view there = text.substr(position, text.find('\n', position) + 1 - position);
    const bool known = !there.empty() && labels_of_line(there) == labels;
    if (known ? there == line : line.empty()) continue;
    edits.push_back({position, known ? position + there.size() : position, line});
    size_ += known ? 0 : 1;
    size_ -= line.empty() ? 1 : 0;
  }
  return edits;
}

void SeriesText::rebuild(const ChunkPtr& chunk, PendingIterator begin, PendingIterator end,
                         std::vector<ChunkPtr>& out) {
  const std::string_view text = chunk ? std::string_view(chunk->text()) : std::string_view();
  const std::vector<Edit> edits = edits_for(text, begin, end);
  if (edits.empty()) {
    if (chunk) out.push_back(chunk);
    return;
  }
  std::size_t total = text.size();
  for (const Edit& edit : edits) total += edit.line.size() - (edit.end - edit.begin);
  ChunkWriter writer(total, out);
  std::size_t copied = 0;
  for (const Edit& edit : edits) {
    writer.append(text.substr(copied, edit.begin - copied));
    writer.append(edit.line);
    copied = edit.end;
  }
  writer.append(text.substr(copied));
  writer.finish();
}

void SeriesText::join_small(std::vector<ChunkPtr>& chunks) {
  std::vector<ChunkPtr> joined;
  joined.reserve(chunks.size());
  for (ChunkPtr& chunk : chunks) {
    const std::size_t before = joined.empty() ? kMaxChunkBytes : joined.back()->text().size();
    const std::size_t size = chunk->text().size();
    if (std::min(before, size) < kMinChunkBytes && before + size <= kChunkBytes) {
      joined.back() = std::make_shared<const Chunk>(joined.back()->text() + chunk->text());
    } else {
      joined.push_back(std::move(chunk));
    }
  }
  chunks = std::move(joined);
}

void SeriesText::flush() {
  if (pending_.empty()) return;
  sort_pending();
  std::vector<ChunkPtr> out;
  out.reserve(chunks_.size() + 1);
  if (chunks_.empty()) rebuild(nullptr, pending_.begin(), pending_.end(), out);

  auto change = pending_.cbegin();
  for (auto chunk = chunks_.begin(); chunk != chunks_.end();) {
    if (change == pending_.cend()) {
      out.insert(out.end(), std::make_move_iterator(chunk), std::make_move_iterator(chunks_.end()));
      break;
    }
    const auto starts_behind = [this](std::string_view labels, const ChunkPtr& c) { return labels < first_labels(c); };
    const auto next = std::upper_bound(std::next(chunk), chunks_.end(), labels_of(*change), starts_behind);
    const auto touched = std::prev(next);
    out.insert(out.end(), std::make_move_iterator(chunk), std::make_move_iterator(touched));
    auto change_end = pending_.cend();
    if (next != chunks_.end()) {
      change_end = std::partition_point(
          change, pending_.cend(), [&, first = first_labels(*next)](const Pending& p) { return labels_of(p) < first; });
    }
    rebuild(*touched, change, change_end, out);
    change = change_end;
    chunk = next;
  }

  const auto is_small = [](const ChunkPtr& c) { return c->text().size() < kMinChunkBytes; };
  if (out.size() > 1 && std::ranges::any_of(out, is_small)) join_small(out);
  chunks_ = std::move(out);
  pending_text_ = {};
  pending_.clear();
  if (pending_.capacity() > kKeptPending) pending_.shrink_to_fit();
}

}  // namespace ghstats::exposition
