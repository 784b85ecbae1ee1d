#include "harness/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace ghstats::harness {

std::string program(const std::string& name) {
  const char* folder = std::getenv("GHSTATS_PROGRAMS");
  const std::filesystem::path root = folder != nullptr ? folder : GHSTATS_PROGRAMS;
  const auto path = name == "ghsim" ? root / "sim" / name : root / name;
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(path.string() + " is missing: './dev build' makes it (or set GHSTATS_PROGRAMS)");
  }
  return path.string();
}

Process::Process(std::vector<std::string> arguments, std::map<std::string, std::string> environment, Streams streams)
    : log_(std::move(streams.output)) {
  std::vector<std::string> settings;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!environment.contains(text.substr(0, text.find('=')))) settings.push_back(text);
  }
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  std::vector<char*> argv;
  std::vector<char*> envp;
  for (auto& argument : arguments) argv.push_back(argument.data());
  for (auto& setting : settings) envp.push_back(setting.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, streams.input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (streams.errors.empty()) {
    posix_spawn_file_actions_adddup2(&files, 1, 2);
  } else {
    posix_spawn_file_actions_addopen(&files, 2, streams.errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  // Connections of a NetworkPath, say, would otherwise outlive their end here.
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  const int error = posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::system_error(error, std::generic_category(), arguments[0]);
}

Process::~Process() {
  if (!running()) return;
  signal(SIGKILL);
  wait(std::chrono::seconds{10});
}

bool Process::running() {
  return !exit_code_ && !wait(std::chrono::milliseconds{0});
}

void Process::signal(int number) const {
  ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
  eventually(limit, [this] {
    int status = 0;
    if (exit_code_ || waitpid(pid_, &status, WNOHANG) != pid_) return exit_code_.has_value();
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  });
  return exit_code_;
}

Outcome run_command(std::vector<std::string> arguments, std::map<std::string, std::string> environment,
                    const std::string& input, std::chrono::milliseconds limit) {
  const TemporaryFolder folder;
  const Streams streams{folder.path() / "out", folder.path() / "err", folder.path() / "in"};
  write_file(streams.input, input);
  const auto begin = std::chrono::steady_clock::now();
  Process process(std::move(arguments), std::move(environment), streams);
  Outcome outcome;
  outcome.exit_code = process.wait(limit);
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  outcome.out = read_file(streams.output);
  outcome.err = read_file(streams.errors);
  return outcome;
}

std::chrono::nanoseconds Process::processor_time() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

std::size_t Process::status_bytes(const std::string& field) const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::size_t kilobytes = 0;
    if (words >> name >> kilobytes && name == field) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace ghstats::harness
