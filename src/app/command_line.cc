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
constexpr std::uint32_t kMaxPeek = 1'000;  // messages in hand at a time
constexpr std::uint32_t kMaxRequeue = 1'000'000'000;

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

void add_limit(CLI::App& command, std::uint32_t max, QueueArguments& queue, const std::string& help) {
  command.add_option_function<std::uint32_t>(
             "--limit", [&queue](std::uint32_t limit) { queue.limit = limit; }, help)
      ->type_name("N")
      ->check([max](const std::string& text) {
        std::uint32_t number = 0;
        const bool good = CLI::detail::lexical_cast(text, number) && number >= 1 && number <= max;
        return good ? std::string() : fmt::format("'{}' is not allowed; allowed are 1 to {}", text, max);
      });
}

void define_queue_commands(CLI::App& app, CommandLine& line) {
  CLI::App* queue = app.add_subcommand("queue", "look at the jobs in RabbitMQ: queue stats, peek, requeue-dlq");
  queue->footer("Also --config=PATH, as the exporter has it.");
  const auto add = [&](const char* name, Command command, const char* help) {
    return queue->add_subcommand(name, help)->callback([&line, command] { line.command = command; });
  };
  const char* json_help = "as one JSON object";
  CLI::App* stats = add("stats", Command::kQueueStats,
                        "messages, their ages and consumers of every queue. Changes nothing, but RabbitMQ marks the "
                        "first message of each as redelivered; in a quorum queue it goes to the end");
  stats->add_flag("--json", line.queue.json, json_help);
  CLI::App* peek = add("peek", Command::kQueuePeek,
                       "show the first messages, which stay in their queue. RabbitMQ marks what was shown as "
                       "redelivered; in a quorum queue it goes to the end");
  add_limit(*peek, kMaxPeek, line.queue, fmt::format("so many at most (default {})", kDefaultPeek));
  CLI::Option* dlq = peek->add_flag_function("--dlq", [](std::int64_t) {}, "dead letters (default)");
  peek->add_flag("--jobs", line.queue.jobs, "jobs, and then those that wait for another attempt")->excludes(dlq);
  peek->add_flag("--json", line.queue.json, json_help);
  CLI::App* requeue = add("requeue-dlq", Command::kQueueRequeue,
                          "make jobs of the oldest dead letters again, with all their attempts and as if just missed");
  add_limit(*requeue, kMaxRequeue, line.queue, "so many at most (default: all there are)");
  queue->require_subcommand(1);
}

void define_commands(CLI::App& app, CommandLine& line) {
  const auto add = [&](const char* name, Command command, const char* help) {
    app.add_subcommand(name, help)->callback([&line, command] { line.command = command; });
  };
  add("check-config", Command::kCheckConfig, "report every problem of the configuration and exit with 0 or 2");
  add("print-config", Command::kPrintConfig, "show the effective configuration, secrets redacted");
  add("healthcheck", Command::kHealthcheck, "ask /readyz of the configured address and exit with 0 or 1");
  app.add_subcommand("leader",
                     "who leads, since when, and why the last leadership ended: exit with 0 when somebody does")
      ->callback([&line] { line.command = Command::kLeader; })
      ->add_flag("--json", line.queue.json, "as one JSON object");
  define_queue_commands(app, line);
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
