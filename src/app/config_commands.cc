#include "app/config_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "amqp/url.h"
#include "config/load.h"
#include "config/print.h"

namespace ghstats::app {
namespace {

using Loaded = std::expected<config::Config, std::vector<config::Problem>>;

constexpr int kUnusable = 2;

config::Problem flag_problem(std::string flag, std::string message) {
  return {.file = "", .position = {}, .key = std::move(flag), .message = std::move(message)};
}

std::unexpected<std::vector<config::Problem>> one(config::Problem problem) {
  return std::unexpected(std::vector{std::move(problem)});
}

bool exists(const std::string& path, const config::Environment& environment) {
  const auto content = environment.read_file(path, 0);
  return content || content.error().code != ErrorCode::kNotFound;
}

Loaded load_file(const CommandLine& line, const config::Environment& environment) {
  if (line.config_path == config::kStandardInput && line.command != Command::kCheckConfig &&
      line.command != Command::kPrintConfig) {
    return one(flag_problem("--config", "- is standard input; allowed with check-config and print-config"));
  }
  if (line.config_path) return config::load_config(*line.config_path, environment);
  const std::string path(kDefaultConfigPath);
  if (exists(path, environment)) return config::load_config(path, environment);
  // Somebody's first start.
  return one({.file = path,
              .position = {1, 1},
              .key = "",
              .message = "the file does not exist; give --config=PATH, or --org=NAME and --github.token-file=PATH"});
}

Loaded load_base(const CommandLine& line, const config::Environment& environment) {
  if (line.orgs.empty()) {
    if (line.token_file) return one(flag_problem("--github.token-file", "has no effect without --org"));
    return load_file(line, environment);
  }
  if (line.config_path)
    return one(flag_problem("--org", "excludes --config; organisations of a file stand in the file"));
  auto config = config::config_from_flags(line.orgs, line.token_file.value_or(""), environment);
  if (!config) return one(flag_problem("", config.error().message));
  return std::move(*config);
}

}  // namespace

Loaded load_effective_config(const CommandLine& line, const config::Environment& environment) {
  Loaded base = load_base(line, environment);
  config::Config config = base ? std::move(*base) : config::Config{};
  std::vector<config::Problem> problems = base ? std::vector<config::Problem>{} : std::move(base.error());
  const auto override_key = [&](const char* flag, std::string_view key, const std::optional<std::string>& value) {
    if (!value) return;
    if (auto status = config::set_key(config, key, *value); !status) {
      problems.push_back(flag_problem(flag, std::move(status.error().message)));
    }
  };
  override_key("--web.listen-address", "server.listen_addr", line.listen_address);
  override_key("--web.telemetry-path", "server.telemetry_path", line.telemetry_path);
  override_key("--log.level", "server.log_level", line.log_level);
  override_key("--log.format", "server.log_format", line.log_format);
  if (problems.empty() && !config.amqp.url.empty()) {
    const auto url = amqp::parse_url(config.amqp.url.reveal());
    if (!url) problems.push_back({line.config_path.value_or(""), {}, "amqp.url", url.error().message});
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return config;
}

std::string format_problems(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const config::Problem& problem : problems) text += format(problem) + "\n";
  return text;
}

CommandResult check_config(const CommandLine& line, const config::Environment& environment) {
  auto config = load_effective_config(line, environment);
  auto problems = config ? std::vector<config::Problem>{} : std::move(config.error());
  if (const auto role = config::initial_role(environment); !role) {
    problems.push_back(flag_problem("", role.error().message));
  }
  if (!problems.empty()) return {kUnusable, "", format_problems(problems)};
  std::string out = "the configuration is good\n";
  if (const auto keys = config::inactive_keys_in_use(*config); !keys.empty()) {
    out += fmt::format("not active in this release: {}\n", fmt::join(keys, ", "));
  }
  return {0, out, ""};
}

CommandResult print_config(const CommandLine& line, const config::Environment& environment) {
  const auto config = load_effective_config(line, environment);
  if (!config) return {kUnusable, "", format_problems(config.error())};
  return {0, config::print_config(*config), ""};
}

}  // namespace ghstats::app
