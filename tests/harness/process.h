// Programs under test, started and stopped by id.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/testing/child_process.h"

namespace ghstats::harness {

using net::testing::read_file;
using net::testing::TemporaryFolder;
using net::testing::write_file;

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
  // Used by all of its threads so far, in user and kernel mode (proc(5)).
  [[nodiscard]] std::chrono::milliseconds processor_time() const;

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

// Asks `condition` until it holds; false when it still does not after `limit`. Seldom, for asking costs a page.
template <class Condition>
bool eventually(std::chrono::milliseconds limit, Condition condition) {
  return net::testing::wait_for(limit, std::move(condition), std::chrono::milliseconds{20});
}

}  // namespace ghstats::harness
