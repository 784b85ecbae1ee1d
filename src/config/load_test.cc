// Every kind of bad input, with the exact line that check-config prints.
#include "config/load.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/enum_names.h"
#include "config/testing/config_fixture.h"

namespace ghstats::config {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using testing::kOneOrg;
using ::testing::SizeIs;

class LoadConfig : public testing::ConfigFixture {
 protected:
  // Problems of four lines with one good organisation, followed by `more`.
  std::vector<std::string> problems_after_org(const std::string& more) { return problems(kOneOrg + more); }
};

TEST_F(LoadConfig, AMinimalFileGivesTheDefaults) {
  const Config config = loaded(kOneOrg);
  Config expected;
  expected.github.orgs.emplace_back();
  expected.github.orgs[0].org = "acme";
  expected.github.orgs[0].token_env = "ACME_TOKEN";
  expected.github.orgs[0].token = Secret("ghp_fromvariable");
  EXPECT_EQ(config, expected);
  EXPECT_THAT(config.given_keys, ElementsAre("github.orgs", "github.orgs[].org", "github.orgs[].token_env"));
}

TEST_F(LoadConfig, UnknownKey) {
  EXPECT_THAT(problems_after_org("server:\n  log_levle: info\n"),
              ElementsAre("c.yaml:6:3: server.log_levle: unknown key; did you mean log_level?"));
  EXPECT_THAT(problems_after_org("log_level: info\n"),
              ElementsAre("c.yaml:5:1: log_level: unknown key; did you mean server.log_level?"));
  EXPECT_THAT(problems_after_org("activity:\n  frobnicate: 1\n"),
              ElementsAre("c.yaml:6:3: activity.frobnicate: unknown key; known here are self_reviews, bots, "
                          "review_comments, issues"));
  EXPECT_THAT(problems_after_org("server.log_level: info\n"),
              ElementsAre("c.yaml:5:1: server.log_level: unknown key; did you mean server.log_level?"));
  EXPECT_THAT(problems(kOneOrg + std::string("      reop_allowlist: []\n")),
              ElementsAre("c.yaml:5:7: github.orgs[0].reop_allowlist: unknown key; did you mean repo_allowlist?"));
  EXPECT_THAT(problems_after_org("<<: {a: 1}\n"),
              ElementsAre("c.yaml:5:1: <<: merge keys (<<) are not supported; write the keys out"));
  EXPECT_THAT(problems_after_org("\"\": 1\n"), ElementsAre(EndsWith("activity, backfill, amqp, store, health, copilot, "
                                                                    "telemetry")));
  EXPECT_THAT(problems_after_org("\"a\\nb\\e[31m\": 1\n"),
              ElementsAre(::testing::StartsWith("c.yaml:5:1: a\\x0ab\\x1b[31m: ")));
}

TEST_F(LoadConfig, DuplicateKey) {
  EXPECT_THAT(problems_after_org("retry:\n  jitter: true\n  jitter: false\n"),
              ElementsAre("c.yaml:7:3: retry.jitter: given twice, first in line 6; allowed is once"));
  EXPECT_THAT(problems_after_org("github:\n  proxy: http://p\n"),
              ElementsAre("c.yaml:5:1: github: given twice, first in line 1; allowed is once"));
}

TEST_F(LoadConfig, WrongType) {
  EXPECT_THAT(
      problems_after_org("retry:\n  max_attempts: many\n"),
      ElementsAre("c.yaml:6:17: retry.max_attempts: 'many' is not an integer; allowed are decimal digits without "
                  "leading zeros"));
  EXPECT_THAT(problems_after_org("retry:\n  jitter: yes\n"),
              ElementsAre("c.yaml:6:11: retry.jitter: 'yes' is not a boolean; allowed are true and false"));
  EXPECT_THAT(problems_after_org("retry:\n  jitter: 'true'\n"),
              ElementsAre("c.yaml:6:11: retry.jitter: is a quoted text; allowed is a boolean without quotes"));
  EXPECT_THAT(problems_after_org("retry:\n  max_attempts: \"3\"\n"),
              ElementsAre("c.yaml:6:17: retry.max_attempts: is a quoted text; allowed is an integer without quotes"));
  EXPECT_THAT(problems_after_org("retry: 5\n"), ElementsAre("c.yaml:5:8: retry: is a single value; allowed is a map"));
  EXPECT_THAT(problems_after_org("server:\n  listen_addr: [':80']\n"),
              ElementsAre("c.yaml:6:16: server.listen_addr: is a list; allowed is a string"));
  EXPECT_THAT(problems_after_org("server:\n  log_level: {a: 1}\n"),
              ElementsAre("c.yaml:6:14: server.log_level: is a map; allowed is a single value"));
  EXPECT_THAT(problems_after_org("server:\n  listen_addr:\n"),
              ElementsAre("c.yaml:6:3: server.listen_addr: has no value; allowed is a string"));
  EXPECT_THAT(
      problems(kOneOrg + std::string("      repo_denylist: x\n")),
      ElementsAre("c.yaml:5:22: github.orgs[0].repo_denylist: is a single value; allowed is a list of strings"));
  EXPECT_THAT(problems(kOneOrg + std::string("      repo_denylist: [[x]]\n")),
              ElementsAre("c.yaml:5:23: github.orgs[0].repo_denylist[0]: is a list; allowed is a single value"));
  EXPECT_THAT(problems("github:\n  orgs: acme\n"),
              ElementsAre("c.yaml:2:9: github.orgs: is a single value; allowed is a list of maps"));
  EXPECT_THAT(problems("github:\n  orgs: [acme]\n"),
              ElementsAre("c.yaml:2:10: github.orgs[0]: is a single value; allowed is a map"));
  EXPECT_THAT(problems_after_org("? [a]\n: 1\n"), ElementsAre("c.yaml:5:3: a key here is a list; allowed is a name"));
}

TEST_F(LoadConfig, NumbersAreDecimal) {
  for (const char* number : {"012", "0x1F", "1_000", "+5", "5.0", "1e3", "-", "99999999999999999999"}) {
    EXPECT_THAT(problems_after_org(fmt::format("retry:\n  max_attempts: {}\n", number)), SizeIs(1)) << number;
  }
  EXPECT_THAT(
      problems_after_org("retry:\n  max_attempts: 012\n"),
      ElementsAre("c.yaml:6:17: retry.max_attempts: '012' is not an integer; allowed are decimal digits without "
                  "leading zeros"));
}

TEST_F(LoadConfig, BadDuration) {
  EXPECT_THAT(
      problems_after_org("retry:\n  max_backoff: 30\n"),
      ElementsAre("c.yaml:6:16: retry.max_backoff: '30' is not a duration; allowed are number and unit (ms, s, m, "
                  "h, d, w), largest unit first, such as 300ms, 30s, 1h30m, 7d or 2w, up to 100 years"));
  EXPECT_THAT(problems_after_org("backfill:\n  requeue_delays: [1m, soon]\n"),
              ElementsAre(::testing::StartsWith("c.yaml:6:24: backfill.requeue_delays[1]: 'soon' is not a duration")));
}

TEST_F(LoadConfig, OutOfRange) {
  EXPECT_THAT(problems_after_org("retry:\n  max_attempts: 0\n"),
              ElementsAre("c.yaml:6:17: retry.max_attempts: '0' is out of range; allowed is 1 to 100"));
  EXPECT_THAT(problems_after_org("retry:\n  max_backoff: 0s\n"),
              ElementsAre("c.yaml:6:16: retry.max_backoff: '0s' is out of range; allowed is 1ms or more"));
  EXPECT_THAT(problems_after_org("telemetry:\n  otel_trace_sample_ratio: 1.5\n  otel_enabled: true\n"
                                 "  otel_exporter_otlp_endpoint: http://c\n"),
              ElementsAre("c.yaml:6:28: telemetry.otel_trace_sample_ratio: '1.5' is out of range; allowed is 0 to 1"));
  EXPECT_THAT(problems_after_org("telemetry:\n  otel_trace_sample_ratio: nan\n"),
              ElementsAre(EndsWith("'nan' is not a number; allowed are decimals such as 0.05")));
  EXPECT_THAT(problems(kOneOrg + std::string("      scrape_interval: 0s\n")), SizeIs(1));
}

TEST_F(LoadConfig, BadEnum) {
  EXPECT_THAT(
      problems_after_org("server:\n  log_level: loud\n"),
      ElementsAre("c.yaml:6:14: server.log_level: 'loud' is not allowed; allowed are debug, info, warn or error"));
  EXPECT_THAT(problems_after_org("metrics:\n  topology: mesh\n"),
              ElementsAre("c.yaml:6:13: metrics.topology: 'mesh' is not allowed; allowed is single_service_target"));
}

TEST_F(LoadConfig, MalformedStrings) {
  EXPECT_THAT(problems_after_org("server:\n  listen_addr: '8080'\n"),
              ElementsAre("c.yaml:6:16: server.listen_addr: '8080' is no address to listen on; allowed are HOST:PORT, "
                          ":PORT and [IPV6]:PORT with ports 0 to 65535"));
  EXPECT_THAT(problems_after_org("server:\n  listen_addr: ':65536'\n"), SizeIs(1));
  EXPECT_THAT(
      problems_after_org("server:\n  telemetry_path: /readyz\n"),
      ElementsAre("c.yaml:6:19: server.telemetry_path: '/readyz' is taken by a health page; allowed is any other "
                  "path"));
  EXPECT_THAT(problems_after_org("store:\n  redis_addr: redis\n"),
              ElementsAre("c.yaml:6:15: store.redis_addr: 'redis' is no address; allowed are HOST:PORT with ports 1 to "
                          "65535 and redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB]"));
  EXPECT_THAT(problems("github:\n  orgs:\n    - org: ac/me\n      token_env: ACME_TOKEN\n"),
              ElementsAre("c.yaml:3:12: github.orgs[0].org: 'ac/me' is no account name; allowed are letters, digits, - "
                          "and _"));
  EXPECT_THAT(problems_after_org("server:\n  listen_addr: ''\n"),
              ElementsAre("c.yaml:6:16: server.listen_addr: is empty; allowed is a non-empty text"));
  for (const char* url :
       {"ftp://github.com", "github.com", "https://", "https://a b", "https://h/?q=1", "https://h:0/"}) {
    EXPECT_THAT(
        problems(fmt::format("github:\n  api_base_url: '{}'\n  orgs: [{{org: a, token_env: ACME_TOKEN}}]\n", url)),
        SizeIs(1))
        << url;
  }
  EXPECT_THAT(problems_after_org("amqp:\n  url: http://rabbitmq\n"),
              ElementsAre("c.yaml:6:8: amqp.url: the value is no broker; allowed are amqp:// or amqps:// with "
                          "[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...][/VHOST]"));
}

TEST_F(LoadConfig, PrivateKeys) {
  const std::string text = "github:\n  orgs:\n    - org: acme\n      app_id: 1\n      private_key_path: app.pem\n";
  const std::string at = "c.yaml:5:25: github.orgs[0].private_key_path: ";
  for (const auto& good : {testing::rsa_pkcs1(), testing::rsa_pkcs8()}) {
    fake_.files["app.pem"] = good;
    EXPECT_THAT(problems(text), IsEmpty());
  }
  for (const auto& encrypted : {testing::rsa_pkcs1_encrypted(), testing::rsa_pkcs8_encrypted()}) {
    ASSERT_THAT(encrypted, ::testing::HasSubstr("ENCRYPTED"));
    fake_.files["app.pem"] = encrypted;
    EXPECT_THAT(
        problems(text),
        ElementsAre(at + "the file holds an encrypted private key; allowed is one without a passphrase (decrypt "
                         "it with 'openssl pkey')"));
  }
  for (const std::string& other : {testing::rsa_public(), testing::certificate(), std::string("text"), std::string(),
                                   testing::rsa_pkcs1().substr(0, 900)}) {
    fake_.files["app.pem"] = other;
    EXPECT_THAT(problems(text),
                ElementsAre(at + "the file holds no private key; allowed is RSA in PEM (PKCS#1 or PKCS#8)"));
  }
  fake_.files["app.pem"] = testing::ec_pkcs8();
  EXPECT_THAT(problems(text),
              ElementsAre(at + "the file holds a private key that is not RSA; GitHub Apps sign with RSA"));
  fake_.files.erase("app.pem");
  EXPECT_THAT(problems(text), ElementsAre(at + "the file does not exist"));
}

TEST_F(LoadConfig, UnreadableFiles) {
  fake_.failures["token.txt"] = {ErrorCode::kPermissionDenied, "may not be read by this user: permission denied"};
  EXPECT_THAT(problems("github:\n  orgs:\n    - org: acme\n      token_file: token.txt\n"),
              ElementsAre("c.yaml:4:19: github.orgs[0].token_file: the file may not be read by this user: permission "
                          "denied"));
  fake_.failures.clear();
  fake_.files["token.txt"] = "two words\n";
  EXPECT_THAT(
      problems("github:\n  orgs:\n    - org: acme\n      token_file: token.txt\n"),
      ElementsAre("c.yaml:4:19: github.orgs[0].token_file: the file holds blanks, line breaks or other characters "
                  "that no token has; allowed is one line with the token"));
  EXPECT_THAT(
      problems_after_org("store:\n  redis_tls: true\n  redis_ca_file: token.txt\n  redis_addr: r:1\n"),
      ElementsAre("c.yaml:7:18: store.redis_ca_file: the file holds no certificate; allowed are certificates in "
                  "PEM"));
  fake_.files["hash-key.txt"] = "short\n";
  EXPECT_THAT(
      problems_after_org("copilot:\n  user_hash_key_file: hash-key.txt\n  enabled: true\n"),
      ElementsAre("c.yaml:6:23: copilot.user_hash_key_file: the file holds a key that is too short; allowed are "
                  "16 bytes or more"));
}

TEST_F(LoadConfig, AliasesAndTags) {
  EXPECT_THAT(
      problems_after_org("retry: &x\n  jitter: *x\n"),
      ElementsAre("c.yaml:6:11: retry.jitter: aliases (*name) are not supported; write the value out, in quotes if "
                  "it starts with *"));
  EXPECT_THAT(
      problems("github: &x\n  orgs: [*x]\n"),
      ElementsAre("c.yaml:2:10: github.orgs[0]: aliases (*name) are not supported; write the value out, in quotes "
                  "if it starts with *"));
  EXPECT_THAT(
      problems_after_org("retry:\n  max_attempts: !!int 3\n"),
      ElementsAre("c.yaml:6:17: retry.max_attempts: tags (!name) are not supported; write the value without it"));
}

TEST_F(LoadConfig, FiveMegabytesOfNesting) {
  EXPECT_THAT(problems(std::string(5'000'000, '[')), ElementsAre("c.yaml:1:1: the file is larger than 1048576 bytes"));
  std::string block;
  for (int depth = 0; depth < 600; ++depth) block += std::string(depth, ' ') + "a:\n";
  EXPECT_THAT(problems(block), ElementsAre("c.yaml:17:17: nested deeper than 16 levels; no key needs that"));
  std::string flow;
  for (int depth = 0; depth < 200'000; ++depth) flow += "{a: ";
  // Where exactly depends on how far yaml-cpp looks ahead on one line.
  EXPECT_THAT(problems(flow),
              ElementsAre(::testing::MatchesRegex("c.yaml:1:[0-9]+: nested deeper than 16 levels; no key needs that")));
}

TEST_F(LoadConfig, FilesThatAreNoConfiguration) {
  EXPECT_THAT(problems(""), ElementsAre("c.yaml:1:1: the file is empty; required is at least github.orgs"));
  EXPECT_THAT(problems("# nothing\n"), ElementsAre("c.yaml:1:1: the file is empty; required is at least github.orgs"));
  EXPECT_THAT(problems("- a\n"), ElementsAre("c.yaml:1:1: the file is no map; allowed are keys such as 'github:'"));
  EXPECT_THAT(problems("\n  text"), ElementsAre("c.yaml:2:3: the file is no map; allowed are keys such as 'github:'"));
  EXPECT_THAT(problems("a: \xff\n"), ElementsAre("c.yaml:1:4: byte 0xff is not valid UTF-8; save the file as UTF-8"));
  const auto missing = load_config("gone.yaml", fake_.environment());
  ASSERT_FALSE(missing);
  EXPECT_EQ(format(missing.error().front()), "gone.yaml:1:1: the file does not exist");
}

TEST_F(LoadConfig, AllProblemsAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(problems("server:\n"
                       "  listen_addr: nowhere\n"
                       "  colour: red\n"
                       "github:\n"
                       "  orgs:\n"
                       "    - org: acme\n"
                       "    - org: ACME\n"
                       "      token_env: NOT_SET\n"
                       "      per_org_concurrency: 0\n"
                       "retry:\n"
                       "  initial_backoff: 1m\n"
                       "  initial_backoff: 2m\n"
                       "zzz: 1\n"),
              ElementsAre(::testing::StartsWith("c.yaml:2:16: server.listen_addr: 'nowhere' is no address"),
                          "c.yaml:3:3: server.colour: unknown key; known here are listen_addr, log_level, log_format, "
                          "telemetry_path",
                          "c.yaml:6:7: github.orgs[0]: has no credentials; required is one of: app_id and "
                          "private_key_path, token_file, token_env",
                          "c.yaml:7:12: github.orgs[1].org: 'ACME' is the same organisation as github.orgs[0] "
                          "('acme'); allowed is each once",
                          "c.yaml:8:18: github.orgs[1].token_env: the environment variable of this name is not set",
                          "c.yaml:9:28: github.orgs[1].per_org_concurrency: '0' is out of range; allowed is 1 to 100",
                          "c.yaml:12:3: retry.initial_backoff: given twice, first in line 11; allowed is once",
                          ::testing::StartsWith("c.yaml:13:1: zzz: unknown key; known here are server, metrics")));
}

TEST_F(LoadConfig, ManyProblemsAreCut) {
  std::string text = kOneOrg;
  for (int i = 0; i < 5000; ++i) text += fmt::format("unknown_{}: 1\n", i);
  const auto lines = problems(text);
  ASSERT_THAT(lines, SizeIs(101));
  EXPECT_EQ(lines.back(), "c.yaml:104:1: and 4900 more problems from here on");
}

TEST_F(LoadConfig, AnEmptySectionAndAnEmptyTextMeanNotGiven) {
  const Config config = loaded(kOneOrg + std::string("amqp:\nstore:\n  redis_addr: ''\n  redis_password: ''\n"));
  EXPECT_EQ(config.store.backend, StoreBackend::kMemory);
  EXPECT_THAT(inactive_keys_in_use(config), IsEmpty());
}

TEST_F(LoadConfig, TheEnvironmentFillsAnyValue) {
  fake_.variables = {{"ACME_TOKEN", "t"}, {"HOST", "10.0.0.1"}, {"N", "7"},    {"ON", "true"},
                     {"WAIT", "5s"},      {"LVL", "warn"},      {"EMPTY", ""}, {"PW", "p${HOST}\": {"}};
  const Config config =
      loaded(kOneOrg + std::string("server: {listen_addr: '${HOST}:80', log_level: '${LVL}'}\n"
                                   "retry: {max_attempts: '${N}', jitter: \"${ON}\", initial_backoff: '${WAIT}'}\n"
                                   "store:\n  redis_addr: ${EMPTY}\n  redis_password: 'a${PW}$${N}$b'\n"));
  EXPECT_EQ(config.server.listen_addr, "10.0.0.1:80");
  EXPECT_EQ(config.server.log_level, LogLevel::kWarn);
  EXPECT_EQ(config.retry.max_attempts, 7);
  EXPECT_EQ(config.retry.initial_backoff, std::chrono::seconds{5});
  EXPECT_EQ(config.store.redis_addr, "");
  EXPECT_EQ(config.store.redis_password.reveal(), "ap${HOST}\": {${N}$b");
}

TEST_F(LoadConfig, TheEnvironmentsValuesAreNotShown) {
  fake_.variables["X"] = "hidden-value";
  EXPECT_THAT(
      problems_after_org("retry:\n  max_attempts: ${X}\nserver:\n  log_level: ${X}\n  listen_addr: ${X}\n"),
      ElementsAre(::testing::StartsWith("c.yaml:6:17: retry.max_attempts: the value is not an integer"),
                  "c.yaml:8:14: server.log_level: the value is not allowed; allowed are debug, info, warn or error",
                  ::testing::StartsWith("c.yaml:9:16: server.listen_addr: the value is no address")));
  EXPECT_THAT(problems_after_org("store:\n  redis_username: ${NOT_SET}\n  redis_password: '${not closed'\n"
                                 "  redis_addr: r:1\n"),
              ElementsAre("c.yaml:6:19: store.redis_username: environment variable NOT_SET is not set",
                          "c.yaml:7:19: store.redis_password: '${' starts no ${NAME}; a name has letters, digits and "
                          "underscores, and $${ stands for ${"));
}

TEST_F(LoadConfig, SecretsComeFromFiles) {
  const Config config = loaded(
      kOneOrg + std::string("amqp: {url_file: amqp-url.txt}\n"
                            "store: {redis_addr: 'r:1', redis_password_file: secret.txt}\n"
                            "copilot: {enabled: true, user_label_mode: hashed, user_hash_key_file: hash-key.txt}\n"));
  EXPECT_EQ(config.amqp.url.reveal(), "amqps://filed:url-secret@broker/vhost");
  EXPECT_EQ(config.store.redis_password.reveal(), "filed-secret");
  EXPECT_EQ(config.copilot.user_hash_key.reveal(), "0123456789abcdef-hash-key");
}

TEST(SystemEnvironment, ReadsFilesAndSaysWhyNot) {
  const auto environment = system_environment();
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("ghstats_config_{}", ::getpid());
  std::filesystem::create_directories(folder);
  const std::string path = folder / "file";
  std::ofstream(path) << std::string(20'000, 'x');
  EXPECT_EQ(environment.read_file(path, 20'000)->size(), 20'000U);
  EXPECT_EQ(environment.read_file(path, 19'999).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(environment.read_file(folder, 10).error().message, "is a directory; allowed is a regular file");
  EXPECT_EQ(environment.read_file(folder / "gone", 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(environment.read_file("/dev/zero", 1000).error().code, ErrorCode::kInvalidArgument);
  ::chmod(path.c_str(), 0);
  // root reads everything; then there is nothing to see here
  if (::geteuid() != 0) {
    EXPECT_EQ(environment.read_file(path, 20'000).error().code, ErrorCode::kPermissionDenied);
  }
  std::filesystem::remove_all(folder);
  ::setenv("GHSTATS_CONFIG_TEST", "v", 1);
  EXPECT_EQ(environment.variable("GHSTATS_CONFIG_TEST"), "v");
  ::unsetenv("GHSTATS_CONFIG_TEST");
  EXPECT_EQ(environment.variable("GHSTATS_CONFIG_TEST"), std::nullopt);
}

class ConfigFromFlags : public testing::ConfigFixture {};

TEST_F(ConfigFromFlags, MemoryStoreAndTheToken) {
  const auto from_file = config_from_flags({"acme", "umbrella"}, "token.txt", fake_.environment());
  ASSERT_TRUE(from_file);
  ASSERT_THAT(from_file->github.orgs, SizeIs(2));
  EXPECT_EQ(from_file->github.orgs[1].org, "umbrella");
  EXPECT_EQ(from_file->github.orgs[1].token_file, "token.txt");
  EXPECT_EQ(from_file->github.orgs[1].token.reveal(), "ghp_fromfile");
  EXPECT_EQ(from_file->store.backend, StoreBackend::kMemory);
  EXPECT_TRUE(from_file->amqp.url.empty());

  fake_.variables["GITHUB_TOKEN"] = "ghp_env";
  const auto from_variable = config_from_flags({"acme"}, "", fake_.environment());
  ASSERT_TRUE(from_variable);
  EXPECT_EQ(from_variable->github.orgs[0].token_env, "GITHUB_TOKEN");
  EXPECT_EQ(from_variable->github.orgs[0].token.reveal(), "ghp_env");
}

TEST_F(ConfigFromFlags, SaysWhatIsWrong) {
  const auto message = [&](const std::vector<std::string>& orgs, const std::string& file) {
    const auto config = config_from_flags(orgs, file, fake_.environment());
    return config ? "none" : config.error().message;
  };
  EXPECT_EQ(message({"acme"}, ""),
            "no token; required is --github.token-file or the environment variable GITHUB_TOKEN");
  EXPECT_EQ(message({"acme"}, "gone"), "--github.token-file: the file does not exist");
  EXPECT_EQ(message({"a/b"}, "token.txt"), "--org: 'a/b' is no account name; allowed are letters, digits, - and _");
  EXPECT_EQ(message({"acme", "Acme"}, "token.txt"), "--org: 'Acme' is given twice");
  EXPECT_EQ(message({}, "token.txt"), "no organisation; required is at least one --org=NAME");
  fake_.variables["GITHUB_TOKEN"] = "";
  EXPECT_EQ(message({"acme"}, ""), "environment variable GITHUB_TOKEN: is empty; allowed is one line with the token");
}

TEST(InitialRole, IsLeaderOrFollower) {
  testing::FakeEnvironment fake;
  EXPECT_EQ(initial_role(fake.environment()), Role::kLeader);
  fake.variables["GITHUB_STATS_INITIAL_ROLE"] = "follower";
  EXPECT_EQ(initial_role(fake.environment()), Role::kFollower);
  fake.variables["GITHUB_STATS_INITIAL_ROLE"] = "leader";
  EXPECT_EQ(initial_role(fake.environment()), Role::kLeader);
  fake.variables["GITHUB_STATS_INITIAL_ROLE"] = "Boss\n";
  const auto role = initial_role(fake.environment());
  ASSERT_FALSE(role);
  EXPECT_EQ(role.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      role.error().message,
      "environment variable GITHUB_STATS_INITIAL_ROLE: 'Boss\\x0a' is not allowed; allowed are leader or follower");
}

}  // namespace
}  // namespace ghstats::config
