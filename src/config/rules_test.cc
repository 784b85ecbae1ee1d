// Rules between keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/testing/config_fixture.h"

namespace ghstats::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kOneOrg;

class ConfigRules : public testing::ConfigFixture {
 protected:
  std::vector<std::string> after_org(const std::string& more) { return problems(kOneOrg + more); }
  std::vector<std::string> org_with(const std::string& keys) {
    return problems("github:\n  orgs:\n    - {org: acme, " + keys + "}\n");
  }
};

TEST_F(ConfigRules, LeaseTimes) {
  EXPECT_THAT(after_org("leader_election:\n  lease_duration: 20s\n  enabled: true\n  namespace: n\n  lease_name: l\n"),
              ElementsAre("c.yaml:6:19: leader_election.lease_duration: 20s is not longer than renew_deadline (20s); "
                          "allowed is lease_duration > renew_deadline"));
  EXPECT_THAT(after_org("leader_election: {renew_deadline: 6s, enabled: true, namespace: n, lease_name: l}\n"),
              ElementsAre("c.yaml:5:35: leader_election.renew_deadline: 6s is not longer than 1.2 x retry_period (5s); "
                          "allowed is renew_deadline > 1.2 x retry_period"));
  EXPECT_THAT(after_org("leader_election: {renew_deadline: 6001ms, enabled: true, namespace: n, lease_name: l}\n"),
              IsEmpty());
  // A default is at fault only together with a written key: the section is named.
  EXPECT_THAT(after_org("leader_election: {retry_period: 17s, enabled: true, namespace: n, lease_name: l}\n"),
              ElementsAre(::testing::StartsWith("c.yaml:5:1: leader_election.renew_deadline: 20s is not longer than")));
  // No follow-up complaint when one of the two is wrong by itself.
  EXPECT_THAT(after_org("leader_election: {lease_duration: soon, renew_deadline: 40s, enabled: true, namespace: n, "
                        "lease_name: l}\n"),
              ::testing::SizeIs(1));
}

TEST_F(ConfigRules, KubernetesElectionNeedsItsLease) {
  EXPECT_THAT(after_org("leader_election:\n  enabled: true\n"),
              ElementsAre("c.yaml:5:1: leader_election.lease_name: is missing; required when kubernetes elects",
                          "c.yaml:5:1: leader_election.namespace: is missing; required when kubernetes elects"));
  EXPECT_THAT(after_org("leader_election: {enabled: true, namespace: n, lease_name: l}\n"), IsEmpty());
  EXPECT_THAT(after_org("leader_election: {enabled: true, namespace: N_, lease_name: l}\n"),
              ElementsAre("c.yaml:5:45: leader_election.namespace: 'N_' is no Kubernetes name; allowed are lower-case "
                          "letters, digits, - and ."));
}

TEST_F(ConfigRules, RedisElectionNeedsRedis) {
  EXPECT_THAT(after_org("leader_election: {enabled: true, backend: redis}\n"),
              ElementsAre("c.yaml:5:43: leader_election.backend: redis elects on the store's Redis; allowed with "
                          "store.backend: redis"));
  EXPECT_THAT(after_org("leader_election: {enabled: true, backend: redis}\nstore: {redis_addr: 'r:6379'}\n"),
              IsEmpty());
}

TEST_F(ConfigRules, AtLeastOneOrganisation) {
  EXPECT_THAT(problems("server: {}\n"),
              ElementsAre("c.yaml:1:1: github.orgs: no organisation; required is at least one"));
  EXPECT_THAT(problems("server: {}\ngithub: {orgs: []}\n"),
              ElementsAre("c.yaml:2:10: github.orgs: no organisation; required is at least one"));
  EXPECT_THAT(problems("github: {orgs: [{token_env: ACME_TOKEN}]}\n"),
              ElementsAre("c.yaml:1:17: github.orgs[0].org: is missing; required is the organisation's login"));
}

