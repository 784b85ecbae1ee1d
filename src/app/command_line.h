// The program's arguments (contract.md section 1).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ghstats::app {

inline constexpr std::string_view kDefaultConfigPath = "config/local.yaml";

inline constexpr std::uint32_t kDefaultPeek = 10;

enum class Command { kRun, kCheckConfig, kPrintConfig, kHealthcheck, kQueueStats, kQueuePeek, kQueueRequeue, kLeader };

// What the commands that look at something are asked for.
struct QueueArguments {
  bool json = false;                        // --json
  bool jobs = false;                        // --jobs: jobs instead of dead letters
  std::optional<std::uint32_t> limit = {};  // --limit, >= 1
  friend bool operator==(const QueueArguments&, const QueueArguments&) = default;
};

// What was given; nullopt where nothing was.
struct CommandLine {
  Command command = Command::kRun;
  std::optional<std::string> config_path = {};     // --config
  std::optional<std::string> listen_address = {};  // --web.listen-address
  std::optional<std::string> telemetry_path = {};  // --web.telemetry-path
  std::optional<std::string> log_level = {};       // --log.level: a name the configuration knows
  std::optional<std::string> log_format = {};      // --log.format: likewise
  std::vector<std::string> orgs = {};              // --org
  std::optional<std::string> token_file = {};      // --github.token-file
  QueueArguments queue = {};
};

// Print `text` (to stdout when exit_code is 0, else to stderr) and leave.
struct Exit {
  int exit_code = 0;
  std::string text;
};

// `arguments` without the program's name. --help and --version give exit code 0, bad arguments 2. No I/O.
std::expected<CommandLine, Exit> parse_command_line(std::vector<std::string> arguments);

}  // namespace ghstats::app
