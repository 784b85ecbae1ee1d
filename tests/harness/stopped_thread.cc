#include "harness/stopped_thread.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "harness/process.h"

namespace ghstats::harness {
namespace {

void check(bool succeeded, const char* call) {
  if (!succeeded) throw std::system_error(errno, std::generic_category(), call);
}

// The system call it was interrupted in (proc(5)).
bool waits_for_events(pid_t pid) {
  long number = -1;
  std::ifstream("/proc/" + std::to_string(pid) + "/syscall") >> number;
#ifdef SYS_epoll_wait
  if (number == SYS_epoll_wait) return true;
#endif
  return number == SYS_epoll_pwait;
}

}  // namespace

StoppedMainThread::StoppedMainThread(pid_t pid) : pid_(pid) {
  check(::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0, "PTRACE_SEIZE");
  const bool waits = eventually(std::chrono::seconds{10}, [pid] {
    check(::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0, "PTRACE_INTERRUPT");
    int status = 0;
    check(::waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status), "waitpid");
    if (waits_for_events(pid)) return true;
    check(::ptrace(PTRACE_CONT, pid, nullptr, nullptr) == 0, "PTRACE_CONT");
    return false;
  });
  if (!waits) throw std::runtime_error("the main thread never waits for events");
}

StoppedMainThread::~StoppedMainThread() {
  ::ptrace(PTRACE_DETACH, pid_, nullptr, nullptr);
}

}  // namespace ghstats::harness
