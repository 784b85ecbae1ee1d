// What loading a configuration reads from the outside: environment variables and files.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"

namespace ghstats::config {

struct Environment {
  // nullopt: not set. An empty value is a value.
  std::function<std::optional<std::string>(const std::string& name)> variable;

  // The whole file, as read_regular_file() (base/read_file.h) gives it, with its errors.
  std::function<Result<std::string>(const std::string& path, std::size_t limit)> read_file;

  // Standard input to its end, likewise. May wait for it.
  std::function<Result<std::string>(std::size_t limit)> read_input;
};

// The process' own variables and files. Relative paths are seen from the working directory.
Environment system_environment();

}  // namespace ghstats::config
