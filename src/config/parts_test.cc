// What belongs to a part that is switched off: checked for type and unknown keys only.
#include "config/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/print.h"
#include "config/testing/config_fixture.h"

namespace ghstats::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kOneOrg;
using ::testing::SizeIs;

// Every section as operators of other exporters with these keys have it: one organisation, all else empty or off.
constexpr const char* kDropIn = R"(
server:
  listen_addr: ":8080"
  log_level: info
metrics:
  topology: single_service_target
  scrape_service_dns: ""
leader_election:
  enabled: false
  namespace: ""
  lease_name: ""
  lease_duration: 0s
  renew_deadline: 0s
  retry_period: 0s
github:
  api_base_url: https://api.github.com
  request_timeout: 20s
  unhealthy_failure_threshold: 6
  unhealthy_cooldown: 2m
  orgs:
    - org: acme
      app_id: 12345
      installation_id: 67890
      private_key_path: app.pem
      scrape_interval: 5m
      repo_allowlist: ["*"]
      repo_denylist: []
      include_forks: true
      per_org_concurrency: 4
rate_limit:
  min_remaining_threshold: 200
  min_reset_buffer: 10s
  secondary_limit_backoff: 60s
retry:
  max_attempts: 5
  initial_backoff: 2s
  max_backoff: 30s
  jitter: true
loc:
  source: stats_contributors
  refresh_interval: 24h
  fallback_enabled: false
  fallback_max_commits_per_repo_per_week: 0
  fallback_max_commit_detail_calls_per_org_per_hour: 0
  large_repo_zero_detection_windows: 2
  large_repo_cooldown: 7d
backfill:
  enabled: false
  max_message_age: 0s
  consumer_count: 0
  requeue_delays: []
  coalesce_window: 0
  dedup_ttl: ""
  max_enqueues_per_org_per_minute: 0
  max_attempts: 0
amqp:
  url: ""
  exchange: ""
  queue: ""
  dlq: ""
store:
  backend: memory
  redis_mode: ""
  redis_addr: ""
  redis_master_set: ""
  redis_sentinel_addrs: []
  redis_username: ""
  redis_password: ""
  redis_sentinel_password: ""
  redis_db: 0
  redis_tls: false
  redis_ca_file: ""
  retention: 30d
  metric_refresh_interval: 30s
  index_shards: 64
  export_cache_mode: incremental
  max_series_budget: 1000000
health:
  github_probe_interval: 30s
  github_recover_success_threshold: 3
copilot:
  enabled: false
  scrape_interval: 0s
  request_timeout: 0s
  download_timeout: ""
  include_org_28d: false
  include_org_users_28d: false
  include_enterprise_28d: false
  include_enterprise_users_28d: false
  include_breakdown_ide: false
  include_pull_request_activity: false
  user_label_mode: ""
  user_hash_key_file: ""
  emit_day_label: false
  max_records_per_report: 0
  max_users_per_report: 0
  refresh_if_report_unchanged: false
  report_hosts_allowlist: []
  enterprise:
    enabled: false
    slug: ""
    app_id: 0
    installation_id: 0
    private_key_path: ""
telemetry:
  otel_enabled: false
  otel_exporter_otlp_endpoint: ""
  otel_trace_mode: ""
  otel_trace_sample_ratio: 0
)";

class Parts : public testing::ConfigFixture {
 protected:
  std::vector<std::string> after_org(const std::string& more) { return problems(kOneOrg + more); }
};

TEST_F(Parts, AConfigurationOfAnotherExporterIsGoodAsItIs) {
  const Config config = loaded(kDropIn);
  EXPECT_EQ(config.store.backend, StoreBackend::kMemory);
  EXPECT_EQ(config.copilot.scrape_interval, Copilot{}.scrape_interval) << "not given";
  EXPECT_EQ(config.copilot.report_hosts_allowlist, Copilot{}.report_hosts_allowlist);
  EXPECT_EQ(config.backfill.requeue_delays, Backfill{}.requeue_delays);
  EXPECT_EQ(config.amqp.queue, Amqp{}.queue);
  EXPECT_FALSE(config.given_keys.contains("copilot.enterprise.app_id"));
  // What it means can be written down and read again.
  EXPECT_EQ(loaded(print_config(config)), config);
}

