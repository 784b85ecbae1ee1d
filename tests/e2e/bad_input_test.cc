// Configurations that cannot be used: a message with file, line and column, exit code 2, at once and without secrets.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>
#include <sstream>

#include "config/testing/pem_samples.h"
#include "harness/process.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
namespace pem = config::testing;

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

// Lines of PEM that must never be shown: all but the frames and what is too short to tell anything.
std::vector<std::string> key_material() {
  std::vector<std::string> out;
  std::istringstream lines(pem::rsa_pkcs1() + pem::rsa_pkcs8() + pem::rsa_pkcs1_encrypted() +
                           pem::rsa_pkcs8_encrypted() + pem::ec_pkcs8());
  for (std::string line; std::getline(lines, line);) {
    if (line.size() >= 16 && !line.starts_with("-----") && line.find(": ") == std::string::npos) out.push_back(line);
  }
  return out;
}

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    write("good.pem", pem::rsa_pkcs1());
    ASSERT_GT(key_material().size(), 50U);
  }

  std::string write(const std::string& name, const std::string& text) const {
    write_file(folder.path() / name, text);
    return (folder.path() / name).string();
  }

  // An organisation whose key file is `path`.
  [[nodiscard]] std::string org_with_key(const std::string& path) const {
    return "github:\n  orgs:\n    - {org: acme, app_id: 1, private_key_path: " + path + "}\n";
  }
  [[nodiscard]] std::string good() const { return org_with_key((folder.path() / "good.pem").string()); }

  // Both the check and a plain start refuse `path`: with a line at `position` ("7:3") that goes on with `says`.
  void expect_refused(const std::string& path, const std::string& position, const std::string& says) const {
    SCOPED_TRACE(path + ":" + position + ": " + says);
    const std::string exporter = program("github-stats-exporter");
    for (const auto& arguments :
         {std::vector<std::string>{exporter, "check-config", "--config=" + path}, {exporter, "--config=" + path}}) {
      const auto outcome = run_command(arguments);
      EXPECT_EQ(outcome.exit_code, 2) << outcome.out << outcome.err.substr(0, 2000);
      EXPECT_LT(outcome.took, 5s);
      EXPECT_EQ(outcome.out, "");
      EXPECT_LT(outcome.err.size(), 10'000U);
      const std::string expected = path + ":" + position + ": " + says;
      EXPECT_TRUE(outcome.err.find(expected) != std::string::npos) << outcome.err.substr(0, 2000);
      // Nothing but such lines.
      static const std::regex kLine(R"(/[^:]+:[1-9][0-9]*:[1-9][0-9]*: .+)");
      std::istringstream lines(outcome.err);
      for (std::string line; std::getline(lines, line);) {
        EXPECT_TRUE(std::regex_match(line.substr(0, 1000), kLine)) << line.substr(0, 1000);
      }
      for (const std::string& secret : key_material()) {
        ASSERT_TRUE(outcome.err.find(secret) == std::string::npos) << "key material is shown";
      }
    }
  }

  void expect_text_refused(const std::string& text, const std::string& position, const std::string& says) const {
    expect_refused(write("c.yaml", text), position, says);
  }

  TemporaryFolder folder;
};

