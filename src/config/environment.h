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

  // The whole file. Errors: kNotFound, kPermissionDenied, kInvalidArgument (a directory), kTooLarge (more than `limit`
  // bytes), kUnavailable. Their messages go on after "the file ": "does not exist". They do not name the path.
  std::function<Result<std::string>(const std::string& path, std::size_t limit)> read_file;
};

// The process' own variables and files. Relative paths are seen from the working directory.
Environment system_environment();

}  // namespace ghstats::config