TEST_F(ConfigRules, ExactlyOneKindOfCredentials) {
  EXPECT_THAT(org_with("app_id: 1, private_key_path: app.pem"), IsEmpty());
  EXPECT_THAT(org_with("app_id: 1, installation_id: 2, private_key_path: app.pem"), IsEmpty());
  EXPECT_THAT(org_with("token_file: token.txt"), IsEmpty());
  EXPECT_THAT(org_with("token_file: '', token_env: ACME_TOKEN"), IsEmpty());
  EXPECT_THAT(org_with("app_id: 1"),
              ElementsAre("c.yaml:3:7: github.orgs[0].private_key_path: is missing; an App needs app_id and "
                          "private_key_path"));
  EXPECT_THAT(org_with("private_key_path: app.pem"),
              ElementsAre("c.yaml:3:7: github.orgs[0].app_id: is missing; an App needs app_id and private_key_path"));
  const std::string several =
      "c.yaml:3:7: github.orgs[0]: has several credentials; allowed is one of: app_id and private_key_path, "
      "token_file, "
      "token_env";
  EXPECT_THAT(org_with("token_file: token.txt, token_env: ACME_TOKEN"), ElementsAre(several));
  EXPECT_THAT(org_with("app_id: 1, private_key_path: app.pem, token_file: token.txt"), ElementsAre(several));
  EXPECT_THAT(org_with("installation_id: 1, token_file: token.txt"), ElementsAre(several));
  // A wrong app_id is still an App.
  EXPECT_THAT(org_with("app_id: x, private_key_path: app.pem"), ::testing::SizeIs(1));
}

TEST_F(ConfigRules, RedisNeedsAnAddressAndTheKeysOfItsMode) {
  EXPECT_THAT(
      after_org("store:\n  backend: redis\n"),
      ElementsAre("c.yaml:5:1: store.redis_addr: is missing; required by backend: redis (or redis_mode: sentinel)"));
  EXPECT_THAT(after_org("store: {redis_mode: sentinel}\n"),
              ElementsAre("c.yaml:5:1: store.redis_master_set: is missing; required by redis_mode: sentinel",
                          "c.yaml:5:1: store.redis_sentinel_addrs: is missing; required by redis_mode: sentinel"));
  EXPECT_THAT(
      after_org(
          "store: {redis_mode: sentinel, redis_master_set: m, redis_sentinel_addrs: ['s:1'], redis_addr: 'r:1'}\n"),
      ElementsAre(::testing::EndsWith("store.redis_addr: has no effect with redis_mode: sentinel; leave it out")));
  EXPECT_THAT(
      after_org("store:\n  redis_sentinel_addrs: ['s:1']\n"),
      ElementsAre("c.yaml:6:25: store.redis_sentinel_addrs: has no effect with redis_mode: standalone; allowed with "
                  "redis_mode: sentinel"));
  EXPECT_THAT(after_org("store:\n  redis_addr: r:1\n  redis_sentinel_password: x\n"), ::testing::SizeIs(1));
  const Config sentinel =
      loaded(kOneOrg + std::string("store: {redis_mode: sentinel, redis_master_set: m, redis_sentinel_addrs: ['s:1'], "
                                   "redis_sentinel_password_file: secret.txt}\n"));
  EXPECT_EQ(sentinel.store.backend, StoreBackend::kRedis);
  EXPECT_EQ(sentinel.store.redis_sentinel_password.reveal(), "filed-secret");
  EXPECT_EQ(loaded(kOneOrg + std::string("store: {redis_addr: 'r:1'}\n")).store.backend, StoreBackend::kRedis);
  EXPECT_EQ(loaded(kOneOrg + std::string("store: {redis_addr: 'r:1', backend: memory}\n")).store.backend,
            StoreBackend::kMemory);
}

TEST_F(ConfigRules, OneSourceForEachSecret) {
  EXPECT_THAT(
      after_org("store:\n  redis_password: a\n  redis_password_file: secret.txt\n  redis_addr: r:1\n"),
      ElementsAre("c.yaml:7:24: store.redis_password_file: given beside redis_password; allowed is one of them"));
  EXPECT_THAT(after_org("amqp:\n  url: amqp://h\n  url_file: amqp-url.txt\n"),
              ElementsAre("c.yaml:7:13: amqp.url_file: given beside url; allowed is one of them"));
}

TEST_F(ConfigRules, KeysThatWouldDoNothingAreErrors) {
  EXPECT_THAT(after_org("amqp: {url: 'amqp://h', ca_file: ca.pem}\n"),
              ElementsAre("c.yaml:5:34: amqp.ca_file: has no effect on amqp://; allowed with amqps://"));
  EXPECT_THAT(after_org("store: {redis_addr: 'r:1', redis_ca_file: ca.pem}\n"),
              ElementsAre(::testing::EndsWith("store.redis_ca_file: has no effect without TLS; allowed with redis_tls: "
                                              "true")));
  EXPECT_THAT(after_org("amqp: {queue: q, dlq: q, url: 'amqp://h'}\n"),
              ElementsAre("c.yaml:5:23: amqp.dlq: is the same queue as queue; allowed is another one"));
}

