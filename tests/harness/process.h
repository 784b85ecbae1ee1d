// Programs under test, started and stopped by id.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ghstats::harness {

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

void write_file(const std::filesystem::path& path, const std::string& text);  // atomically
std::string read_file(const std::filesystem::path& path);

// One of this project's programs as built for users, for example "ghsim".
std::string program(const std::string& name);

// A child process; killed when the object goes. Its output goes to `log`.
class Process {
 public:
  Process(std::vector<std::string> arguments, std::map<std::string, std::string> environment,
          std::filesystem::path log);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  void signal(int number) const;
  // The exit code (128 + signal when killed), or nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);
  [[nodiscard]] std::string output() const { return read_file(log_); }
  // Bytes of memory in use right now, and at most so far (proc(5): VmRSS, VmHWM).
  [[nodiscard]] std::size_t resident_bytes() const { return status_bytes("VmRSS:"); }
  [[nodiscard]] std::size_t peak_resident_bytes() const { return status_bytes("VmHWM:"); }

 private:
  [[nodiscard]] std::size_t status_bytes(const std::string& field) const;

  std::filesystem::path log_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// Asks `condition` until it holds; false when it still does not after `limit`.
template <class Condition>
bool eventually(std::chrono::milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    timespec pause{0, 20'000'000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace ghstats::harness
