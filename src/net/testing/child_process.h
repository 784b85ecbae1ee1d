// Real servers for tests: programs on PATH, started in a folder of their own and ended by id.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ghstats::net::testing {

// A folder that goes when the object does.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, std::string_view text);  // a reader sees all of it or the old one
std::string read_file(const std::filesystem::path& path);                   // empty when there is none

// The full path of a program on PATH.
std::optional<std::filesystem::path> find_program(const std::string& name);

// A port of 127.0.0.1 that nobody used a moment ago, from below the range the system hands out by itself, so that no
// outgoing connection takes it before the server listens.
std::uint16_t free_port();

// A child process. Killed when the object goes, and by the system when the test itself is killed.
class ChildProcess {
 public:
  // `arguments` begin with the name the program sees as its own. `environment` is added to the caller's. Everything it
  // says goes to the end of `log`.
  ChildProcess(const std::filesystem::path& program, std::vector<std::string> arguments,
               const std::filesystem::path& log, const std::map<std::string, std::string>& environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() const;
  void signal(int number) const;
  // False when it still runs after `limit`.
  bool wait(std::chrono::milliseconds limit) const;

 private:
  pid_t pid_ = -1;
  mutable bool ended_ = false;
};

// Asks `condition` until it holds; false when it still does not after `limit`. Blocks: for what happens in other
// processes (eventually.h is for what happens on the test's own io_context).
template <class Condition>
bool wait_for(std::chrono::milliseconds limit, Condition condition,
              std::chrono::milliseconds between = std::chrono::milliseconds{2}) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    timespec pause{0, std::chrono::nanoseconds(between).count()};
    nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace ghstats::net::testing
