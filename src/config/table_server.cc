#include "config/enum_names.h"
#include "config/table.h"

namespace ghstats::config {

std::vector<KeySpec> server_rows() {
  return {
      {.key = "server.listen_addr",
       .slot = [](const Target& t) -> Slot { return &t.config.server.listen_addr; },
       .description =
           "Address the HTTP server binds: `:8080` is every interface, `127.0.0.1:8080` or `[::1]:8080` one.",
       .example = "127.0.0.1:9090",
       .format = Format::kListen,
       .is_required = true},
      {.key = "server.log_level",
       .slot = [](const Target& t) { return enum_slot(t.config.server.log_level); },
       .description = "The least important log lines that are written.",
       .example = "debug"},
      {.key = "server.log_format",
       .slot = [](const Target& t) { return enum_slot(t.config.server.log_format); },
       .description = "One JSON object per line, or text for people.",
       .example = "text"},
      {.key = "server.telemetry_path",
       .slot = [](const Target& t) -> Slot { return &t.config.server.telemetry_path; },
       .description = "Path of the scrape page.",
       .example = "/custom/metrics",
       .format = Format::kMetricsPath,
       .is_required = true},
      {.key = "metrics.topology",
       .slot = [](const Target& t) { return enum_slot(t.config.metrics.topology); },
       .description = "One logical scrape target: any replica answers the same.",
       .example = "single_service_target"},
      {.key = "metrics.scrape_service_dns",
       .slot = [](const Target& t) -> Slot { return &t.config.metrics.scrape_service_dns; },
       .description =
           "Name under which Prometheus reaches the replicas; shown on the landing page and in the generated "
           "scrape configuration.",
       .example = "ghstats.monitoring.svc:8080",
       .format = Format::kHost},
      {.key = "leader_election.enabled",
       .slot = [](const Target& t) -> Slot { return &t.config.leader_election.enabled; },
       .description = "Elect one leader among the replicas. Off: `GITHUB_STATS_INITIAL_ROLE` (`leader`, `follower`) "
                      "decides.",
       .example = "true"},
      {.key = "leader_election.backend",
       .slot = [](const Target& t) { return enum_slot(t.config.leader_election.backend); },
       .description = "Who elects: a Kubernetes Lease, or the Redis of `store`.",
       .example = "redis"},
      {.key = "leader_election.namespace",
       .slot = [](const Target& t) -> Slot { return &t.config.leader_election.namespace_; },
       .description = "Namespace of the Lease; required when `kubernetes` elects.",
       .example = "monitoring",
       .format = Format::kKubernetes},
      {.key = "leader_election.lease_name",
       .slot = [](const Target& t) -> Slot { return &t.config.leader_election.lease_name; },
       .description = "Name of the Lease; required when `kubernetes` elects.",
       .example = "ghstats-leader",
       .format = Format::kKubernetes},
      {.key = "leader_election.lease_duration",
       .slot = [](const Target& t) -> Slot { return &t.config.leader_election.lease_duration; },
       .description = "How long others wait before they take over from a silent leader; longer than `renew_deadline`.",
       .example = "45s",
       .min = 1000},
      {.key = "leader_election.renew_deadline",
       .slot = [](const Target& t) -> Slot { return &t.config.leader_election.renew_deadline; },
       .description = "A leader that could not renew for this long steps down; longer than 1.2 x `retry_period`.",
       .example = "25s",
       .min = 1},
      {.key = "leader_election.retry_period",
       .slot = [](const Target& t) -> Slot { return &t.config.leader_election.retry_period; },
       .description = "Time between two attempts to acquire or renew.",
       .example = "4s",
       .min = 1},
  };
}

}  // namespace ghstats::config
