#include "config/validate.h"

#include <fmt/format.h>

#include "base/folded.h"
#include "config/parts.h"

namespace ghstats::config {
namespace {

std::string text(Duration d) {
  return format_duration(d);
}

void validate_leader_election(const Config& config, Findings& findings) {
  const LeaderElection& election = config.leader_election;
  if (!is_in_use("leader_election.backend", config, findings)) return;
  if (findings.are_sound({"leader_election.lease_duration", "leader_election.renew_deadline"}) &&
      election.lease_duration <= election.renew_deadline) {
    findings.report("leader_election.lease_duration",
                    fmt::format("{} is not longer than renew_deadline ({}); allowed is lease_duration > renew_deadline",
                                text(election.lease_duration), text(election.renew_deadline)));
  }
  if (findings.are_sound({"leader_election.renew_deadline", "leader_election.retry_period"}) &&
      election.renew_deadline * 10 <= election.retry_period * 12) {
    findings.report("leader_election.renew_deadline",
                    fmt::format("{} is not longer than 1.2 x retry_period ({}); allowed is renew_deadline > 1.2 x "
                                "retry_period",
                                text(election.renew_deadline), text(election.retry_period)));
  }
  if (!findings.are_sound({"leader_election.enabled", "leader_election.backend"})) return;
  if (election.backend == ElectionBackend::kRedis) {
    if (config.store.backend != StoreBackend::kRedis && findings.are_sound({"store.backend", "store.redis_addr"})) {
      findings.report("leader_election.backend",
                      "redis elects on the store's Redis; allowed with store.backend: redis");
    }
    return;
  }
  for (const auto& [name, value] :
       {std::pair{"namespace", &election.namespace_}, {"lease_name", &election.lease_name}}) {
    const std::string path = fmt::format("leader_election.{}", name);
    if (value->empty() && findings.are_sound({path})) {
      findings.report(path, "is missing; required when kubernetes elects");
    }
  }
}

void validate_retry(const Config& config, Findings& findings) {
  if (findings.are_sound({"retry.initial_backoff", "retry.max_backoff"}) &&
      config.retry.initial_backoff > config.retry.max_backoff) {
    findings.report("retry.initial_backoff",
                    fmt::format("{} is longer than max_backoff ({}); allowed is initial_backoff <= max_backoff",
                                text(config.retry.initial_backoff), text(config.retry.max_backoff)));
  }
}

void validate_amqp(const Config& config, Findings& findings) {
  const Amqp& amqp = config.amqp;
  if (!is_in_use("amqp.url", config, findings)) return;
  if (findings.is_written("amqp.url") && config.given_keys.contains("amqp.url") && !amqp.url_file.empty()) {
    findings.report("amqp.url_file", "given beside url; allowed is one of them");
  }
  if (findings.are_sound({"amqp.queue", "amqp.dlq"}) && amqp.queue == amqp.dlq) {
    findings.report("amqp.dlq", "is the same queue as queue; allowed is another one");
  }
  if (!amqp.ca_file.empty() && amqp.url.reveal().starts_with("amqp://")) {
    findings.report("amqp.ca_file", "has no effect on amqp://; allowed with amqps://");
  }
}

void require(const std::string& path, bool is_given, std::string_view why, Findings& findings) {
  if (!is_given && findings.are_sound({path})) findings.report(path, fmt::format("is missing; required {}", why));
}

void validate_copilot(const Config& config, Findings& findings) {
  const Copilot& copilot = config.copilot;
  if (!is_in_use("copilot.enabled", config, findings)) return;
  if (copilot.user_label_mode == UserLabelMode::kHashed) {
    require("copilot.user_hash_key_file", !copilot.user_hash_key_file.empty(), "by user_label_mode: hashed", findings);
  }
  if (!copilot.enterprise.enabled) return;
  constexpr std::string_view kWhy = "by enterprise.enabled: true";
  require("copilot.enterprise.slug", !copilot.enterprise.slug.empty(), kWhy, findings);
  require("copilot.enterprise.app_id", copilot.enterprise.app_id != 0, kWhy, findings);
  require("copilot.enterprise.private_key_path", !copilot.enterprise.private_key_path.empty(), kWhy, findings);
  if (!copilot.include_org_users_28d || !copilot.include_enterprise_users_28d) return;
  for (const Org& org : config.github.orgs) {
    if (org.org.empty() || folded(org.org) != folded(copilot.enterprise.slug)) continue;
    findings.report("copilot.enterprise.slug",
                    "is the name of an organisation, too, and the users of both would have the same labels; allowed is "
                    "one of include_org_users_28d and include_enterprise_users_28d");
  }
}

void validate_telemetry(const Config& config, Findings& findings) {
  if (!config.telemetry.otel_enabled) return;
  require("telemetry.otel_exporter_otlp_endpoint", !config.telemetry.otel_exporter_otlp_endpoint.empty(),
          "by otel_enabled: true", findings);
}

}  // namespace

void validate(const Config& config, Findings& findings) {
  validate_leader_election(config, findings);
  validate_orgs(config, findings);
  validate_retry(config, findings);
  validate_amqp(config, findings);
  validate_store(config, findings);
  validate_copilot(config, findings);
  validate_telemetry(config, findings);
}

}  // namespace ghstats::config
