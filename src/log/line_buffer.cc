#include "log/line_buffer.h"

#include <utility>

namespace ghstats::log {

void LineBuffer::push(std::string_view line) {
  const std::size_t size = line.size() + 1;
  if (!lines_.empty() && bytes_ + size > room_) dropping_ = true;
  if (dropping_) {
    lost(1);
    return;
  }
  bytes_ += size;
  std::string& kept = lines_.emplace_back();
  kept.reserve(size);
  kept.append(line).push_back('\n');
}

std::string LineBuffer::take(std::size_t limit) {
  std::string out;
  while (!lines_.empty() && (out.empty() || out.size() + lines_.front().size() <= limit)) {
    bytes_ -= lines_.front().size();
    if (out.empty()) {
      out = std::move(lines_.front());
    } else {
      out += lines_.front();
    }
    lines_.pop_front();
  }
  if (bytes_ <= room_ / 2) dropping_ = false;
  return out;
}

void LineBuffer::lost(std::uint64_t lines) {
  gap_ += lines;
  dropped_ += lines;
}

std::uint64_t LineBuffer::take_gap() {
  return dropping_ ? 0 : std::exchange(gap_, 0);
}

}  // namespace ghstats::log
