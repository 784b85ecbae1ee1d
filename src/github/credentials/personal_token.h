// A personal access token from a file, an environment variable or as it is.
#pragma once

#include <memory>
#include <string>

#include "github/credentials/token_source.h"

namespace ghstats::github {

// Exactly one of these is set.
struct PersonalTokenOptions {
  std::string token_file;  // read again when it changes, and after a 401
  std::string token_env;   // name of the variable; read once
  std::string value;       // secret
};

// kInvalidArgument when there is no usable token at once: an unreadable or empty file, an unset variable, or blanks or
// control characters inside the token. Later, an unreadable file leaves the last token in use.
Result<std::unique_ptr<TokenSource>> make_personal_token(PersonalTokenOptions options);

}  // namespace ghstats::github
