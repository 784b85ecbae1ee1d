// Log lines to a file descriptor, by a thread of their own: no reader can hold up who logs.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/duration.h"
#include "log/log.h"

namespace ghstats::log {

// write() takes a lock for a copy and returns; 1 MiB may wait for the reader. What does not fit, and what the
// descriptor refuses, is dropped and counted, and a line says how many once lines flow again. Lines are never mixed nor
// torn, except for the very last one when the program ends before its reader has read it. Thread-safe.
class FdSink final : public Sink {
 public:
  // Does not own `fd`, which may be blocking or not. `format` and `clock` are those of the loggers: for its own line.
  FdSink(int fd, Format format, std::shared_ptr<const Clock> clock);
  // Writes what waits as long as somebody reads, for at most a second.
  ~FdSink() override;
  FdSink(const FdSink&) = delete;
  FdSink& operator=(const FdSink&) = delete;

  void write(std::string_view line) override;

  // Returns when everything written so far has gone out, or after `limit`.
  void flush(Duration limit);

  // Since the beginning.
  [[nodiscard]] std::uint64_t lines_dropped() const;

 private:
  struct State;

  std::shared_ptr<State> state_;  // shared with the thread, which may be left behind in a write that does not return
  std::thread writer_;
};

}  // namespace ghstats::log
