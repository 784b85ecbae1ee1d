#include "log/fd_sink.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "log/line.h"
#include "log/line_buffer.h"

namespace ghstats::log {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRoom = 1UL << 20U;
constexpr Duration kDrainGrace = 1s;   // of a reader that reads
constexpr Duration kLookAgain = 50ms;  // while it does not
// A pipe that poll() calls writable takes this much at once, so that the thread does not hang in write(2), and takes it
// in one piece (pipe(7)).
constexpr std::size_t kPiece = PIPE_BUF;

using Deadline = std::chrono::steady_clock::time_point;

// The signals of the process are other threads' business; a reader that went away is an error of write(2).
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

struct FdSink::State {
  State(int descriptor, Format line_format, std::shared_ptr<const Clock> line_clock)
      : fd(descriptor), format(line_format), clock(std::move(line_clock)) {}

  const int fd;
  const Format format;
  const std::shared_ptr<const Clock> clock;

  mutable std::mutex mutex;
  std::condition_variable changed;
  LineBuffer lines{kRoom};
  bool writing = false;
  bool arriving = false;        // what was written last went out
  std::optional<Deadline> end;  // set: write what waits until then
  bool ended = false;

  // Lives until `end`.
  void run();

 private:
  std::string next();
  std::size_t send(std::string_view bytes);
  [[nodiscard]] bool wait_until_writable() const;
  [[nodiscard]] bool is_over() const;
  void tell_gap();

  bool torn_ = false;  // only the writer's: the last line that went out lacks its end
};

void FdSink::State::run() {
  block_signals();
  for (std::string bytes = next(); !bytes.empty(); bytes = next()) {
    // A line that was cut must not look like the beginning of this one.
    if (torn_) bytes.insert(0, 1, '\n');
    const std::size_t sent = send(bytes);
    const std::scoped_lock lock(mutex);
    writing = false;
    arriving = sent == bytes.size();
    lines.lost(static_cast<std::uint64_t>(std::ranges::count(std::string_view(bytes).substr(sent), '\n')));
    tell_gap();
    changed.notify_all();
  }
  const std::scoped_lock lock(mutex);
  ended = true;
  changed.notify_all();
}

// Empty: it is time to end.
std::string FdSink::State::next() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return end || !lines.empty(); });
  if (end && std::chrono::steady_clock::now() >= *end) return "";
  std::string bytes = lines.take(kPiece);
  tell_gap();
  writing = !bytes.empty();
  return bytes;
}

// As soon as the gap is over, so that the line stands where the others are missing. The mutex is held.
void FdSink::State::tell_gap() {
  const std::uint64_t gap = arriving ? lines.take_gap() : 0;
  if (gap == 0) return;
  const auto make_line = format == Format::kJson ? json_line : text_line;
  lines.push(make_line(clock->now(), Level::kWarn, "log", "log lines were dropped: their reader did not keep up",
                       {{"lines", gap}}));
}

// How many bytes went out.
std::size_t FdSink::State::send(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size() && wait_until_writable()) {
    const ssize_t n = ::write(fd, bytes.data() + sent, std::min(bytes.size() - sent, kPiece));
    if (n < 0 && errno != EINTR && errno != EAGAIN) break;  // closed or full: there is nowhere to report it
    if (n < 0 && is_over()) break;
    sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    if (sent != 0) torn_ = bytes[sent - 1] != '\n';
  }
  return sent;
}

// False: the program ends.
bool FdSink::State::wait_until_writable() const {
  while (true) {
    pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
    if (::poll(&entry, 1, static_cast<int>(kLookAgain.count())) > 0) return true;
    if (is_over()) return false;
  }
}

bool FdSink::State::is_over() const {
  const std::scoped_lock lock(mutex);
  return end && std::chrono::steady_clock::now() >= *end;
}

FdSink::FdSink(int fd, Format format, std::shared_ptr<const Clock> clock)
    : state_(std::make_shared<State>(fd, format, std::move(clock))), writer_([state = state_] { state->run(); }) {}

FdSink::~FdSink() {
  std::unique_lock lock(state_->mutex);
  state_->end = std::chrono::steady_clock::now() + kDrainGrace;
  state_->changed.notify_all();
  const bool ended = state_->changed.wait_until(lock, *state_->end + 2 * kLookAgain, [this] { return state_->ended; });
  lock.unlock();
  if (ended) {
    writer_.join();
  } else {
    writer_.detach();  // somebody else filled the descriptor between poll(2) and write(2)
  }
}

void FdSink::write(std::string_view line) {
  const std::scoped_lock lock(state_->mutex);
  state_->lines.push(line);
  state_->changed.notify_all();
}

void FdSink::flush(Duration limit) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, limit, [this] { return state_->lines.empty() && !state_->writing; });
}

std::uint64_t FdSink::lines_dropped() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->lines.dropped();
}

}  // namespace ghstats::log
