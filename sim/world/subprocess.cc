#include "sim/world/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

extern char** environ;

namespace ghstats::sim {
namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close_end(std::size_t i) {
    if (ends[i] >= 0) ::close(std::exchange(ends[i], -1));
  }
};

// Reads both to their ends at the same time, so that neither can fill up and stop the program.
void read_both(Pipe& out, Pipe& err, std::string& out_text, std::string& err_text) {
  std::array<char, 1 << 16> buffer;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    std::array<pollfd, 2> polled{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    const auto drain = [&](Pipe& pipe, const pollfd& state, std::string& text) {
      if (state.revents == 0) return;
      const auto n = ::read(pipe.ends[0], buffer.data(), buffer.size());
      if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) pipe.close_end(0);
    };
    drain(out, polled[0], out_text);
    drain(err, polled[1], err_text);
  }
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& arguments) {
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) return fail(ErrorCode::kUnavailable, std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(ErrorCode::kNotFound, "cannot start '" + arguments[0] + "': " + std::strerror(error));
  }
  out.close_end(1);
  err.close_end(1);
  std::string out_text;
  std::string err_text;
  read_both(out, err, out_text, err_text);
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return out_text;
  while (!err_text.empty() && err_text.back() == '\n') err_text.pop_back();
  return fail(ErrorCode::kUnavailable, "'" + arguments[0] + "' failed: " + err_text);
}

}  // namespace ghstats::sim