TEST_F(ConfigRules, AKeyPrefixCanStandInAnAclAndIsNoPattern) {
  EXPECT_EQ(loaded(kOneOrg).store.redis_key_prefix, "ghstats");
  for (const std::string good : {"a", "team:ghstats-staging", "x.y/z_0"}) {
    EXPECT_EQ(loaded(kOneOrg + std::string("store: {redis_key_prefix: '") + good + "'}\n").store.redis_key_prefix,
              good);
  }
  for (const std::string bad : {" ", "a b", "a*", "a?", "[a", "a]", "{a}", "a\\b", "\u00e4"}) {
    EXPECT_THAT(after_org("store: {redis_addr: 'r:1', redis_key_prefix: '" + bad + "'}\n"),
                ElementsAre(::testing::HasSubstr("is no prefix of keys; allowed are 1 to 64 visible")))
        << bad;
  }
  EXPECT_THAT(after_org("store: {redis_addr: 'r:1', redis_key_prefix: \"a\\tb\"}\n"), ::testing::SizeIs(1));
  EXPECT_THAT(after_org("store: {redis_addr: 'r:1', redis_key_prefix: " + std::string(65, 'a') + "}\n"),
              ::testing::SizeIs(1));
}

TEST_F(ConfigRules, Copilot) {
  EXPECT_THAT(after_org("copilot:\n  user_label_mode: hashed\n  enabled: true\n"),
              ElementsAre("c.yaml:5:1: copilot.user_hash_key_file: is missing; required by user_label_mode: hashed"));
  EXPECT_THAT(
      after_org("copilot:\n  enterprise:\n    enabled: true\n  enabled: true\n"),
      ElementsAre("c.yaml:6:3: copilot.enterprise.app_id: is missing; required by enterprise.enabled: true",
                  "c.yaml:6:3: copilot.enterprise.private_key_path: is missing; required by enterprise.enabled: true",
                  "c.yaml:6:3: copilot.enterprise.slug: is missing; required by enterprise.enabled: true"));
  // An enterprise that is off switches its reports off.
  EXPECT_FALSE(
      loaded(kOneOrg + std::string("copilot: {include_enterprise_28d: true}\n")).copilot.include_enterprise_28d);
}

TEST_F(ConfigRules, AnEnterpriseIsNotNamedAsAnOrganisationWhereTheUsersOfBothAreRead) {
  const auto problems = [this](const std::string& slug, const std::string& switches) {
    return after_org("copilot: {enabled: true, " + switches + ", enterprise: {enabled: true, slug: " + slug +
                     ", app_id: 1, private_key_path: app.pem}}\n");
  };
  const std::string both = "include_org_users_28d: true, include_enterprise_users_28d: true";
  EXPECT_THAT(problems("ACME", both),
              ElementsAre(::testing::HasSubstr(
                  "copilot.enterprise.slug: is the name of an organisation, too, and the users of both would have")));
  EXPECT_THAT(problems("acme-corp", both), ::testing::IsEmpty());
  EXPECT_THAT(problems("acme", "include_org_users_28d: true, include_enterprise_28d: true"), ::testing::IsEmpty());
  EXPECT_THAT(problems("acme", "include_enterprise_28d: true, include_enterprise_users_28d: true"),
              ::testing::IsEmpty());
}

TEST_F(ConfigRules, TelemetryNeedsAnEndpoint) {
  EXPECT_THAT(
      after_org("telemetry: {otel_enabled: true}\n"),
      ElementsAre("c.yaml:5:1: telemetry.otel_exporter_otlp_endpoint: is missing; required by otel_enabled: true"));
}

TEST_F(ConfigRules, DefaultsThatFollowOtherKeys) {
  EXPECT_EQ(loaded(kOneOrg + std::string("retry: {max_attempts: 9}\n")).backfill.max_attempts, 9);
  EXPECT_EQ(
      loaded(kOneOrg + std::string("retry: {max_attempts: 9}\nbackfill: {max_attempts: 4}\n")).backfill.max_attempts,
      4);
  EXPECT_EQ(loaded("github: {api_base_url: 'https://h/api/v3/', orgs: [{org: a, token_env: ACME_TOKEN}]}\n")
                .github.api_base_url,
            "https://h/api/v3");
}

