#include "harness/stopped_thread.h"

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <system_error>

namespace ghstats::harness {
namespace {

void check(bool succeeded, const char* call) {
  if (!succeeded) throw std::system_error(errno, std::generic_category(), call);
}

}  // namespace

StoppedMainThread::StoppedMainThread(pid_t pid) : pid_(pid) {
  check(::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0, "PTRACE_SEIZE");
  check(::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0, "PTRACE_INTERRUPT");
  int status = 0;
  check(::waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status), "waitpid");
}

StoppedMainThread::~StoppedMainThread() {
  ::ptrace(PTRACE_DETACH, pid_, nullptr, nullptr);
}

}  // namespace ghstats::harness
