// The effective configuration: one member per key, named like the key. The initialisers below are THE defaults: the
// table (table.h), print-config and docs/configuration.md read them from here. Empty strings and 0 ids mean "not
// given". A plain value: copy it, compare it, read it from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/duration.h"
#include "config/secret.h"
#include "kinds/activity_kinds.h"
#include "kinds/collection_mode.h"
#include "kinds/loc_source.h"

namespace ghstats::config {

enum class LogLevel { kDebug, kInfo, kWarn, kError };  // same order as log::Level
enum class LogFormat { kJson, kText };                 // same order as log::Format
enum class Topology { kSingleServiceTarget };
enum class ElectionBackend { kKubernetes, kRedis };
using kinds::CollectionMode;
using kinds::LocSource;
enum class BotPolicy { kInclude, kExclude };
enum class ConsumeOnLeader { kAuto, kAlways, kNever };
enum class StoreBackend { kMemory, kRedis };
enum class QueueType { kClassic, kQuorum };
enum class RedisMode { kStandalone, kSentinel };
enum class ExportCacheMode { kIncremental, kFull };
enum class Readiness { kServe, kStrict };
enum class UserLabelMode { kLogin, kId, kHashed, kNone };
enum class TraceMode { kOff, kErrors, kSampled, kDetailed };

struct Server {
  std::string listen_addr = ":8080";  // host:port, :port or [ipv6]:port
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kJson;
  std::string telemetry_path = "/metrics";
  friend bool operator==(const Server&, const Server&) = default;
};

struct Metrics {
  Topology topology = Topology::kSingleServiceTarget;
  std::string scrape_service_dns;
  friend bool operator==(const Metrics&, const Metrics&) = default;
};

struct LeaderElection {
  bool enabled = false;
  ElectionBackend backend = ElectionBackend::kKubernetes;
  std::string namespace_;  // NOLINT(readability-identifier-naming): the key is a keyword
  std::string lease_name;
  Duration lease_duration = std::chrono::seconds{30};
  Duration renew_deadline = std::chrono::seconds{20};
  Duration retry_period = std::chrono::seconds{5};
  friend bool operator==(const LeaderElection&, const LeaderElection&) = default;
};

// Exactly one of: a GitHub App (app_id + private_key_path), token_file, token_env.
struct Org {
  std::string org;  // as the operator spelled it
  std::int64_t app_id = 0;
  std::int64_t installation_id = 0;  // 0: discover it from the org
  std::string private_key_path;      // PKCS#1 or PKCS#8 PEM, readable and unencrypted when the configuration was loaded
  std::string token_file;
  std::string token_env;
  Duration scrape_interval = std::chrono::minutes{5};
  std::vector<std::string> repo_allowlist = {"*"};  // exact names or globs
  std::vector<std::string> repo_denylist;
  bool include_forks = true;
  std::int64_t per_org_concurrency = 4;

  // What token_file or token_env held when the configuration was loaded, without the trailing newline; empty with an
  // App. Not a key. Token files may be rotated: read them again when GitHub refuses this one.
  Secret token;

