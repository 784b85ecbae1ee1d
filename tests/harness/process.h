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

// Where a child process reads and writes. Without `errors` they go where the output goes.
struct Streams {
  std::filesystem::path output;
  std::filesystem::path errors = {};
  std::filesystem::path input = "/dev/null";
};

// A child process; killed when the object goes.
class Process {
 public:
  Process(std::vector<std::string> arguments, std::map<std::string, std::string> environment, Streams streams);
  // Everything it says goes to `log`.
  Process(std::vector<std::string> arguments, std::map<std::string, std::string> environment, std::filesystem::path log)
      : Process(std::move(arguments), std::move(environment), Streams{std::move(log)}) {}
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

// What a program said and how it ended.
struct Outcome {
  std::optional<int> exit_code;  // absent: killed, because it had not ended within the limit
  std::string out;
  std::string err;
  std::chrono::milliseconds took{0};
};

// Runs a program to its end; its standard input is `input`.
Outcome run_command(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {},
                    const std::string& input = {}, std::chrono::milliseconds limit = std::chrono::seconds{20});

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
