#pragma once

#include <map>
#include <string>

#include "config/environment.h"

namespace ghstats::config::testing {

// Variables and files out of maps; a path in `failures` fails that way.
struct FakeEnvironment {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  std::map<std::string, Error> failures;
  std::string input = {};  // what stands on standard input

  // Refers to this object.
  [[nodiscard]] Environment environment() const;
};

}  // namespace ghstats::config::testing
