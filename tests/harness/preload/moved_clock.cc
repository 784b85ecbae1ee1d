// Preloaded into programs whose wall clock a test moves: it is the machine's plus what the first eight bytes of the
// file GHSTATS_CLOCK_OFFSET say in nanoseconds, at every moment. Nothing else is touched: timers and the monotonic
// clock, which libfaketime holds up when its time jumps, go on as they are.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

const std::atomic<std::int64_t>* offset_of_file() {
  const char* name = getenv("GHSTATS_CLOCK_OFFSET");
  if (name == nullptr) return nullptr;
  const int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* at = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return at == MAP_FAILED ? nullptr : static_cast<const std::atomic<std::int64_t>*>(at);
}

std::int64_t offset() {
  static const std::atomic<std::int64_t>* const kOffset = offset_of_file();
  return kOffset == nullptr ? 0 : kOffset->load(std::memory_order_relaxed);
}

timespec wall() {
  timespec now{};
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  const std::int64_t nanos = now.tv_sec * kNanosPerSecond + now.tv_nsec + offset();
  return {nanos / kNanosPerSecond, nanos % kNanosPerSecond};
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* out) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(syscall(SYS_clock_gettime, clock, out));
  }
  *out = wall();
  return 0;
}

extern "C" int gettimeofday(timeval* out, void* /*zone*/) noexcept {
  const timespec now = wall();
  *out = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

extern "C" time_t time(time_t* out) noexcept {
  const timespec now = wall();
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
