#include "copilot/line_splitter.h"

namespace ghstats::copilot {

void LineSplitter::push(std::string_view piece, const Take& take) {
  while (!piece.empty()) {
    const auto end = piece.find('\n');
    append(piece.substr(0, end));
    if (end == std::string_view::npos) return;
    end_line(take);
    piece.remove_prefix(end + 1);
  }
}

void LineSplitter::finish(const Take& take) {
  end_line(take);
}

void LineSplitter::append(std::string_view part) {
  if (discarding_) return;
  // One more for the \r of the line's end.
  if (part.size() <= max_line_bytes_ + 1 - line_.size()) {
    line_ += part;
    return;
  }
  discarding_ = true;
  ++too_long_;
  line_ = std::string();
}

void LineSplitter::end_line(const Take& take) {
  if (!discarding_) {
    if (line_.ends_with('\r')) line_.pop_back();
    if (line_.size() > max_line_bytes_) {
      ++too_long_;
    } else if (line_.find_first_not_of(" \t\r") != std::string::npos) {
      take(line_);
    }
  }
  discarding_ = false;
  line_.clear();
}

}  // namespace ghstats::copilot
