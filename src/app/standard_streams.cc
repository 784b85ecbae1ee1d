#include "app/standard_streams.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "app/exit_codes.h"
#include "app/version.h"

namespace ghstats::app {
namespace {

// errno, 0 when all went out.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

int print_result(const CommandResult& result) {
  const int refused = write_all(STDOUT_FILENO, result.out);
  write_all(STDERR_FILENO, result.err);
  if (refused == 0) return result.exit_code;
  write_all(STDERR_FILENO, std::string(kProgramName) +
                               ": cannot write to standard output: " + std::generic_category().message(refused) + "\n");
  return result.exit_code == kExitOk ? kExitFailure : result.exit_code;
}

int print_result(const Exit& exit) {
  if (exit.exit_code == kExitOk) return print_result(CommandResult{exit.exit_code, exit.text, ""});
  return print_result(CommandResult{exit.exit_code, "", exit.text});
}

}  // namespace ghstats::app
