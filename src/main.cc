#include <signal.h>

#include <cstdio>
#include <exception>

#include "app/application.h"
#include "app/command_line.h"
#include "app/config_commands.h"
#include "app/exit_codes.h"
#include "app/healthcheck.h"
#include "app/leader_command.h"
#include "app/queue_commands.h"
#include "app/signal_thread.h"
#include "app/standard_streams.h"
#include "config/load.h"

namespace ghstats {
namespace {

int run_exporter(const config::Config& config, Role role) {
  const auto clock = std::make_shared<SystemClock>();
  const auto format = static_cast<log::Format>(config.server.log_format);
  const auto log_output = std::make_shared<log::FdSink>(2, format, clock);
  const log::Logger logger({static_cast<log::Level>(config.server.log_level), format, clock, log_output});
  try {
    app::log_inactive_keys(config, logger);
    app::Application application(config, role, *clock, logger, log_output);
    const app::SignalThread signals([&application] { application.stop(); }, logger, log_output);
    return application.run();
  } catch (const std::exception& bug) {
    logger.error("internal error", {{"error", bug.what()}});
    return app::kExitFailure;
  }
}

int run(int argc, char** argv) {
  const auto line = app::parse_command_line({argv + 1, argv + argc});
  if (!line) return app::print_result(line.error());
  if (line->command == app::Command::kRun) signal(SIGHUP, SIG_IGN);  // until SignalThread says so
  const config::Environment environment = config::system_environment();
  if (line->command == app::Command::kCheckConfig) return app::print_result(app::check_config(*line, environment));
  if (line->command == app::Command::kPrintConfig) return app::print_result(app::print_config(*line, environment));
  const auto config = app::load_effective_config(*line, environment);
  if (!config) return app::print_result({app::kExitUnusableConfiguration, "", app::format_problems(config.error())});
  if (line->command == app::Command::kHealthcheck)
    return app::print_result(app::healthcheck(config->server.listen_addr));
  if (line->command == app::Command::kLeader) return app::print_result(app::leader_command(*line, *config));
  if (app::is_of_queue(line->command)) return app::print_result(app::queue_command(*line, *config));
  const auto role = config::initial_role(environment);
  if (!role) return app::print_result({app::kExitUnusableConfiguration, "", role.error().message + "\n"});
  return run_exporter(*config, *role);
}

}  // namespace
}  // namespace ghstats

int main(int argc, char** argv) {
  try {
    return ghstats::run(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "internal error: %s\n", bug.what());
    return ghstats::app::kExitFailure;
  }
}
