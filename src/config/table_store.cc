#include "config/enum_names.h"
#include "config/table.h"

namespace ghstats::config {
namespace {

std::vector<KeySpec> redis_rows() {
  return {
      {.key = "store.redis_mode",
       .slot = [](const Target& t) { return enum_slot(t.config.store.redis_mode); },
       .description = "One server, or the master that Sentinel names.",
       .example = "sentinel"},
      {.key = "store.redis_addr",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_addr; },
       .description =
           "`host:port` of the server; only with `standalone`. Also `redis://[USER:PASSWORD@]HOST[:PORT][/DB]` "
           "(`rediss://`: with TLS); what the URL says is left out below.",
       .example = "redis:6379",
       .format = Format::kRedisAddress},
      {.key = "store.redis_master_set",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_master_set; },
       .description = "Name of the master set; only with `sentinel`.",
       .example = "mymaster"},
      {.key = "store.redis_sentinel_addrs",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_sentinel_addrs; },
       .description = "`host:port` of each Sentinel; only with `sentinel`.",
       .example = "[\"sentinel-0:26379\", \"sentinel-1:26379\"]",
       .format = Format::kHostPort},
      {.key = "store.redis_username",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_username; },
       .description = "ACL user.",
       .example = "ghstats"},
      {.key = "store.redis_password",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_password; },
       .description = "Password of the user.",
       .example = "correct-horse"},
      {.key = "store.redis_password_file",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_password_file; },
       .description = "File that holds it, instead of `redis_password`.",
       .example = "secret.txt",
       .format = Format::kSecretFile},
      {.key = "store.redis_sentinel_password",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_sentinel_password; },
       .description = "Password of the Sentinels; only with `sentinel`.",
       .example = "battery-staple"},
      {.key = "store.redis_sentinel_password_file",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_sentinel_password_file; },
       .description = "File that holds it, instead of `redis_sentinel_password`.",
       .example = "secret.txt",
       .format = Format::kSecretFile},
      {.key = "store.redis_db",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_db; },
       .description = "Number of the database.",
       .example = "3",
       .max = 65'535},
      {.key = "store.redis_key_prefix",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_key_prefix; },
       .description = "Begins every key, so that several environments can share a server; each needs its own.",
       .example = "ghstats-staging",
       .format = Format::kKeyPrefix},
      {.key = "store.redis_tls",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_tls; },
       .description = "Connect with TLS.",
       .example = "true"},
      {.key = "store.redis_ca_file",
       .slot = [](const Target& t) -> Slot { return &t.config.store.redis_ca_file; },
       .description =
           "PEM certificates of the authorities trusted instead of the system's; only with `redis_tls: true`.",
       .example = "ca.pem",
       .format = Format::kCertificates},
  };
}

std::vector<KeySpec> series_rows() {
  return {
      {.key = "store.retention",
       .slot = [](const Target& t) -> Slot { return &t.config.store.retention; },
       .description = "Series and checkpoints that were not renewed for this long are removed.",
       .example = "60d",
       .min = 1},
      {.key = "store.metric_refresh_interval",
       .slot = [](const Target& t) -> Slot { return &t.config.store.metric_refresh_interval; },
       .description = "Upper bound on how stale a replica's view may be; changes normally arrive within seconds.",
       .example = "10s",
       .min = 1},
      {.key = "store.index_shards",
       .slot = [](const Target& t) -> Slot { return &t.config.store.index_shards; },
       .description = "Into how many parts the shared index is split.",
       .example = "128",
       .min = 1,
       .max = 4096,
       .unit = "shards",
       .is_active = false},
      {.key = "store.export_cache_mode",
       .slot = [](const Target& t) { return enum_slot(t.config.store.export_cache_mode); },
       .description = "Whether a replica's view follows changes or is loaded whole each time.",
       .example = "full",
       .is_active = false},
      {.key = "store.max_series_budget",
       .slot = [](const Target& t) -> Slot { return &t.config.store.max_series_budget; },
       .description = "Beyond this, new series are refused and counted; existing ones are always updated.",
       .example = "50000",
       .min = 1,
       .unit = "series"},
      {.key = "store.zero_linger",
       .slot = [](const Target& t) -> Slot { return &t.config.store.zero_linger; },
       .description = "How long a gauge that fell to 0 is still exported.",
       .example = "2h"},
  };
}

std::vector<KeySpec> health_rows() {
  return {
      {.key = "health.github_probe_interval",
       .slot = [](const Target& t) -> Slot { return &t.config.health.github_probe_interval; },
       .description = "Time between two probes of GitHub.",
       .example = "1m",
       .min = 1},
      {.key = "health.github_recover_success_threshold",
       .slot = [](const Target& t) -> Slot { return &t.config.health.github_recover_success_threshold; },
       .description = "Successful cycles after a pause until GitHub counts as healthy again.",
       .example = "5",
       .min = 1,
       .unit = "cycles"},
      {.key = "health.readiness",
       .slot = [](const Target& t) { return enum_slot(t.config.health.readiness); },
       .description = "`serve`: ready when this replica can answer with real data. `strict`: also its role's "
                      "dependencies must be up.",
       .example = "strict"},
  };
}

}  // namespace

std::vector<KeySpec> store_rows() {
  std::vector<KeySpec> rows = {
      {.key = "store.backend",
       .slot = [](const Target& t) { return enum_slot(t.config.store.backend); },
       .description = "Where series live: in this process, or shared by replicas in Redis.",
       .example = "memory",
       .default_note = "`redis` when an address or sentinels are given, else `memory`"},
  };
  for (auto* const part : {redis_rows, series_rows, health_rows}) {
    for (KeySpec& row : part()) rows.push_back(row);
  }
  return rows;
}

}  // namespace ghstats::config
