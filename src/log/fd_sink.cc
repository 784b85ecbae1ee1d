#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <string>

#include "log/log.h"

namespace ghstats::log {
namespace {

// A reader that stops reading must not stop the program: after this long the rest of a line is dropped, and as long as
// the reader does not read again, lines are dropped without waiting.
constexpr int kStalledReaderMs = 1000;

class FdSink final : public Sink {
 public:
  explicit FdSink(int fd) : fd_(fd) {}

  void write(std::string_view line) override {
    const std::scoped_lock lock(mutex_);
    std::string bytes;
    bytes.reserve(line.size() + 2);
    // The previous line was cut: do not let this one look like its end.
    if (torn_) bytes += '\n';
    bytes += line;
    bytes += '\n';
    const std::size_t sent = send(bytes);
    stalled_ = sent != bytes.size();
    if (sent != 0) torn_ = stalled_;
  }

 private:
  // How many bytes went out.
  [[nodiscard]] std::size_t send(std::string_view bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = ::write(fd_, bytes.data() + sent, bytes.size() - sent);
      if (n > 0) {
        sent += static_cast<std::size_t>(n);
      } else if (n < 0 && errno == EINTR) {
        continue;
      } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        if (stalled_ || !wait_until_writable()) break;
      } else {
        break;  // closed or full: there is nowhere left to report it
      }
    }
    return sent;
  }

  [[nodiscard]] bool wait_until_writable() const {
    pollfd entry{.fd = fd_, .events = POLLOUT, .revents = 0};
    int ready = 0;
    do {
      ready = ::poll(&entry, 1, kStalledReaderMs);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && (entry.revents & POLLOUT) != 0;
  }

  const int fd_;
  std::mutex mutex_;
  bool torn_ = false;
  bool stalled_ = false;
};

}  // namespace

std::shared_ptr<Sink> make_fd_sink(int fd) {
  return std::make_shared<FdSink>(fd);
}

}  // namespace ghstats::log
