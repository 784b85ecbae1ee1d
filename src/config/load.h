// Where a configuration comes from: a file, or the command line alone.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/role.h"
#include "config/config.h"
#include "config/environment.h"
#include "config/problem.h"

namespace ghstats::config {

// Instead of a file's path.
inline constexpr std::string_view kStandardInput = "-";

// Strict: every problem of the file and of the files it names, sorted by position. An unreadable file is one problem at
// 1:1.
std::expected<Config, std::vector<Problem>> load_config(const std::string& path, const Environment& environment);

// The defaults (memory store, leader) for `orgs`, all with the token in `token_file`, or in GITHUB_TOKEN when it is
// empty. kInvalidArgument.
Result<Config> config_from_flags(const std::vector<std::string>& orgs, const std::string& token_file,
                                 const Environment& environment);

// Replaces one scalar key of a loaded configuration by a command-line flag. kInvalidArgument says what is allowed, and
// nothing is changed.
Status set_key(Config& config, std::string_view key, std::string_view text);

// GITHUB_STATS_INITIAL_ROLE: leader (also when it is not set or empty) or follower; kInvalidArgument otherwise.
Result<Role> initial_role(const Environment& environment);

// Keys the operator gave whose feature comes in a later release, in the table's order.
std::vector<std::string> inactive_keys_in_use(const Config& config);

}  // namespace ghstats::config
