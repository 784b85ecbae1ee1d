// What tests do with the bytes of a page.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/compression.h"

namespace ghstats::exposition::testing {

std::string join(const std::vector<Bytes>& parts);

// Decodes exactly one gzip member and nothing behind it; the error says what is wrong.
std::expected<std::string, std::string> gunzip(std::string_view gzip);

struct CommandResult {
  int exit_code = -1;
  std::string output;  // stdout and stderr
};
// Runs a shell command with `input` as its stdin.
CommandResult run(const std::string& command, std::string_view input);

// promtool of $GHSTATS_PROMTOOL, or of ~/.cache/github-stats-exporter; empty if there is none.
std::string find_promtool();

}  // namespace ghstats::exposition::testing