  [[nodiscard]] bool uses_app() const { return app_id != 0; }
  friend bool operator==(const Org&, const Org&) = default;
};

struct Github {
  std::string api_base_url = "https://api.github.com";  // without a trailing slash
  Duration request_timeout = std::chrono::seconds{20};
  CollectionMode collection = CollectionMode::kAuto;
  Duration reconcile_interval = std::chrono::minutes{15};
  std::int64_t unhealthy_failure_threshold = 6;
  Duration unhealthy_cooldown = std::chrono::minutes{2};
  std::string ca_file;
  CredentialUrl proxy;  // empty: the environment's proxies
  std::vector<Org> orgs;
  friend bool operator==(const Github&, const Github&) = default;
};

struct RateLimit {
  std::int64_t min_remaining_threshold = 200;
  Duration min_reset_buffer = std::chrono::seconds{10};
  Duration secondary_limit_backoff = std::chrono::seconds{60};
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct Retry {
  std::int64_t max_attempts = 5;  // the first one included
  Duration initial_backoff = std::chrono::seconds{2};
  Duration max_backoff = std::chrono::seconds{30};
  bool jitter = true;
  friend bool operator==(const Retry&, const Retry&) = default;
};

struct Loc {
  LocSource source = LocSource::kStatsContributors;
  Duration refresh_interval = std::chrono::hours{24};
  bool fallback_enabled = false;
  std::int64_t fallback_max_commits_per_repo_per_week = 500;
  std::int64_t fallback_max_commit_detail_calls_per_org_per_hour = 1000;
  std::int64_t large_repo_zero_detection_windows = 2;
  Duration large_repo_cooldown = std::chrono::days{7};
  friend bool operator==(const Loc&, const Loc&) = default;
};

struct Activity {
  bool self_reviews = false;
  BotPolicy bots = BotPolicy::kInclude;
  kinds::FamilySwitches families = kinds::kDefaultFamilies;  // those without a key are always on
  friend bool operator==(const Activity&, const Activity&) = default;
};

struct Backfill {
  bool enabled = true;
  Duration max_message_age = std::chrono::hours{24};
  std::int64_t consumer_count = 2;
  std::vector<Duration> requeue_delays = {std::chrono::minutes{1}, std::chrono::minutes{5}, std::chrono::minutes{30},
                                          std::chrono::hours{2}};
  Duration coalesce_window = std::chrono::minutes{15};
  Duration dedup_ttl = std::chrono::hours{12};
  std::int64_t max_enqueues_per_org_per_minute = 100;
  std::int64_t max_attempts = 5;  // left out: retry.max_attempts
  ConsumeOnLeader consume_on_leader = ConsumeOnLeader::kAuto;
  friend bool operator==(const Backfill&, const Backfill&) = default;
};

struct Amqp {
  CredentialUrl url;  // also what url_file held; empty: the in-memory queue
  std::string url_file;
  std::string exchange = "gh.backfill";
  std::string queue = "gh.backfill.jobs";
  std::string dlq = "gh.backfill.dlq";
  QueueType queue_type = QueueType::kClassic;
  std::string ca_file;
  friend bool operator==(const Amqp&, const Amqp&) = default;
};

struct Store {
  StoreBackend backend = StoreBackend::kMemory;  // left out: kRedis when an address or sentinels are given
  RedisMode redis_mode = RedisMode::kStandalone;
  std::string redis_addr;  // host:port
  std::string redis_master_set;
  std::vector<std::string> redis_sentinel_addrs;  // host:port
  std::string redis_username;
  Secret redis_password;  // also what redis_password_file held
  std::string redis_password_file;
  Secret redis_sentinel_password;  // also what redis_sentinel_password_file held
  std::string redis_sentinel_password_file;
  std::int64_t redis_db = 0;
  std::string redis_key_prefix = "ghstats";
  bool redis_tls = false;
  std::string redis_ca_file;
  Duration retention = std::chrono::days{30};
  Duration metric_refresh_interval = std::chrono::seconds{30};
  std::int64_t index_shards = 64;
  ExportCacheMode export_cache_mode = ExportCacheMode::kIncremental;
  std::int64_t max_series_budget = 1'000'000;
  Duration zero_linger = std::chrono::hours{1};
  friend bool operator==(const Store&, const Store&) = default;
};

struct Health {
  Duration github_probe_interval = std::chrono::seconds{30};
  std::int64_t github_recover_success_threshold = 3;
  Readiness readiness = Readiness::kServe;
  friend bool operator==(const Health&, const Health&) = default;
};

struct CopilotEnterprise {
  bool enabled = false;
  std::string slug;
  std::int64_t app_id = 0;
  std::int64_t installation_id = 0;  // 0: discover it from the enterprise
  std::string private_key_path;
  friend bool operator==(const CopilotEnterprise&, const CopilotEnterprise&) = default;
};

struct Copilot {
  bool enabled = false;
  Duration scrape_interval = std::chrono::hours{6};
  Duration request_timeout = std::chrono::seconds{30};
  Duration download_timeout = std::chrono::seconds{90};
  bool include_org_28d = true;
  bool include_org_users_28d = false;
  bool include_enterprise_28d = false;        // false whenever enterprise.enabled is
  bool include_enterprise_users_28d = false;  // likewise
  bool include_breakdown_ide = false;
  bool include_breakdown_feature = false;
  bool include_breakdown_language = false;
  bool include_breakdown_model = false;
  bool include_pull_request_activity = true;
  UserLabelMode user_label_mode = UserLabelMode::kLogin;
  std::string user_hash_key_file;
  Secret user_hash_key;  // what user_hash_key_file held, without the trailing newline; not a key
  bool emit_day_label = false;
  std::int64_t max_records_per_report = 0;  // 0: unlimited
  std::int64_t max_users_per_report = 0;    // 0: unlimited
  bool refresh_if_report_unchanged = false;
  std::vector<std::string> report_hosts_allowlist = {"copilot-reports.github.com", "copilot-reports.*.ghe.com",
                                                     "*.azurefd.net", "*.blob.core.windows.net"};
  CopilotEnterprise enterprise;
  friend bool operator==(const Copilot&, const Copilot&) = default;
};

struct Telemetry {
  bool otel_enabled = false;
  std::string otel_exporter_otlp_endpoint;
  TraceMode otel_trace_mode = TraceMode::kOff;
  double otel_trace_sample_ratio = 0.05;
  friend bool operator==(const Telemetry&, const Telemetry&) = default;
};

struct Config {
  Server server;
  Metrics metrics;
  LeaderElection leader_election;
  Github github;
  RateLimit rate_limit;
  Retry retry;
  Loc loc;
  Activity activity;
  Backfill backfill;
  Amqp amqp;
  Store store;
  Health health;
  Copilot copilot;
  Telemetry telemetry;

  // Keys the operator wrote, in the table's spelling ("github.orgs[].app_id"). Not part of equality.
  std::set<std::string, std::less<>> given_keys;

  // Same effective values.
  friend bool operator==(const Config& a, const Config& b);
};

}  // namespace ghstats::config
