// The wall clock of programs under test: the machine's, moved from outside at any moment.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace ghstats::harness {

// Programs started with environment() have it; several may share one. Their timers and steady clocks stay as they are
// (preload/moved_clock.cc).
class MovedClock {
 public:
  // Its file is in `folder`, which must outlive the programs.
  explicit MovedClock(const std::filesystem::path& folder);
  ~MovedClock();
  MovedClock(const MovedClock&) = delete;
  MovedClock& operator=(const MovedClock&) = delete;

  [[nodiscard]] std::map<std::string, std::string> environment() const;

  // From now on it is so far ahead of the machine's.
  void set_ahead(std::chrono::nanoseconds ahead);

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace ghstats::harness
