// Lines on their way to a reader that may be slow: in order, whole, and never more than there is room for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace ghstats::log {

// Not thread-safe; no I/O.
class LineBuffer {
 public:
  // `room` in bytes, newlines included.
  explicit LineBuffer(std::size_t room) : room_(room) {}

  // Keeps `line` (without its newline), or drops and counts it. Once a line did not fit, all are dropped until half of
  // the room is free again: one gap, told once. A line alone is never too long.
  void push(std::string_view line);

  // Takes out what is to be written next, newlines included: as many whole lines as fit into `limit` bytes, or one
  // that is longer. Empty: nothing is waiting.
  std::string take(std::size_t limit);

  // `lines` that were taken out did not arrive.
  void lost(std::uint64_t lines);

  // How many lines the gap cost that is over now; each gap once. 0: there was none, or it goes on.
  std::uint64_t take_gap();

  [[nodiscard]] bool empty() const { return lines_.empty(); }
  // Since the beginning.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t room_;
  std::size_t bytes_ = 0;
  std::deque<std::string> lines_;  // with their newlines
  bool dropping_ = false;
  std::uint64_t gap_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace ghstats::log
