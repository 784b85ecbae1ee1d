// Lines of a body that arrives in pieces of any size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ghstats::copilot {

// Lines end in \n or \r\n, neither of which is handed over; the last one needs no end. Lines of nothing but blanks are
// no lines. A line of more than `max_line_bytes` is left out and counted; at most that much is kept.
class LineSplitter {
 public:
  // May change the line, its capacity too; it is gone afterwards.
  using Take = std::function<void(std::string& line)>;

  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // Hands over every line that ends in `piece`, in order.
  void push(std::string_view piece, const Take& take);
  // The body is over. The splitter may be used for the next one.
  void finish(const Take& take);

  // So far, of all bodies; the one under way counts as soon as it is too long.
  [[nodiscard]] std::uint64_t too_long() const { return too_long_; }

 private:
  void append(std::string_view part);
  void end_line(const Take& take);

  std::size_t max_line_bytes_;
  std::string line_;
  bool discarding_ = false;
  std::uint64_t too_long_ = 0;
};

}  // namespace ghstats::copilot
