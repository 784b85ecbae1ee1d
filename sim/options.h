// The command line of ghsim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sim/service.h"
#include "sim/sim_clock.h"

namespace ghstats::sim {

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string reports_listen;  // empty: the host of `listen`, a free port
  std::string port_file;
  SimClock::Mode clock_mode = SimClock::Mode::kRunning;
  std::optional<TimePoint> start;  // absent: the machine's time

  std::vector<std::string> org_names;
  std::size_t orgs = 1;
  std::size_t repositories = 0;
  std::size_t users = 0;
  std::size_t events = 0;
  int hours = 24;
  std::uint64_t seed = 1;
  std::optional<TimePoint> from;  // absent: so that the generated activity ends at the clock's start
  std::vector<std::string> git_paths;
  bool git_shift_to_now = false;

  std::uint64_t app_id = 1;
  std::string client_id = "Iv23SimulatedClientId";
  std::uint64_t installation_id = 1000;
  std::string app_public_key;  // file to read
  std::string write_app_key;   // file to write
  // Those that begin with "enterprise_" are granted in enterprises, the others in organisations.
  std::vector<std::string> permissions{
      "contents", "issues", "metadata", "pull_requests", "organization_copilot_metrics", "enterprise_copilot_metrics"};
  std::string token;
  std::string token_file;
  std::string token_user = "sim-user";
  std::vector<std::string> enterprises;
  std::int64_t copilot_users = 0;  // of each organisation and enterprise; 0: none has Copilot
  ServiceOptions service;
};

// Exits the process after --help; kInvalidArgument otherwise.
Result<Options> parse_options(int argc, const char* const* argv);

// The organisations' logins: given names, then made-up ones.
std::vector<std::string> org_logins(const Options& options);

}  // namespace ghstats::sim
