// No secret in any output, whatever else is wrong.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "config/print.h"
#include "config/testing/config_fixture.h"

namespace ghstats::config {
namespace {

using ::testing::HasSubstr;
using testing::kOneOrg;
using ::testing::Not;

constexpr const char* kHush = "hush-7f3a";

class Secrecy : public testing::ConfigFixture {
 protected:
  std::string all_output(const std::string& text) {
    const auto config = load(text);
    if (config) return print_config(*config);
    std::string out;
    for (const Problem& problem : config.error()) out += format(problem) + "\n";
    return out;
  }
};

TEST_F(Secrecy, GoodConfigurationsPrintNoSecret) {
  fake_.variables["ACME_TOKEN"] = kHush;
  fake_.files["token.txt"] = kHush;
  fake_.files["secret.txt"] = kHush;
  fake_.files["hash-key.txt"] = std::string(kHush) + "-long-enough-key";
  fake_.files["amqp-url.txt"] = fmt::format("amqp://u:{}@h", kHush);
  const std::string text = fmt::format(
      "github:\n"
      "  proxy: http://u:{0}@proxy:3128\n"
      "  orgs: [{{org: a, token_env: ACME_TOKEN}}, {{org: b, token_file: token.txt}}]\n"
      "amqp: {{url: 'amqps://u:{0}%2F{0}@h/v?x={0}'}}\n"
      "store: {{redis_mode: sentinel, redis_master_set: m, redis_sentinel_addrs: ['s:1'], redis_password: {0}, "
      "redis_sentinel_password: {0}}}\n"
      "copilot: {{enabled: true, user_hash_key_file: hash-key.txt, user_label_mode: hashed}}\n",
      kHush);
  const std::string printed = all_output(text);
  EXPECT_THAT(printed, HasSubstr("redis_password: \"<redacted>\""));
  EXPECT_THAT(printed, Not(HasSubstr(kHush)));
}

TEST_F(Secrecy, FilesOfSecretsAreNotPrinted) {
  fake_.files["secret.txt"] = kHush;
  fake_.files["amqp-url.txt"] = fmt::format("amqp://u:{}@h", kHush);
  const std::string printed =
      all_output(kOneOrg + std::string("amqp: {url_file: amqp-url.txt}\n"
                                       "store: {redis_addr: 'r:1', redis_password_file: secret.txt}\n"));
  EXPECT_THAT(printed, HasSubstr("redis_password_file: \"secret.txt\""));
  EXPECT_THAT(printed, Not(HasSubstr("redis_password:")));
  EXPECT_THAT(printed, Not(HasSubstr(kHush)));
}

// Each text is wrong in another way at a place where operators put secrets, or put them by mistake.
TEST_F(Secrecy, ErrorsRepeatNoSecret) {
  fake_.variables["BAD"] = std::string(kHush) + "\n";
  fake_.files["bad.txt"] = std::string(kHush) + " two\nlines";
  const std::vector<std::string> texts = {
      "amqp: {url: 'http://u:hush-7f3a@h'}",
      "amqp: {url: 'hush-7f3a'}",
      "amqp: {url: ['amqp://u:hush-7f3a@h']}",
      "amqp: {url: *hush-7f3a}",
      "amqp: {url: !hush-7f3a x}",
      "amqp: {url: 'amqp://u:hush-7f3a@h', url: 'amqp://u:hush-7f3a@h2'}",
      "amqp: {url_file: bad.txt}",
      "amqp: {url_file: 'amqp://u:hush-7f3a@h'}",
      "amqp: {url: '${BAD}'}",
      "store: {redis_password: {a: hush-7f3a}}",
      "store: {redis_password: [hush-7f3a]}",
      "store: {redis_password: *hush-7f3a}",
      "store: {redis_addr: 'r:1', redis_password: 'hush-7f3a${'}",
      "store: {redis_addr: 'r:1', redis_password: hush-7f3a, redis_password_file: bad.txt}",
      "store: {redis_addr: 'r:1', redis_password_file: hush-7f3a}",
      "store: {redis_addr: 'r:1', redis_username: \"hush-7f3a\\x01\"}",
      "store: {redis_db: '${BAD}'}",
      "store: {redis_addr: '${BAD}'}",
      "store: {zero_linger: '${BAD}'}",
      "store: {redis_tls: '${BAD}'}",
      "store: {backend: '${BAD}'}",
      "telemetry: {otel_trace_sample_ratio: '${BAD}'}",
      "telemetry: {otel_enabled: true, otel_exporter_otlp_endpoint: 'http://u:hush-7f3a@h'}",
      "backfill: {requeue_delays: ['${BAD}']}",
      "copilot: {enabled: true, user_hash_key_file: hush-7f3a}",
      "copilot: {enabled: true, report_hosts_allowlist: ['${BAD}']}",
      "github: {proxy: 'ftp://u:hush-7f3a@h', orgs: [{org: a, token_env: ACME_TOKEN}]}",
      "github: {api_base_url: 'https://u:hush-7f3a@h', orgs: [{org: a, token_env: ACME_TOKEN}]}",
      "github: {orgs: [{org: a, token_env: hush_7f3a}]}",
      "github: {orgs: [{org: a, token_env: hush-7f3a}]}",
      "github: {orgs: [{org: a, token_env: BAD}]}",
      "github: {orgs: [{org: a, token_file: bad.txt}]}",
      "github: {orgs: [{org: a, token_file: hush-7f3a}]}",
      "github: {orgs: [{org: a, app_id: '${BAD}', private_key_path: bad.txt}]}",
      "github: {orgs: [{org: a, app_id: 1, private_key_path: \"-----BEGIN hush-7f3a\"}]}",
      // A URL where an address belongs, and the other way round.
      "store: {redis_addr: 'redis://:hush-7f3a@h:0'}",
      "store: {redis_addr: 'http://:hush-7f3a@h:6379'}",
      "store: {redis_addr: 'redis://:hush/7f3a@h@x'}",
      "store: {redis_addr: ':hush-7f3a@h:6379'}",
      "store: {redis_addr: 'redis://h/hush-7f3a'}",
      "store: {redis_addr: 'redis://u:p@h', redis_password: hush-7f3a}",
      "store: {redis_addr: 'redis://u:hush-7f3a@h', redis_password: p}",
      "store: {redis_mode: sentinel, redis_master_set: m, redis_sentinel_addrs: ['redis://:hush-7f3a@s:1']}",
      "store: {redis_mode: sentinel, redis_master_set: m, redis_sentinel_addrs: ['u:hush-7f3a@s:1']}",
      "store: {redis_db: 'redis://:hush-7f3a@h'}",
      "store: {redis_tls: 'redis://:hush-7f3a@h'}",
      "store: {backend: 'redis://:hush-7f3a@h'}",
      "store: {zero_linger: 'redis://:hush-7f3a@h'}",
      "server: {listen_addr: 'http://:hush-7f3a@h'}",
      "metrics: {scrape_service_dns: 'http://u:hush-7f3a@h'}",
      "store: {'redis://:hush-7f3a@h': 1}",
      "store: {redis_password: \"hush-7f3a",
      "store: {redis_password: hush-7f3a]",
  };
  for (const std::string& text : texts) {
    const auto config = load(text.starts_with("github") ? text + "\n" : kOneOrg + text + "\n");
    ASSERT_FALSE(config) << text;
    for (const Problem& problem : config.error()) {
      EXPECT_THAT(format(problem), Not(HasSubstr("hush"))) << text;
    }
  }
}

TEST(SecretTypes, EveryFormatterRedacts) {
  const Secret secret(kHush);
  const CredentialUrl url(fmt::format("amqps://user:{0}@broker:5671/vhost?password={0}", kHush));
  std::ostringstream stream;
  stream << secret << " " << url;
  EXPECT_EQ(stream.str(), "<redacted> amqps://<redacted>@broker:5671/vhost");
  EXPECT_EQ(fmt::format("{} {}", secret, url), stream.str());
  EXPECT_THAT(::testing::PrintToString(secret), Not(HasSubstr(kHush)));
  EXPECT_EQ(secret.reveal(), kHush);
}

TEST(SecretTypes, UrlsAreRedactedWhateverTheirShape) {
  EXPECT_EQ(CredentialUrl("http://proxy:3128").redacted(), "http://proxy:3128");
  EXPECT_EQ(CredentialUrl("http://u:p@ss/w@proxy:3128").redacted(), "http://<redacted>@proxy:3128");
  EXPECT_EQ(CredentialUrl("just-a-password").redacted(), "<redacted>");
  EXPECT_EQ(CredentialUrl("http://h/?u@x").redacted(), "http://<redacted>@x");
  EXPECT_EQ(CredentialUrl("").redacted(), "");
}

}  // namespace
}  // namespace ghstats::config