TEST_F(Parts, WithoutABackendEmptyAddressesMeanMemory) {
  EXPECT_EQ(loaded(kOneOrg + std::string("store: {redis_addr: '', redis_sentinel_addrs: [], redis_password: '', "
                                         "redis_db: 70000, redis_ca_file: gone.pem}\n"))
                .store.backend,
            StoreBackend::kMemory);
}

TEST_F(Parts, RangesFormatsPresenceAndFilesOfWhatIsOffAreNobodysConcern) {
  for (const char* more : {
           "leader_election: {lease_duration: 1s, renew_deadline: 20s, namespace: 'No Such'}",
           "backfill: {enabled: false, consumer_count: 0, requeue_delays: [0s]}",
           "backfill: {enabled: false}\namqp: {url: nonsense, queue: q, dlq: q}",
           "amqp: {ca_file: gone.pem, queue: q, dlq: q}",
           "store: {backend: memory, redis_addr: nowhere, redis_password_file: gone, redis_sentinel_addrs: [x]}",
           "store: {redis_password: '${NOT_SET}'}",
           "loc: {fallback_max_commits_per_repo_per_week: 0}",
           "copilot: {scrape_interval: 0s, user_label_mode: hashed, user_hash_key_file: gone}",
           "copilot: {enterprise: {enabled: true, app_id: 0, private_key_path: gone.pem}}",
           "copilot: {enabled: true, enterprise: {slug: 'a b', app_id: 0, installation_id: -1}}",
           "telemetry: {otel_exporter_otlp_endpoint: nowhere, otel_trace_sample_ratio: 7}",
           "leader_election: {namespace:, lease_duration:}",
       }) {
    EXPECT_THAT(after_org(std::string(more) + "\n"), IsEmpty()) << more;
  }
}

TEST_F(Parts, TypesAndUnknownKeysOfWhatIsOffAre) {
  for (const char* more : {
           "leader_election: {lease_duration: soon}",
           "leader_election: {backend: etcd}",
           "backfill: {enabled: false, consumer_count: many}",
           "backfill: {enabled: false, requeue_delays: 1m}",
           "amqp: {url: [a]}",
           "store: {backend: memory, redis_db: one}",
           "store: {backend: memory, redis_tls: 1}",
           "store: {backend: memory, redis_adr: 'r:1'}",
           "copilot: {enterprise: {app_id: '1'}}",
           "copilot: {enterprise: 3}",
           "copilot: {user_label_mode: name}",
           "telemetry: {otel_trace_sample_ratio: half}",
       }) {
    EXPECT_THAT(after_org(std::string(more) + "\n"), SizeIs(1)) << more;
  }
}

TEST_F(Parts, TheSameIsAnErrorWhereThePartIsOn) {
  for (const char* more : {
           "leader_election: {enabled: true, namespace: n, lease_name: l, lease_duration: 0s}",
           "backfill: {consumer_count: 0}",
           "backfill: {requeue_delays: []}",
           "amqp: {url: nonsense}",
           "amqp: {url: 'amqp://h', queue: ''}",
           "store: {redis_addr: nowhere}",
           "store: {redis_addr: '${NOT_SET}'}",
           "store: {redis_addr: 'r:1', redis_db: 70000}",
           "store: {redis_sentinel_addrs: [x]}",
           "store: {backend: redis, redis_addr: ''}",
           "loc: {source: commit_history, fallback_max_commits_per_repo_per_week: 0}",
           "copilot: {enabled: true, scrape_interval: 0s}",
           "copilot: {enabled: true, user_label_mode: ''}",
           "telemetry: {otel_enabled: true, otel_exporter_otlp_endpoint: nowhere}",
       }) {
    EXPECT_THAT(after_org(std::string(more) + "\n"), ::testing::Not(IsEmpty())) << more;
  }
}

// It cannot be told whether the part is on: the rest of it is looked at, too.
TEST_F(Parts, AWrongSwitchHidesNothing) {
  EXPECT_THAT(after_org("copilot: {enabled: perhaps, scrape_interval: 0s}\n"),
              ElementsAre(HasSubstr("copilot.enabled: "), HasSubstr("copilot.scrape_interval: ")));
  EXPECT_THAT(after_org("store: {backend: postgres, redis_addr: nowhere}\n"),
              ElementsAre(HasSubstr("store.backend: "), HasSubstr("store.redis_addr: ")));
}

}  // namespace
}  // namespace ghstats::config
