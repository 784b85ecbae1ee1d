#include "app/config_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/enum_names.h"
#include "config/testing/fake_environment.h"

namespace ghstats::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ConfigCommands : public ::testing::Test {
 protected:
  ConfigCommands() {
    fake_.variables["ACME_TOKEN"] = "ghp_quiet";
    fake_.files["config/local.yaml"] = "github: {orgs: [{org: acme, token_env: ACME_TOKEN}]}\n";
    fake_.files["token.txt"] = "ghp_quiet\n";
  }
  CommandResult check(const CommandLine& line) { return check_config(line, fake_.environment()); }
  CommandResult print(const CommandLine& line) { return print_config(line, fake_.environment()); }

  config::testing::FakeEnvironment fake_;
};

TEST_F(ConfigCommands, AGoodFile) {
  const auto result = check({});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "the configuration is good\n");
  EXPECT_THAT(result.err, IsEmpty());
}

TEST_F(ConfigCommands, KeysOfLaterReleasesAreNamed) {
  fake_.files["config/local.yaml"] += "telemetry: {otel_enabled: false}\n";
  EXPECT_EQ(check({}).out, "the configuration is good\nnot active in this release: telemetry.otel_enabled\n");
}

TEST_F(ConfigCommands, EveryProblemOfFileFlagsAndEnvironmentAtOnce) {
  fake_.files["x.yaml"] = "retry: {jitter: 1}\ngithub: {orgs: []}\n";
  fake_.variables["GITHUB_STATS_INITIAL_ROLE"] = "boss";
  const auto result = check({.config_path = "x.yaml", .listen_address = "nowhere"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_EQ(
      result.err,
      "x.yaml:1:17: retry.jitter: '1' is not a boolean; allowed are true and false\n"
      "x.yaml:2:10: github.orgs: no organisation; required is at least one\n"
      "--web.listen-address: 'nowhere' is no address to listen on; allowed are HOST:PORT, :PORT and [IPV6]:PORT with "
      "ports 0 to 65535\n"
      "environment variable GITHUB_STATS_INITIAL_ROLE: 'boss' is not allowed; allowed are leader or follower\n");
}

TEST_F(ConfigCommands, FlagsWinOverTheFile) {
  fake_.files["config/local.yaml"] += "server: {log_level: error, listen_addr: ':1'}\n";
  const auto config = load_effective_config(
      {.listen_address = ":9", .telemetry_path = "/m", .log_level = "debug", .log_format = "text"},
      fake_.environment());
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.listen_addr, ":9");
  EXPECT_EQ(config->server.telemetry_path, "/m");
  EXPECT_EQ(config->server.log_level, config::LogLevel::kDebug);
  EXPECT_EQ(config->server.log_format, config::LogFormat::kText);
}

TEST_F(ConfigCommands, OrganisationsWithoutAFile) {
  const auto config = load_effective_config({.orgs = {"umbrella"}, .token_file = "token.txt"}, fake_.environment());
  ASSERT_TRUE(config);
  EXPECT_EQ(config->github.orgs.front().org, "umbrella");
  EXPECT_EQ(check({.config_path = "config/local.yaml", .orgs = {"umbrella"}}).err,
            "--org: excludes --config; organisations of a file stand in the file\n");
  EXPECT_EQ(check({.token_file = "token.txt"}).err, "--github.token-file: has no effect without --org\n");
  EXPECT_EQ(check({.orgs = {"umbrella"}}).err,
            "no token; required is --github.token-file or the environment variable GITHUB_TOKEN\n");
}

TEST_F(ConfigCommands, TheFirstStartGetsAHint) {
  fake_.files.erase("config/local.yaml");
  EXPECT_EQ(check({}).err,
            "config/local.yaml:1:1: the file does not exist; give --config=PATH, or --org=NAME and "
            "--github.token-file=PATH\n");
  EXPECT_EQ(check({.config_path = "gone.yaml"}).err, "gone.yaml:1:1: the file does not exist\n");
}

TEST_F(ConfigCommands, AConfigurationMayStandOnStandardInput) {
  fake_.input = "github: {orgs: [{org: umbrella, token_env: ACME_TOKEN}]}\n";
  EXPECT_EQ(check({.command = Command::kCheckConfig, .config_path = "-"}).exit_code, 0);
  EXPECT_THAT(print({.command = Command::kPrintConfig, .config_path = "-"}).out, HasSubstr("umbrella"));
  fake_.input = "retry: 3\n";
  EXPECT_THAT(check({.command = Command::kCheckConfig, .config_path = "-"}).err, HasSubstr("-:1:8: retry: "));
  for (const auto command : {Command::kRun, Command::kHealthcheck}) {
    const auto refused = load_effective_config({.command = command, .config_path = "-"}, fake_.environment());
    ASSERT_FALSE(refused);
    EXPECT_EQ(format_problems(refused.error()),
              "--config: - is standard input; allowed with check-config and print-config\n");
  }
}

TEST_F(ConfigCommands, PrintsEffectiveValuesWithoutSecrets) {
  const auto result = print({.log_level = "warn"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("log_level: warn"));
  EXPECT_THAT(result.out, HasSubstr("token_env: \"ACME_TOKEN\""));
  EXPECT_THAT(result.out, Not(HasSubstr("ghp_quiet")));
  fake_.files["config/local.yaml"] = "x: 1\n";
  EXPECT_EQ(print({}).exit_code, 2);
}

}  // namespace
}  // namespace ghstats::app