TEST_F(BadInput, TheSameFileWithoutMistakesIsGood) {
  const auto path = write("c.yaml", good());
  const auto outcome = run_command({program("github-stats-exporter"), "check-config", "--config=" + path});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(BadInput, KeysAndValues) {
  expect_text_refused(good() + "retry: {max_atempts: 3}\n", "4:9", "retry.max_atempts: ");
  expect_text_refused(good() + "retry:\n  jitter: true\n  jitter: false\n", "6:3", "retry.jitter: ");
  expect_text_refused(good() + "retry: {max_attempts: many}\n", "4:23", "retry.max_attempts: 'many' ");
  expect_text_refused(good() + "retry: {max_attempts: [3]}\n", "4:23", "retry.max_attempts: ");
  expect_text_refused(good() + "retry: 3\n", "4:8", "retry: ");
  expect_text_refused(good() + "retry: {initial_backoff: 5 apples}\n", "4:26", "retry.initial_backoff: '5 apples' ");
  expect_text_refused(good() + "github: {}\n", "4:1", "github: ");
}

TEST_F(BadInput, EveryProblemIsTold) {
  const std::string text = good() + "retry: {max_attempts: many, jitter: perhaps}\nserver: {log_level: loud}\n";
  expect_text_refused(text, "4:23", "retry.max_attempts: ");
  expect_text_refused(text, "4:37", "retry.jitter: ");
  expect_text_refused(text, "5:21", "server.log_level: ");
}

TEST_F(BadInput, KeyFiles) {
  const std::string position = "3:48";
  const std::string key = "github.orgs[0].private_key_path: ";
  const auto refuse = [&](const std::string& path) { expect_text_refused(org_with_key(path), position, key); };
  refuse((folder.path() / "missing.pem").string());
  refuse(folder.path().string());
  refuse(write("pkcs1.pem", pem::rsa_pkcs1_encrypted()));
  refuse(write("pkcs8.pem", pem::rsa_pkcs8_encrypted()));
  refuse(write("public.pem", pem::rsa_public()));
  refuse(write("ec.pem", pem::ec_pkcs8()));
  refuse(write("empty.pem", ""));
  refuse(write("half.pem", pem::rsa_pkcs1().substr(0, pem::rsa_pkcs1().size() / 2)));
  refuse(write("noise.pem", repeated(std::string("\0\xff\x80", 3), 1000)));
}

TEST_F(BadInput, AnEncryptedKeyIsCalledEncrypted) {
  for (const std::string& key : {pem::rsa_pkcs1_encrypted(), pem::rsa_pkcs8_encrypted()}) {
    const auto path = write("c.yaml", org_with_key(write("key.pem", key)));
    const auto outcome = run_command({program("github-stats-exporter"), "check-config", "--config=" + path});
    EXPECT_TRUE(outcome.err.find("encrypted") != std::string::npos) << outcome.err;
  }
}

// Somebody pastes the key where its path belongs, or under a name of their own.
TEST_F(BadInput, AKeyInTheWrongPlaceIsNotRepeated) {
  std::string indented;
  std::istringstream lines(pem::rsa_pkcs1());
  for (std::string line; std::getline(lines, line);) indented += "        " + line + "\n";
  const std::string org = "github:\n  orgs:\n    - org: acme\n";
  expect_text_refused(org + "      app_id: 1\n      private_key_path: |\n" + indented, "5:25",
                      "github.orgs[0].private_key_path: ");
  expect_text_refused(org + "      app_id: 1\n      private_key: |\n" + indented, "5:7",
                      "github.orgs[0].private_key: ");
  expect_text_refused(org + "      private_key_path: x\n      app_id: |\n" + indented, "5:15",
                      "github.orgs[0].app_id: ");
  expect_text_refused(org + "      app_id: 1\n      private_key_path: -----BEGIN\n" + indented, "5:25",
                      "github.orgs[0].private_key_path: ");
}

TEST_F(BadInput, UnreadableFiles) {
  expect_refused((folder.path() / "missing.yaml").string(), "1:1", "the file ");
  expect_refused(folder.path().string(), "1:1", "the file ");
  expect_refused("/dev/zero", "1:1", "the file ");
  if (geteuid() == 0) return;  // root may read everything
  const auto locked = write("locked.yaml", good());
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  expect_refused(locked, "1:1", "the file ");
}

// Nobody ever writes to it: opening it would wait for ever.
TEST_F(BadInput, FilesThatNeverEnd) {
  const std::string fifo = (folder.path() / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::string says = "the file is a FIFO; allowed is a regular file";
  expect_refused(fifo, "1:1", says);
  expect_text_refused(org_with_key(fifo), "3:48", "github.orgs[0].private_key_path: " + says);
  const std::string token_org = "github:\n  orgs:\n    - {org: acme, token_file: ";
  expect_text_refused(token_org + fifo + "}\n", "3:31", "github.orgs[0].token_file: " + says);
  expect_text_refused(token_org + "/dev/zero}\n", "3:31", "github.orgs[0].token_file: the file is a device");
  expect_text_refused(good() + "store: {redis_addr: 'r:1', redis_password_file: " + fifo + "}\n", "4:49",
                      "store.redis_password_file: " + says);
  expect_text_refused(good() + "amqp: {url_file: " + fifo + "}\n", "4:18", "amqp.url_file: " + says);
  expect_text_refused(good() + "amqp: {url: 'amqps://h', ca_file: " + fifo + "}\n", "4:35", "amqp.ca_file: " + says);
  const auto flags =
      run_command({program("github-stats-exporter"), "check-config", "--org=acme", "--github.token-file=" + fifo});
  EXPECT_EQ(flags.exit_code, 2);
  EXPECT_TRUE(flags.err.find("--github.token-file: " + says) != std::string::npos) << flags.err;
}

TEST_F(BadInput, AUrlsPasswordIsNotRepeated) {
  for (const std::string& addresses :
       {std::string("redis_addr: 'redis://:hush-7f3a@h:0'"), std::string("redis_addr: ':hush-7f3a@h:1'"),
        std::string("redis_mode: sentinel, redis_master_set: m, redis_sentinel_addrs: ['redis://:hush-7f3a@s:1']"),
        std::string("redis_addr: 'redis://me:hush-7f3a@h'")}) {
    const auto path = write("c.yaml", good() + "store: {" + addresses + "}\n");
    for (const char* command : {"check-config", "print-config"}) {
      const auto outcome = run_command({program("github-stats-exporter"), command, "--config=" + path});
      EXPECT_TRUE((outcome.out + outcome.err).find("hush") == std::string::npos) << outcome.out << outcome.err;
    }
  }
}

TEST_F(BadInput, AConfigurationOnStandardInputIsCheckedToo) {
  const std::vector<std::string> check = {program("github-stats-exporter"), "check-config", "--config=-"};
  EXPECT_EQ(run_command(check, {}, good()).exit_code, 0);
  const auto outcome = run_command(check, {}, good() + "retry: 3\n");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(outcome.err.starts_with("-:4:8: retry: ")) << outcome.err;
}

TEST_F(BadInput, AliasesThatLeadBackOrMultiply) {
  expect_text_refused("github: &a\n  orgs: *a\n", "2:9", "github.orgs: aliases ");
  expect_text_refused("retry: &a [*b]\nserver: &b [*a]\n", "1:12", "aliases ");
  // Laughs by the billion: a small text that stands for a huge document.
  std::string laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeated(", " + before, 9) + "]\n";
  }
  expect_text_refused(laughs + "github: {orgs: *a9}\n", "11:16", "github.orgs: aliases ");
}

TEST_F(BadInput, Nesting) {
  constexpr std::size_t kFiveMegabytes = 5UL << 20U;
  constexpr std::size_t kAllowed = 1000UL << 10U;
  const struct {
    std::string_view part;
    const char* position;  // of the level that is too deep (yaml-cpp takes an unclosed "[" for a key, too: two levels)
  } cases[] = {{"[", "1:9"}, {"{a: ", "1:61"}, {"- ", "1:33"}, {"? ", "1:33"}};
  for (const auto& c : cases) {
    expect_text_refused(repeated(c.part, kFiveMegabytes / c.part.size()), "1:1",
                        "the file is larger than 1048576 bytes");
    expect_text_refused(repeated(c.part, kAllowed / c.part.size()), c.position, "nested deeper than 16 levels");
  }
}

}  // namespace
}  // namespace ghstats::harness