TEST_F(ConfigRules, ARedisUrlSaysWhatTheOtherKeysSay) {
  const Store store =
      loaded(kOneOrg + std::string("store: {redis_addr: 'rediss://me:p%40ss%2Fword@[::1]:7000/3'}\n")).store;
  EXPECT_EQ(store.backend, StoreBackend::kRedis);
  EXPECT_EQ(store.redis_addr, "[::1]:7000");
  EXPECT_EQ(store.redis_username, "me");
  EXPECT_EQ(store.redis_password.reveal(), "p@ss/word");
  EXPECT_EQ(store.redis_db, 3);
  EXPECT_TRUE(store.redis_tls);
  const Store plain =
      loaded(kOneOrg + std::string("store: {redis_addr: 'redis://redis', redis_password: p, redis_db: 2, "
                                   "redis_tls: true}\n"))
          .store;
  EXPECT_EQ(plain.redis_addr, "redis:6379");
  EXPECT_EQ(plain.redis_username, "");
  EXPECT_EQ(plain.redis_password.reveal(), "p");
  EXPECT_EQ(plain.redis_db, 2);
  EXPECT_TRUE(plain.redis_tls) << "redis:// says nothing about TLS";
  EXPECT_EQ(loaded(kOneOrg + std::string("store: {redis_addr: 'redis://:p@r/'}\n")).store.redis_password.reveal(), "p");
}

TEST_F(ConfigRules, ARedisUrlIsNotContradicted) {
  const auto with = [&](const std::string& key) {
    return after_org("store:\n  redis_addr: rediss://me:p@r:1/3\n  " + key + "\n");
  };
  constexpr const char* kBeside = "given beside that of the URL in redis_addr; allowed is one of them";
  EXPECT_THAT(with("redis_username: me"), ElementsAre(std::string("c.yaml:7:19: store.redis_username: ") + kBeside));
  EXPECT_THAT(with("redis_password: p"), ElementsAre(std::string("c.yaml:7:19: store.redis_password: ") + kBeside));
  EXPECT_THAT(with("redis_password_file: secret.txt"),
              ElementsAre(std::string("c.yaml:7:24: store.redis_password_file: ") + kBeside));
  EXPECT_THAT(with("redis_db: 2"),
              ElementsAre("c.yaml:7:13: store.redis_db: is not the database of the URL in redis_addr; allowed is one "
                          "of them"));
  EXPECT_THAT(with("redis_tls: false"),
              ElementsAre("c.yaml:7:14: store.redis_tls: false contradicts rediss:// in redis_addr; leave it out"));
  EXPECT_THAT(with("redis_db: 3"), IsEmpty());
  EXPECT_THAT(with("redis_tls: true"), IsEmpty());
}

TEST_F(ConfigRules, WhatIsNoRedisUrl) {
  for (const char* text :
       {"redis://", "redis://h:0", "redis://h/x", "redis://h/65536", "redis://h/1/2", "redis://h?a=b",
        "redis://u:%zz@h", "redis://u:%00@h", "http://h:6379", "unix:///run/redis", "redis://a b"}) {
    EXPECT_THAT(after_org("store: {redis_addr: '" + std::string(text) + "'}\n"),
                ElementsAre(::testing::HasSubstr(" is no address; allowed are HOST:PORT ")))
        << text;
  }
}

TEST_F(ConfigRules, HostsOfReportsAreNamesWithStarsThatDoNotMatchEverybody) {
  const auto with = [&](const std::string& pattern) {
    return after_org("copilot: {enabled: true, report_hosts_allowlist: ['" + pattern + "']}\n");
  };
  for (const char* text : {"reports.example.com", "*.example.com", "copilot-reports.*.ghe.com", "localhost",
                           "copilot-reports-*.b01.azurefd.net", "*.*.example.com", "10.1.2.3"}) {
    EXPECT_THAT(with(text), IsEmpty()) << text;
  }
  for (const char* text :
       {"", "https://reports.example.com", "reports.example.com/x", "reports.example.com:443", "a@example.com",
        ".example.com", "a..example.com", "example.com.", "a**.example.com", "[::1]", "a b.example.com"}) {
    EXPECT_THAT(with(text), ElementsAre(::testing::HasSubstr("is no host pattern; allowed are DNS names without ")))
        << text;
  }
  for (const char* text : {"*", "*.com", "example.*", "*.*", "reports.*.com", "a.exam*.com", "*.ghe.c*"}) {
    EXPECT_THAT(with(text), ElementsAre(::testing::HasSubstr("matches hosts of anybody; allowed are patterns ")))
        << text;
  }
}

}  // namespace
}  // namespace ghstats::config
