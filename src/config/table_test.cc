#include "config/table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "config/document.h"
#include "config/print.h"
#include "config/suggest.h"
#include "config/testing/config_fixture.h"

namespace ghstats::config {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keys that must stand beside a key for it to be allowed at all; "ORG" replaces the usual credentials.
const std::map<std::string_view, std::map<std::string, std::string>>& companions() {
  static const std::map<std::string, std::string> kSentinel = {{"store.redis_mode", "sentinel"},
                                                               {"store.redis_master_set", "mymaster"},
                                                               {"store.redis_sentinel_addrs", "['s:1']"}};
  static const std::map<std::string, std::string> kEnterprise = {{"copilot.enterprise.enabled", "true"},
                                                                 {"copilot.enterprise.slug", "e"},
                                                                 {"copilot.enterprise.app_id", "1"},
                                                                 {"copilot.enterprise.private_key_path", "app.pem"}};
  static const std::map<std::string_view, std::map<std::string, std::string>> kAll = {
      {"leader_election.enabled", {{"leader_election.namespace", "n"}, {"leader_election.lease_name", "l"}}},
      {"github.orgs[].app_id", {{"ORG", "private_key_path: app.pem"}}},
      {"github.orgs[].installation_id", {{"ORG", "app_id: 1, private_key_path: app.pem"}}},
      {"github.orgs[].private_key_path", {{"ORG", "app_id: 1"}}},
      {"github.orgs[].token_file", {{"ORG", ""}}},
      {"github.orgs[].token_env", {{"ORG", ""}}},
      {"store.redis_mode", kSentinel},
      {"store.redis_master_set", kSentinel},
      {"store.redis_sentinel_addrs", kSentinel},
      {"store.redis_sentinel_password", kSentinel},
      {"store.redis_sentinel_password_file", kSentinel},
      {"store.redis_ca_file", {{"store.redis_tls", "true"}}},
      {"store.backend", {{"store.redis_addr", "'r:1'"}}},
      {"copilot.include_enterprise_28d", kEnterprise},
      {"copilot.include_enterprise_users_28d", kEnterprise},
      {"copilot.enterprise.enabled", kEnterprise},
      {"copilot.enterprise.slug", kEnterprise},
      {"copilot.enterprise.app_id", kEnterprise},
      {"copilot.enterprise.installation_id", kEnterprise},
      {"copilot.enterprise.private_key_path", kEnterprise},
      {"telemetry.otel_enabled", {{"telemetry.otel_exporter_otlp_endpoint", "http://c:4318"}}},
  };
  return kAll;
}

// {"a.b": v, "a.c.d": w} as a flow map.
std::string nested(const std::map<std::string, std::string>& keys) {
  std::string out;
  std::map<std::string, std::map<std::string, std::string>> sections;
  for (const auto& [key, value] : keys) {
    const auto dot = key.find('.');
    if (dot == std::string::npos) {
      out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", key, value);
    } else {
      sections[key.substr(0, dot)][key.substr(dot + 1)] = value;
    }
  }
  for (const auto& [name, inner] : sections)
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", name, nested(inner));
  return "{" + out + "}";
}

// A file with the row's key, if `with_key`, and what it needs beside it.
std::string file_for(const KeySpec& spec, bool with_key) {
  std::map<std::string, std::string> keys;
  std::string org = "token_env: ACME_TOKEN";
  if (const auto known = companions().find(spec.key); known != companions().end()) keys = known->second;
  if (const auto replaced = keys.extract("ORG")) org = replaced.mapped();
  const bool is_org_key = spec.key.starts_with("github.orgs[].");
  keys.erase(std::string(spec.key));
  if (with_key && is_org_key) org += fmt::format("{}{}: {}", org.empty() ? "" : ", ", name_of(spec.key), spec.example);
  if (with_key && !is_org_key) keys[std::string(spec.key)] = spec.example;
  const std::string name = spec.key == "github.orgs[].org" ? "" : "org: umbrella, ";
  keys["github.orgs"] = fmt::format("[{{{}{}}}]", name, org);
  return nested(keys) + "\n";
}

bool is_own_row(const KeySpec& spec) {
  return spec.key == "github.orgs";
}

class Table : public testing::ConfigFixture {};

TEST_F(Table, EveryKeyIsAcceptedAndChangesTheConfiguration) {
  for (const KeySpec& spec : table()) {
    if (is_own_row(spec)) continue;
    SCOPED_TRACE(spec.key);
    ASSERT_THAT(spec.example, ::testing::Not(IsEmpty()));
    const std::string text = file_for(spec, true);
    SCOPED_TRACE(text);
    Config config = loaded(text);
    ASSERT_FALSE(config.github.orgs.empty());
    EXPECT_TRUE(config.given_keys.contains(spec.key));

    Config defaults;
    Org default_org;
    const std::string value = format_value(spec.slot({config, &config.github.orgs[0]}));
    const std::string was = format_value(spec.slot({defaults, &default_org}));
    // Two rows have nothing but their default, or derive it.
    if (spec.key != "metrics.topology" && spec.key != "store.backend") EXPECT_NE(value, was);
    if (std::holds_alternative<Secret*>(spec.slot({config, &config.github.orgs[0]}))) {
      EXPECT_EQ(value, "\"<redacted>\"");
      EXPECT_EQ(std::get<Secret*>(spec.slot({config}))->reveal(), spec.example);
    }
    // Left out, it is not there.
    const auto without = load(file_for(spec, false));
    if (without) {
      EXPECT_FALSE(without->given_keys.contains(spec.key));
      if (spec.key != "metrics.topology" && spec.key != "store.backend") EXPECT_FALSE(*without == config);
    }
  }
}

TEST_F(Table, InactiveKeysAreNamedWhenGivenAndOnlyThen) {
  for (const KeySpec& spec : table()) {
    if (is_own_row(spec)) continue;
    const auto inactive = inactive_keys_in_use(loaded(file_for(spec, true)));
    if (spec.is_active) {
      EXPECT_THAT(inactive, ::testing::Not(::testing::Contains(spec.key)));
    } else {
      EXPECT_THAT(inactive, ::testing::Contains(spec.key));
    }
  }
  EXPECT_THAT(inactive_keys_in_use(loaded(testing::kOneOrg)), IsEmpty());
  EXPECT_THAT(
      inactive_keys_in_use(loaded(testing::kOneOrg + std::string("store: {backend: redis, redis_addr: 'r:1'}\n"))),
      IsEmpty());
}

TEST_F(Table, PrintedConfigurationLoadsToTheSame) {
  for (const KeySpec& spec : table()) {
    if (is_own_row(spec)) continue;
    SCOPED_TRACE(spec.key);
    const Config config = loaded(file_for(spec, true));
    const std::string printed = print_config(config);
    SCOPED_TRACE(printed);
    Config again = loaded(printed);
    // What is redacted cannot come back.
    for (const std::string_view secret : {"store.redis_password", "store.redis_sentinel_password", "amqp.url"}) {
      if (spec.key != secret) continue;
      again.store.redis_password = config.store.redis_password;
      again.store.redis_sentinel_password = config.store.redis_sentinel_password;
      again.amqp.url = config.amqp.url;
    }
    EXPECT_TRUE(again == config);
    EXPECT_EQ(print_config(again), printed);
  }
}

TEST_F(Table, PrintedTextSurvivesOddCharacters) {
  const Config config =
      loaded(testing::kOneOrg +
             std::string("store: {redis_addr: 'r:1', redis_username: \"a\\\"b\\\\ $${X} $$${Y} : #\u00e9\"}\n"));
  EXPECT_EQ(config.store.redis_username, "a\"b\\ ${X} $${Y} : #\u00e9");
  EXPECT_EQ(loaded(print_config(config)), config);
}

TEST_F(Table, RowsAreUniqueGroupedAndDescribed) {
  std::set<std::string_view> keys;
  std::set<std::string_view> closed;
  std::string_view section;
  for (const KeySpec& spec : table()) {
    EXPECT_TRUE(keys.insert(spec.key).second) << spec.key;
    EXPECT_THAT(std::string(spec.description), ::testing::EndsWith(".")) << spec.key << " " << spec.description;
    if (section_of(spec.key) == section) continue;
    EXPECT_TRUE(closed.insert(section_of(spec.key)).second) << spec.key << " stands apart from its section";
    section = section_of(spec.key);
  }
}

TEST_F(Table, HoldsTheContractsKeysAndDefaults) {
  const std::map<std::string_view, std::string_view> expected = {{"server.listen_addr", "\":8080\""},
                                                                 {"leader_election.lease_duration", "30s"},
                                                                 {"leader_election.renew_deadline", "20s"},
                                                                 {"leader_election.retry_period", "5s"},
                                                                 {"github.api_base_url", "\"https://api.github.com\""},
                                                                 {"github.request_timeout", "20s"},
                                                                 {"github.unhealthy_failure_threshold", "6"},
                                                                 {"github.unhealthy_cooldown", "2m"},
                                                                 {"github.orgs[].per_org_concurrency", "4"},
                                                                 {"github.orgs[].repo_allowlist", "[\"*\"]"},
                                                                 {"rate_limit.min_remaining_threshold", "200"},
                                                                 {"rate_limit.min_reset_buffer", "10s"},
                                                                 {"rate_limit.secondary_limit_backoff", "1m"},
                                                                 {"retry.max_attempts", "5"},
                                                                 {"retry.initial_backoff", "2s"},
                                                                 {"retry.max_backoff", "30s"},
                                                                 {"retry.jitter", "true"},
                                                                 {"loc.source", "stats_contributors"},
                                                                 {"loc.refresh_interval", "1d"},
                                                                 {"loc.large_repo_cooldown", "1w"},
                                                                 {"activity.bots", "include"},
                                                                 {"backfill.max_message_age", "1d"},
                                                                 {"backfill.requeue_delays", "[1m, 5m, 30m, 2h]"},
                                                                 {"backfill.coalesce_window", "15m"},
                                                                 {"backfill.dedup_ttl", "12h"},
                                                                 {"backfill.consume_on_leader", "auto"},
                                                                 {"amqp.queue", "\"gh.backfill.jobs\""},
                                                                 {"store.retention", "30d"},
                                                                 {"store.metric_refresh_interval", "30s"},
                                                                 {"store.index_shards", "64"},
                                                                 {"store.max_series_budget", "1000000"},
                                                                 {"store.zero_linger", "1h"},
                                                                 {"health.github_probe_interval", "30s"},
                                                                 {"health.readiness", "serve"},
                                                                 {"copilot.scrape_interval", "6h"},
                                                                 {"copilot.download_timeout", "1m30s"},
                                                                 {"telemetry.otel_trace_mode", "off"},
                                                                 {"telemetry.otel_trace_sample_ratio", "0.05"}};
  for (const auto& [key, value] : expected) {
    const KeySpec* const spec = find_key(key);
    ASSERT_NE(spec, nullptr) << key;
    Config config;
    Org org;
    EXPECT_EQ(format_value(spec->slot({config, &org})), value) << key;
  }
}

TEST_F(Table, TheDocumentNamesEveryKeyAndIsTheSameEachTime) {
  const std::string document = configuration_document();
  EXPECT_EQ(document, configuration_document());
  for (const KeySpec& spec : table()) {
    EXPECT_THAT(document, HasSubstr(fmt::format("\n| `{}` | ", name_of(spec.key)))) << spec.key;
    EXPECT_THAT(document, HasSubstr(fmt::format("\n## `{}`\n", section_of(spec.key)))) << spec.key;
  }
  EXPECT_THAT(document,
              HasSubstr("| `retry_period` | duration, 1ms or more | `5s` | Time between two attempts to acquire "
                        "or renew. |"));
  EXPECT_THAT(document, HasSubstr(" *Not active yet.* |"));
  EXPECT_THAT(document, HasSubstr("| `log_level` | `debug`, `info`, `warn`, `error` | `info` |"));
}

TEST(Suggest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("levle", "level"), 1U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

}  // namespace
}  // namespace ghstats::config
