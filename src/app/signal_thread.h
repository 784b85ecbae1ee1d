// SIGTERM, SIGINT and SIGHUP, obeyed by a thread of their own: also while the thread that owns the state is stuck.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "base/duration.h"
#include "log/fd_sink.h"
#include "log/log.h"

namespace ghstats::app {

// How long an orderly stop may take; then the process ends as it is (contract.md section 1: within 15 s).
inline constexpr Duration kShutdownLimit = std::chrono::seconds{14};

// What a signal means. No I/O.
class SignalFsm {
 public:
  enum class Action { kStop, kExit, kIgnore };

  // The first SIGTERM or SIGINT stops, another one exits at once; SIGHUP is ignored.
  Action on(int signal_number);

 private:
  bool stopping_ = false;
};

class SignalThread {
 public:
  // Blocks the three signals in the calling thread and thereby in all that it starts afterwards; threads that exist
  // already must block them themselves. `stop` is called once, on this object's thread. From then on the process ends
  // with kExitFailure at a second signal, or when it has not ended within kShutdownLimit.
  SignalThread(std::function<void()> stop, log::Logger logger, std::shared_ptr<log::FdSink> log_output);
  // The signals stay blocked.
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void run();
  // True: an orderly stop is to begin.
  bool obey(int signal_number);
  [[noreturn]] void exit_now();

  std::function<void()> stop_;
  log::Logger logger_;
  std::shared_ptr<log::FdSink> log_output_;
  int signals_ = -1;  // signalfd(2)
  int ended_ = -1;    // eventfd(2)
  SignalFsm fsm_;
  std::thread thread_;
};

}  // namespace ghstats::app
