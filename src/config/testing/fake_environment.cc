#include "config/testing/fake_environment.h"

#include <fmt/format.h>

namespace ghstats::config::testing {

Environment FakeEnvironment::environment() const {
  return {.variable = [this](const std::string& name) -> std::optional<std::string> {
            const auto value = variables.find(name);
            if (value == variables.end()) return std::nullopt;
            return value->second;
          },
          .read_file = [this](const std::string& path, std::size_t limit) -> Result<std::string> {
            if (const auto failure = failures.find(path); failure != failures.end()) return fail(failure->second);
            const auto file = files.find(path);
            if (file == files.end()) return fail(ErrorCode::kNotFound, "does not exist");
            if (file->second.size() > limit) {
              return fail(ErrorCode::kTooLarge, fmt::format("is larger than {} bytes", limit));
            }
            return file->second;
          },
          .read_input = [this](std::size_t /*limit*/) -> Result<std::string> { return input; }};
}

}  // namespace ghstats::config::testing
