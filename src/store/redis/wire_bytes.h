// Bytes in Redis: big endian, so that they compare as they sort.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ghstats::store {

class WireWriter {
 public:
  explicit WireWriter(std::string& out) : out_(out) {}

  // The low `width` bytes of `number`.
  void number(std::uint64_t number, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) out_ += static_cast<char>(number >> shift);
  }
  void real(double value) { number(std::bit_cast<std::uint64_t>(value), 8); }
  // To the nanosecond; earlier is less, also before 1970.
  void time(TimePoint at) {
    number(static_cast<std::uint64_t>(std::chrono::nanoseconds(at.time_since_epoch()).count()) ^ kSign, 8);
  }
  // With its length in `width` bytes in front; longer text is cut.
  void text(std::string_view text, int width) {
    const std::uint64_t longest = (std::uint64_t{1} << (8 * width)) - 1;
    if (text.size() > longest) text = text.substr(0, longest);
    number(text.size(), width);
    out_ += text;
  }

  static constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

 private:
  std::string& out_;
};

// After a read beyond the end everything reads as empty and ok() is false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number(int width) {
    std::uint64_t out = 0;
    for (const char c : bytes(static_cast<std::size_t>(width))) out = out << 8U | static_cast<std::uint8_t>(c);
    return out;
  }
  double real() { return std::bit_cast<double>(number(8)); }
  TimePoint time() {
    const auto since = std::chrono::nanoseconds(static_cast<std::int64_t>(number(8) ^ WireWriter::kSign));
    return TimePoint(std::chrono::duration_cast<TimePoint::duration>(since));
  }
  std::string_view text(int width) { return bytes(number(width)); }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }

  // What was not read yet.
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace ghstats::store
