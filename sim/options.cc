#include "sim/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/time_format.h"

namespace ghstats::sim {
namespace {

struct TimeTexts {
  std::string clock = "running";
  std::string start;
  std::string from;
};

void add_world_options(CLI::App& app, Options& options, TimeTexts& times) {
  app.add_option("--clock", times.clock, "running or frozen")->check(CLI::IsMember({"running", "frozen"}));
  app.add_option("--start", times.start, "The clock's first instant, RFC 3339 (default: now)");
  app.add_option("--orgs", options.orgs, "Number of organisations")->check(CLI::Range(1, 1000));
  app.add_option("--org", options.org_names, "An organisation's name; repeatable (default: sim-org, sim-org-2, ...)");
  app.add_option("--repos", options.repositories, "Generated repositories, altogether");
  app.add_option("--users", options.users, "Generated users, altogether");
  app.add_option("--events", options.events, "Generated commits, pull requests, merges, reviews and comments");
  app.add_option("--from", times.from, "When generated activity begins, RFC 3339 (default: --hours before --start)");
  app.add_option("--hours", options.hours, "How long generated activity lasts")->check(CLI::Range(1, 24 * 366));
  app.add_option("--seed", options.seed, "The same seed makes the same world");
  app.add_option("--git", options.git_paths, "A git repository to load into the first organisation; repeatable");
  app.add_flag("--git-shift-to-now", options.git_shift_to_now, "Move its history so that it ends at the clock's start");
}

// In milliseconds and seconds, as they are given.
struct Numbers {
  std::int64_t forbidden_grace_ms = 1000;
  std::int64_t stats_seconds = 0;
};

void add_statistics_options(CLI::App& app, StatisticsOptions& statistics, Numbers& numbers) {
  app.add_option("--stats-202", statistics.accepted_answers,
                 "Contributor statistics of a new head: that many answers 202 before the 200 (default: 1)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--stats-seconds", numbers.stats_seconds,
                 "... and 202 until that much time of the clock has passed since the first question (default: 0)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--stats-max-commits", statistics.max_commits,
                 "From that many commits on statistics have no lines (GitHub and default: 10000)");
}

void add_api_options(CLI::App& app, Options& options, bool& no_rate_limit_headers) {
  app.add_option("--app-id", options.app_id, "The GitHub App's id");
  app.add_option("--client-id", options.client_id, "The GitHub App's client id");
  app.add_option("--installation-id", options.installation_id, "The first organisation's installation; others follow");
  auto* const public_key =
      app.add_option("--app-public-key", options.app_public_key, "PEM file with the App's public key");
  app.add_option("--write-app-key", options.write_app_key,
                 "Generate the App's key, write the private half to this file")
      ->excludes(public_key);
  app.add_option("--permission", options.permissions, "What the App may read; repeatable (default: all it can use)");
  auto* const token = app.add_option("--token", options.token, "A personal access token that is accepted");
  app.add_option("--token-file", options.token_file, "File with a personal access token")->excludes(token);
  app.add_option("--token-user", options.token_user, "The login of the personal token's owner");
  app.add_option(
      "--enterprise", options.enterprises,
      "An enterprise's slug; repeatable (default: none). Installations are numbered after the organisations'");
  app.add_option("--copilot-users", options.copilot_users,
                 "Everybody has Copilot, with that many users (default: nobody has, until /_sim/copilot says so)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--rate-limit", options.service.installation_rate_limit, "Requests per hour and installation");
  app.add_option("--token-rate-limit", options.service.personal_rate_limit, "Requests per hour of a personal token");
  app.add_option("--graphql-rate-limit", options.service.graphql_rate_limit,
                 "Points of GraphQL per hour, of each installation and each person (default: 5000)");
  app.add_flag("--no-rate-limit-headers", no_rate_limit_headers, "Like GitHub Enterprise Server: no primary limit");
  app.add_option("--points-per-minute", options.service.points_per_minute,
                 "Secondary limit of REST: GET 1, other methods 5 (GitHub: 900; default 0: none)");
  app.add_option("--graphql-points-per-minute", options.service.graphql_points_per_minute,
                 "Secondary limit of GraphQL: a query is 5 (GitHub: 2000; default 0: none)");
  app.add_option("--max-concurrent", options.service.max_concurrent,
                 "Secondary limit: requests at the same time (GitHub: 100; default 0: none)");
}

Result<std::optional<TimePoint>> optional_time(const std::string& text, std::string_view option) {
  if (text.empty()) return std::nullopt;
  const auto t = parse_rfc3339(text);
  if (!t) return fail(ErrorCode::kInvalidArgument, std::string(option) + ": " + t.error().message);
  return *t;
}

}  // namespace

Result<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  TimeTexts times;
  Numbers numbers;
  bool no_rate_limit_headers = false;
  CLI::App app(
      "A GitHub of our own: REST API, App authentication, limits and faults over a made-up or imported world.");
  app.add_option("--listen", options.listen, "Address to serve on (default: 127.0.0.1:0)");
  app.add_option("--reports-listen", options.reports_listen,
                 "Address to serve Copilot reports on (default: --listen's host, a free port)");
  app.add_option("--port-file", options.port_file, "Written with the port once requests are answered");
  add_world_options(app, options, times);
  add_api_options(app, options, no_rate_limit_headers);
  add_statistics_options(app, options.service.statistics, numbers);
  app.add_option("--forbidden-grace-ms", numbers.forbidden_grace_ms,
                 "Requests that come so soon (real time) after a limit was told are not counted as forbidden "
                 "(default: 1000)")
      ->check(CLI::NonNegativeNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    std::exit(app.exit(help));
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument, error.what());
  }
  const auto start = optional_time(times.start, "--start");
  if (!start) return std::unexpected(start.error());
  const auto from = optional_time(times.from, "--from");
  if (!from) return std::unexpected(from.error());
  options.start = *start;
  options.from = *from;
  options.clock_mode = times.clock == "frozen" ? SimClock::Mode::kFrozen : SimClock::Mode::kRunning;
  options.service.rate_limit_headers = !no_rate_limit_headers;
  options.service.forbidden_grace = Duration{numbers.forbidden_grace_ms};
  options.service.statistics.computing_time = std::chrono::seconds{numbers.stats_seconds};
  return options;
}

std::vector<std::string> org_logins(const Options& options) {
  auto logins = options.org_names;
  const std::string stem = logins.empty() ? "sim-org" : logins.front();
  if (logins.empty()) logins.push_back(stem);
  while (logins.size() < options.orgs) logins.push_back(stem + '-' + std::to_string(logins.size() + 1));
  return logins;
}

}  // namespace ghstats::sim
