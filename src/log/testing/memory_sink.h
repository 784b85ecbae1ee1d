#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "log/log.h"

namespace ghstats::log::testing {

// Keeps every line for inspection. Thread-safe.
class MemorySink final : public Sink {
 public:
  void write(std::string_view line) override {
    const std::scoped_lock lock(mutex_);
    lines_.emplace_back(line);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  [[nodiscard]] bool contains(std::string_view text) const {
    for (const auto& line : lines()) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// A logger whose lines end in `sink` (or nowhere), everything enabled.
inline Logger make_logger(std::shared_ptr<Sink> sink = std::make_shared<MemorySink>()) {
  return Logger({Level::kDebug, Format::kJson, std::make_shared<SystemClock>(), std::move(sink)}, "test");
}

}  // namespace ghstats::log::testing
