#include "app/signal_thread.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "app/exit_codes.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFlushLimit = 200ms;
constexpr unsigned kLastResortSeconds = 15;
constexpr std::size_t kSignalsPerLook = 8;

int checked(int descriptor, const char* call) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), call);
  return descriptor;
}

sigset_t obeyed_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

// Should even this thread hang: nothing but a call that is safe in a signal handler.
void arm_last_resort() {
  signal(SIGALRM, [](int) { _exit(kExitFailure); });
  alarm(kLastResortSeconds);
}

}  // namespace

SignalFsm::Action SignalFsm::on(int signal_number) {
  if (signal_number == SIGHUP) return Action::kIgnore;
  return std::exchange(stopping_, true) ? Action::kExit : Action::kStop;
}

SignalThread::SignalThread(std::function<void()> stop, log::Logger logger, std::shared_ptr<log::FdSink> log_output)
    : stop_(std::move(stop)), logger_(std::move(logger)), log_output_(std::move(log_output)) {
  const sigset_t set = obeyed_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // Whoever started the program may have had them ignored (nohup, a shell's background jobs).
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) signal(number, SIG_DFL);
  signals_ = checked(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
  ended_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  thread_ = std::thread([this] { run(); });
}

SignalThread::~SignalThread() {
  ::eventfd_write(ended_, 1);
  thread_.join();
  ::close(ended_);
  ::close(signals_);
}

void SignalThread::run() {
  constexpr int kNoLimit = -1;
  std::array<pollfd, 2> events{pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                               pollfd{.fd = ended_, .events = POLLIN, .revents = 0}};
  std::optional<std::chrono::steady_clock::time_point> limit;
  while (true) {
    int wait_ms = kNoLimit;
    if (limit) {
      const auto left = std::chrono::ceil<Duration>(*limit - std::chrono::steady_clock::now());
      wait_ms = static_cast<int>(std::max(left, Duration{0}).count());
    }
    const int ready = ::poll(events.data(), events.size(), wait_ms);
    if (ready == 0) {
      logger_.error("not stopped in time: giving up", {{"limit", format_duration(kShutdownLimit)}});
      exit_now();
    }
    if (ready > 0 && events[1].revents != 0) return;
    // All that have come: a second one that is there already ends the program before it begins to stop.
    std::array<signalfd_siginfo, kSignalsPerLook> come{};
    const auto bytes = ::read(signals_, come.data(), sizeof come);
    bool stop = false;
    for (std::size_t i = 0; bytes > 0 && i < static_cast<std::size_t>(bytes) / sizeof(signalfd_siginfo); ++i) {
      stop = obey(static_cast<int>(come[i].ssi_signo)) || stop;
    }
    if (!stop) continue;
    stop_();
    limit = std::chrono::steady_clock::now() + kShutdownLimit;
  }
}

bool SignalThread::obey(int signal_number) {
  switch (fsm_.on(signal_number)) {
    case SignalFsm::Action::kStop:
      arm_last_resort();
      logger_.info("stopping", {{"signal", signal_number == SIGINT ? "SIGINT" : "SIGTERM"}});
      return true;
    case SignalFsm::Action::kExit:
      logger_.warn("not stopping in order: a second signal",
                   {{"signal", signal_number == SIGINT ? "SIGINT" : "SIGTERM"}});
      exit_now();
    case SignalFsm::Action::kIgnore:
      logger_.warn("SIGHUP is ignored: the configuration is read at the start only");
      return false;
  }
  std::unreachable();
}

void SignalThread::exit_now() {
  log_output_->flush(kFlushLimit);
  _exit(kExitFailure);
}

}  // namespace ghstats::app
