// A program whose main thread does not go on while its others do: what a hang looks like from outside.
#pragma once

#include <sys/types.h>

namespace ghstats::harness {

// Stops the main thread of the child process `pid` until it is destroyed (ptrace(2); a signal would stop all threads),
// where it waits for events and so holds no lock. The process may end meanwhile. Throws std::system_error where that is
// not allowed.
class StoppedMainThread {
 public:
  explicit StoppedMainThread(pid_t pid);
  ~StoppedMainThread();
  StoppedMainThread(const StoppedMainThread&) = delete;
  StoppedMainThread& operator=(const StoppedMainThread&) = delete;

 private:
  pid_t pid_;
};

}  // namespace ghstats::harness
