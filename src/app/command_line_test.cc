#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ghstats::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

CommandLine parsed(std::vector<std::string> arguments) {
  auto line = parse_command_line(std::move(arguments));
  if (line) return *line;
  ADD_FAILURE() << line.error().text;
  return {};
}

Exit refused(std::vector<std::string> arguments) {
  auto line = parse_command_line(std::move(arguments));
  return line ? Exit{-1, "accepted"} : line.error();
}

TEST(CommandLine, NothingGivenMeansRun) {
  const CommandLine line = parsed({});
  EXPECT_EQ(line.command, Command::kRun);
  EXPECT_FALSE(line.config_path || line.listen_address || line.log_level || line.token_file);
  EXPECT_TRUE(line.orgs.empty());
}

TEST(CommandLine, EveryFlag) {
  const CommandLine line = parsed({"--config=a.yaml", "--web.listen-address=:9090", "--web.telemetry-path", "/m",
                                   "--log.level=debug", "--log.format=text"});
  EXPECT_EQ(line.config_path, "a.yaml");
  EXPECT_EQ(line.listen_address, ":9090");
  EXPECT_EQ(line.telemetry_path, "/m");
  EXPECT_EQ(line.log_level, "debug");
  EXPECT_EQ(line.log_format, "text");
}

TEST(CommandLine, OrganisationsWithoutAFile) {
  const CommandLine line = parsed({"--org=acme", "--org", "umbrella", "--github.token-file=t"});
  EXPECT_THAT(line.orgs, ElementsAre("acme", "umbrella"));
  EXPECT_EQ(line.token_file, "t");
}

TEST(CommandLine, CommandsTakeTheirOptionsBeforeOrBehind) {
  EXPECT_EQ(parsed({"check-config", "--config=x"}).command, Command::kCheckConfig);
  EXPECT_EQ(parsed({"check-config", "--config=x"}).config_path, "x");
  EXPECT_EQ(parsed({"--config=x", "print-config"}).command, Command::kPrintConfig);
  EXPECT_EQ(parsed({"--config=x", "print-config"}).config_path, "x");
  EXPECT_EQ(parsed({"healthcheck"}).command, Command::kHealthcheck);
}

TEST(CommandLine, CommandsOfTheQueue) {
  EXPECT_EQ(parsed({"leader", "--config=x"}).command, Command::kLeader);
  EXPECT_FALSE(parsed({"leader"}).queue.json);
  EXPECT_TRUE(parsed({"leader", "--json"}).queue.json);
  EXPECT_EQ(parsed({"queue", "stats", "--config=x"}).command, Command::kQueueStats);
  EXPECT_EQ(parsed({"queue", "stats", "--config=x"}).config_path, "x");
  EXPECT_EQ(parsed({"queue", "stats"}).queue, QueueArguments{});
  EXPECT_TRUE(parsed({"queue", "stats", "--json"}).queue.json);
  EXPECT_EQ(parsed({"--config=x", "queue", "peek"}).command, Command::kQueuePeek);
  EXPECT_EQ(parsed({"queue", "peek"}).queue, QueueArguments{});
  EXPECT_EQ(parsed({"queue", "peek", "--dlq", "--limit=1000"}).queue, (QueueArguments{.limit = 1000}));
  EXPECT_EQ(parsed({"queue", "peek", "--jobs", "--json", "--limit", "1"}).queue,
            (QueueArguments{.json = true, .jobs = true, .limit = 1}));
  EXPECT_EQ(parsed({"queue", "requeue-dlq", "--limit=5000", "--config=x"}).command, Command::kQueueRequeue);
  EXPECT_EQ(parsed({"queue", "requeue-dlq", "--limit=5000"}).queue, (QueueArguments{.limit = 5000}));
}

TEST(CommandLine, HelpOfACommandTellsItsOptions) {
  const Exit peek = refused({"queue", "peek", "--help"});
  EXPECT_EQ(peek.exit_code, 0);
  for (const char* part : {"--limit", "--dlq", "--jobs", "--json", "default 10", "marks", "redelivered", "--config"}) {
    EXPECT_THAT(peek.text, HasSubstr(part));
  }
  EXPECT_THAT(refused({"queue", "stats", "--help"}).text, HasSubstr("redelivered"));
  EXPECT_THAT(refused({"queue", "--help"}).text, HasSubstr("requeue-dlq"));
}

TEST(CommandLine, HelpAndVersionEndWithZero) {
  const Exit help = refused({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* part : {"--config", "--web.listen-address", "--web.telemetry-path", "--web.config.file",
                           "--log.level", "--log.format", "--org", "--github.token-file", "--version", "check-config",
                           "print-config", "healthcheck", "queue", "config/local.yaml"}) {
    EXPECT_THAT(help.text, HasSubstr(part));
  }
  const Exit version = refused({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, StartsWith("github-stats-exporter "));
}

TEST(CommandLine, BadArgumentsEndWithTwo) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--nonsense"},
                                             {"frobnicate"},
                                             {"--log.level=loud"},
                                             {"--log.format=xml"},
                                             {"--config"},
                                             {"--config="},
                                             {"--config=a", "--config=b"},
                                             {"--org=acme", "umbrella"},
                                             {"check-config", "print-config"},
                                             {"-c", "x"},
                                             {"queue"},
                                             {"queue", "purge"},
                                             {"queue", "stats", "peek"},
                                             {"queue", "stats", "--limit=3"},
                                             {"queue", "peek", "--limit=0"},
                                             {"queue", "peek", "--limit=1001"},
                                             {"queue", "peek", "--limit=-1"},
                                             {"queue", "peek", "--limit=ten"},
                                             {"queue", "peek", "--limit=1", "--limit=2"},
                                             {"queue", "peek", "--jobs", "--dlq"},
                                             {"queue", "requeue-dlq", "--limit=0"},
                                             {"queue", "requeue-dlq", "--json"},
                                             {"--json"},
                                             {"--web.config.file=web.yml"}}) {
    const Exit exit = refused(arguments);
    EXPECT_EQ(exit.exit_code, 2) << arguments.front();
    EXPECT_THAT(exit.text, StartsWith("github-stats-exporter: "));
    EXPECT_THAT(exit.text, HasSubstr("--help"));
  }
  EXPECT_THAT(refused({"--log.level=loud"}).text, HasSubstr("allowed are debug, info, warn, error"));
  EXPECT_THAT(refused({"--web.config.file=web.yml"}).text, HasSubstr("not supported in this release"));
  EXPECT_THAT(refused({"queue", "peek", "--limit=1001"}).text,
              HasSubstr("'1001' is not allowed; allowed are 1 to 1000"));
  EXPECT_THAT(refused({"--nonsense"}).text, HasSubstr("--nonsense"));
}

}  // namespace
}  // namespace ghstats::app
