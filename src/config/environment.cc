#include "config/environment.h"

#include <unistd.h>

#include <cstdlib>

#include "base/read_file.h"

namespace ghstats::config {
namespace {

std::optional<std::string> process_variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody calls setenv in this program
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

Environment system_environment() {
  return {.variable = process_variable, .read_file = read_regular_file, .read_input = [](std::size_t limit) {
            return read_to_end(STDIN_FILENO, limit);
          }};
}

}  // namespace ghstats::config
