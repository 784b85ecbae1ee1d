#include <cstdio>
#include <exception>

#include "app/application.h"
#include "app/command_line.h"
#include "app/config_commands.h"
#include "app/healthcheck.h"
#include "config/load.h"

namespace {

using namespace ghstats;

int finish(const app::CommandResult& result) {
  std::fputs(result.out.c_str(), stdout);
  std::fputs(result.err.c_str(), stderr);
  return result.exit_code;
}

int run_exporter(const config::Config& config, const config::Environment& environment) {
  const auto role = config::initial_role(environment);
  if (!role) return finish({app::kExitUnusableConfiguration, "", role.error().message + "\n"});
  const auto clock = std::make_shared<SystemClock>();
  const log::Logger logger({static_cast<log::Level>(config.server.log_level),
                            static_cast<log::Format>(config.server.log_format), clock, log::make_fd_sink(2)});
  app::log_inactive_keys(config, logger);
  return app::Application(config, *role, *clock, logger).run();
}

int run(int argc, char** argv) {
  const auto line = app::parse_command_line({argv + 1, argv + argc});
  if (!line) {
    std::fputs(line.error().text.c_str(), line.error().exit_code == 0 ? stdout : stderr);
    return line.error().exit_code;
  }
  const config::Environment environment = config::system_environment();
  if (line->command == app::Command::kCheckConfig) return finish(app::check_config(*line, environment));
  if (line->command == app::Command::kPrintConfig) return finish(app::print_config(*line, environment));
  const auto config = app::load_effective_config(*line, environment);
  if (!config) return finish({app::kExitUnusableConfiguration, "", app::format_problems(config.error())});
  if (line->command == app::Command::kHealthcheck) return finish(app::healthcheck(config->server.listen_addr));
  return run_exporter(*config, environment);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "internal error: %s\n", bug.what());
    return app::kExitFailure;
  }
}
