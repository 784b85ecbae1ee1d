#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <span>

#include "app/version.h"
#include "base/redact.h"
#include "config/enum_names.h"

namespace ghstats::app {
namespace {

constexpr int kUnusable = 2;

std::vector<std::string> strings(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

// "debug, info, warn or error" in the message, not CLI11's set notation.
CLI::Validator one_of(std::span<const std::string_view> names) {
  return CLI::Validator(
      [allowed = strings(names)](std::string& value) {
        if (std::ranges::find(allowed, value) != allowed.end()) return std::string();
        return fmt::format("'{}' is not allowed; allowed are {}", value, CLI::detail::join(allowed, ", "));
      },
      CLI::detail::join(strings(names), "|"), "");
}

// Repeating an option that takes one value is an error, and so is an empty value.
CLI::Option* add_value(CLI::App& app, const std::string& name, std::optional<std::string>& value,
                       const std::string& help, const std::string& type) {
  return app.add_option_function<std::string>(
                name, [&value](const std::string& text) { value = text; }, help)
      ->type_name(type)
      ->check([](const std::string& text) { return text.empty() ? std::string("needs a value") : std::string(); });
}

void define_options(CLI::App& app, CommandLine& line) {
  add_value(app, "--config", line.config_path,
            fmt::format("configuration file (default {}); check-config and print-config take - for standard input",
                        kDefaultConfigPath),
            "PATH");
  add_value(app, "--web.listen-address", line.listen_address, "instead of server.listen_addr", "HOST:PORT");
  add_value(app, "--web.telemetry-path", line.telemetry_path, "instead of server.telemetry_path", "PATH");
  app.add_option_function<std::string>(
         "--web.config.file", [](const std::string&) {}, "TLS and authentication; not supported in this release")
      ->type_name("PATH")
      ->check([](const std::string&) { return std::string("not supported in this release; leave it out"); });
  add_value(app, "--log.level", line.log_level, "instead of server.log_level", "LEVEL")
      ->check(one_of(config::names_of(config::LogLevel{})));
  add_value(app, "--log.format", line.log_format, "instead of server.log_format", "FORMAT")
      ->check(one_of(config::names_of(config::LogFormat{})));
  app.add_option("--org", line.orgs, "organisation to collect, without a configuration file; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->take_all();
  add_value(app, "--github.token-file", line.token_file, "token for --org (default: the variable GITHUB_TOKEN)",
            "PATH");
}

void define_commands(CLI::App& app, CommandLine& line) {
  const auto add = [&](const char* name, Command command, const char* help) {
    app.add_subcommand(name, help)->callback([&line, command] { line.command = command; });
  };
  add("check-config", Command::kCheckConfig, "report every problem of the configuration and exit with 0 or 2");
  add("print-config", Command::kPrintConfig, "show the effective configuration, secrets redacted");
  add("healthcheck", Command::kHealthcheck, "ask /readyz of the configured address and exit with 0 or 1");
  app.require_subcommand(0, 1);
}

std::string version_text() {
  return fmt::format("{} {} (revision {}, {})\n", kProgramName, version(), revision(), compiler());
}

}  // namespace

std::expected<CommandLine, Exit> parse_command_line(std::vector<std::string> arguments) {
  CommandLine line;
  CLI::App app("Who did what in GitHub organisations, for Prometheus.", std::string(kProgramName));
  // Options may stand behind the command: check-config --config=PATH.
  app.fallthrough();
  bool wants_version = false;
  app.add_flag("--version", wants_version, "show the version");
  app.set_help_flag("--help", "show this help");
  define_options(app, line);
  define_commands(app, line);
  // CLI11 takes a vector's last element first.
  std::ranges::reverse(arguments);
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(Exit{0, app.help()});
  } catch (const CLI::ParseError& e) {
    return std::unexpected(Exit{
        kUnusable, fmt::format("{}: {}\nTry '{} --help'.\n", kProgramName, without_user_info(e.what()), kProgramName)});
  }
  if (wants_version) return std::unexpected(Exit{0, version_text()});
  return line;
}

}  // namespace ghstats::app
