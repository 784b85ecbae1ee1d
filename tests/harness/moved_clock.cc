#include "harness/moved_clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace ghstats::harness {

MovedClock::MovedClock(const std::filesystem::path& folder) : file_(folder / "clock.offset") {
  descriptor_ = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw std::runtime_error("cannot make " + file_.string());
  set_ahead(std::chrono::nanoseconds{0});
}

MovedClock::~MovedClock() {
  close(descriptor_);
}

std::map<std::string, std::string> MovedClock::environment() const {
  return {{"LD_PRELOAD", GHSTATS_MOVED_CLOCK}, {"GHSTATS_CLOCK_OFFSET", file_.string()}};
}

void MovedClock::set_ahead(std::chrono::nanoseconds ahead) {
  const std::int64_t nanos = ahead.count();
  if (pwrite(descriptor_, &nanos, sizeof(nanos), 0) != sizeof(nanos)) throw std::runtime_error("cannot move the clock");
}

}  // namespace ghstats::harness
