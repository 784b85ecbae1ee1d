// Preloaded before libfaketime into programs whose wall clock a test moves while their timers go on in real time.
// libfaketime shifts absolute times of timerfd_settime by the distance between the two clocks, also those of the
// monotonic clock and against FAKETIME_DONT_FAKE_MONOTONIC: a timer that is due at once is refused (EINVAL) and Asio
// wakes only with the next one, a second later. This one goes to the kernel as it is.
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

extern "C" int timerfd_settime(int descriptor, int flags, const itimerspec* value, itimerspec* before) noexcept {
  return static_cast<int>(syscall(SYS_timerfd_settime, descriptor, flags, value, before));
}
