#include "config/enum_names.h"
#include "config/table.h"

namespace ghstats::config {
namespace {

std::vector<KeySpec> report_rows() {
  return {
      {.key = "copilot.enabled",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.enabled; },
       .description = "Collect Copilot usage reports.",
       .example = "true"},
      {.key = "copilot.scrape_interval",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.scrape_interval; },
       .description = "Time between two collections of the 28-day reports.",
       .example = "12h",
       .min = 1},
      {.key = "copilot.request_timeout",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.request_timeout; },
       .description = "Longest duration of one request for a report's links.",
       .example = "45s",
       .min = 1},
      {.key = "copilot.download_timeout",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.download_timeout; },
       .description = "Longest duration of the download of a report, all its files and attempts together.",
       .example = "2m",
       .min = 1},
      {.key = "copilot.include_org_28d",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_org_28d; },
       .description = "Collect the organisations' reports.",
       .example = "false"},
      {.key = "copilot.include_org_users_28d",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_org_users_28d; },
       .description = "Collect the organisations' reports per user.",
       .example = "true"},
      {.key = "copilot.include_enterprise_28d",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_enterprise_28d; },
       .description = "Collect the enterprise's report; false whenever `enterprise.enabled` is.",
       .example = "true"},
      {.key = "copilot.include_enterprise_users_28d",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_enterprise_users_28d; },
       .description = "Collect the enterprise's report per user; false whenever `enterprise.enabled` is.",
       .example = "true"},
  };
}

std::vector<KeySpec> label_rows() {
  return {
      {.key = "copilot.include_breakdown_ide",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_breakdown_ide; },
       .description = "Add the label `ide`.",
       .example = "true"},
      {.key = "copilot.include_breakdown_feature",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_breakdown_feature; },
       .description = "Add the label `feature`.",
       .example = "true"},
      {.key = "copilot.include_breakdown_language",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_breakdown_language; },
       .description = "Add the label `language`.",
       .example = "true"},
      {.key = "copilot.include_breakdown_model",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_breakdown_model; },
       .description = "Add the label `model`.",
       .example = "true"},
      {.key = "copilot.include_pull_request_activity",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.include_pull_request_activity; },
       .description = "Export the `pull_requests_*` gauges.",
       .example = "false"},
      {.key = "copilot.user_label_mode",
       .slot = [](const Target& t) { return enum_slot(t.config.copilot.user_label_mode); },
       .description = "What the label `user` holds; `hashed` is a keyed HMAC of the login.",
       .example = "id"},
      {.key = "copilot.user_hash_key_file",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.user_hash_key_file; },
       .description = "File with the HMAC key, at least 16 bytes; required by `user_label_mode: hashed`.",
       .example = "hash-key.txt",
       .format = Format::kHashKeyFile},
      {.key = "copilot.emit_day_label",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.emit_day_label; },
       .description = "Add the label `day`.",
       .example = "true"},
  };
}

std::vector<KeySpec> limit_rows() {
  return {
      {.key = "copilot.max_records_per_report",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.max_records_per_report; },
       .description = "Records read of one report; 0 is unlimited.",
       .example = "1000",
       .unit = "records"},
      {.key = "copilot.max_users_per_report",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.max_users_per_report; },
       .description = "Users read of one report; 0 is unlimited.",
       .example = "500",
       .unit = "users"},
      {.key = "copilot.refresh_if_report_unchanged",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.refresh_if_report_unchanged; },
       .description = "Read a report again although GitHub says it is the one already read.",
       .example = "true"},
      {.key = "copilot.report_hosts_allowlist",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.report_hosts_allowlist; },
       .description =
           "Hosts that reports may be downloaded from, with https on port 443. `*` stands for a label or a part "
           "of one, `*.` in front for one or more labels.",
       .example = "[\"reports.example.com\"]",
       .format = Format::kHostPattern,
       .is_required = true},
  };
}

std::vector<KeySpec> enterprise_rows() {
  return {
      {.key = "copilot.enterprise.enabled",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.enterprise.enabled; },
       .description = "Collect an enterprise's reports; needs `slug`, `app_id` and `private_key_path`.",
       .example = "true"},
      {.key = "copilot.enterprise.slug",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.enterprise.slug; },
       .description = "The enterprise's slug; also its label `org`.",
       .example = "acme-inc",
       .format = Format::kLogin},
      {.key = "copilot.enterprise.app_id",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.enterprise.app_id; },
       .description = "Id of the GitHub App installed on the enterprise.",
       .example = "23456",
       .min = 1},
      {.key = "copilot.enterprise.installation_id",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.enterprise.installation_id; },
       .description = "Id of its installation. Left out: discovered.",
       .example = "78901",
       .min = 1},
      {.key = "copilot.enterprise.private_key_path",
       .slot = [](const Target& t) -> Slot { return &t.config.copilot.enterprise.private_key_path; },
       .description = "The App's private key, as for an organisation.",
       .example = "app.pem",
       .format = Format::kPrivateKey},
  };
}

}  // namespace

std::vector<KeySpec> copilot_rows() {
  std::vector<KeySpec> rows;
  for (auto* const part : {report_rows, label_rows, limit_rows, enterprise_rows}) {
    for (KeySpec& row : part()) rows.push_back(row);
  }
  return rows;
}

std::vector<KeySpec> telemetry_rows() {
  return {
      {.key = "telemetry.otel_enabled",
       .slot = [](const Target& t) -> Slot { return &t.config.telemetry.otel_enabled; },
       .description = "Send traces.",
       .example = "true",
       .is_active = false},
      {.key = "telemetry.otel_exporter_otlp_endpoint",
       .slot = [](const Target& t) -> Slot { return &t.config.telemetry.otel_exporter_otlp_endpoint; },
       .description = "OTLP/HTTP collector; required when traces are sent.",
       .example = "http://collector:4318",
       .format = Format::kHttpUrl,
       .is_active = false},
      {.key = "telemetry.otel_trace_mode",
       .slot = [](const Target& t) { return enum_slot(t.config.telemetry.otel_trace_mode); },
       .description = "Which traces.",
       .example = "errors",
       .is_active = false},
      {.key = "telemetry.otel_trace_sample_ratio",
       .slot = [](const Target& t) -> Slot { return &t.config.telemetry.otel_trace_sample_ratio; },
       .description = "Part of the traces that `sampled` sends.",
       .example = "0.25",
       .max = 1,
       .is_active = false},
  };
}

}  // namespace ghstats::config
