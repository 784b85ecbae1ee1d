#include "config/enum_names.h"
#include "config/table.h"

namespace ghstats::config {
namespace {

std::vector<KeySpec> job_rows() {
  return {
      {.key = "backfill.enabled",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.enabled; },
       .description = "Redo what a cycle missed. Off: misses are counted, nothing is queued or consumed.",
       .example = "false"},
      {.key = "backfill.max_message_age",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.max_message_age; },
       .description = "Older jobs are dropped and counted.",
       .example = "12h",
       .min = 1},
      {.key = "backfill.consumer_count",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.consumer_count; },
       .description = "Jobs one replica works on at a time.",
       .example = "4",
       .min = 1,
       .max = 64,
       .unit = "jobs"},
      {.key = "backfill.requeue_delays",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.requeue_delays; },
       .description = "Waits before the second, third, ... delivery of a failed job; the last one repeats.",
       .example = "[30s, 10m]",
       .min = 1,
       .is_required = true},
      {.key = "backfill.coalesce_window",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.coalesce_window; },
       .description = "Missed windows are widened to multiples of this, so that neighbours become one job.",
       .example = "30m",
       .min = 1000},
      {.key = "backfill.dedup_ttl",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.dedup_ttl; },
       .description = "For how long the same miss is queued only once, across all replicas.",
       .example = "6h",
       .min = 1},
      {.key = "backfill.max_enqueues_per_org_per_minute",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.max_enqueues_per_org_per_minute; },
       .description = "Jobs beyond this wait for the next cycle.",
       .example = "50",
       .min = 1,
       .unit = "jobs"},
      {.key = "backfill.max_attempts",
       .slot = [](const Target& t) -> Slot { return &t.config.backfill.max_attempts; },
       .description = "Deliveries of one job before it is dead-lettered.",
       .example = "7",
       .min = 1,
       .max = 100,
       .unit = "deliveries",
       .default_note = "`retry.max_attempts`"},
      {.key = "backfill.consume_on_leader",
       .slot = [](const Target& t) { return enum_slot(t.config.backfill.consume_on_leader); },
       .description = "`auto`: the leader works on jobs when the queue is its own memory.",
       .example = "always"},
  };
}

std::vector<KeySpec> amqp_rows() {
  return {
      {.key = "amqp.url",
       .slot = [](const Target& t) -> Slot { return &t.config.amqp.url; },
       .description = "RabbitMQ, `amqp://` or `amqps://`, with user and password (percent-encoded); several hosts, "
                      "separated by commas, "
                      "are tried in turn. Left out: the queue is in memory.",
       .example = "amqp://ghstats:guest@rabbitmq:5672/ghstats",
       .format = Format::kAmqpUrl},
      {.key = "amqp.url_file",
       .slot = [](const Target& t) -> Slot { return &t.config.amqp.url_file; },
       .description = "File that holds the URL, instead of `url`.",
       .example = "amqp-url.txt",
       .format = Format::kUrlFile},
      {.key = "amqp.exchange",
       .slot = [](const Target& t) -> Slot { return &t.config.amqp.exchange; },
       .description = "Durable direct exchange.",
       .example = "ghstats.jobs",
       .is_required = true},
      {.key = "amqp.queue",
       .slot = [](const Target& t) -> Slot { return &t.config.amqp.queue; },
       .description = "Main queue; the retry queues are called `<queue>.retry.<delay>`.",
       .example = "ghstats.work",
       .is_required = true},
      {.key = "amqp.dlq",
       .slot = [](const Target& t) -> Slot { return &t.config.amqp.dlq; },
       .description = "Queue for jobs that are given up; another one than `queue`.",
       .example = "ghstats.dead",
       .is_required = true},
      {.key = "amqp.queue_type",
       .slot = [](const Target& t) { return enum_slot(t.config.amqp.queue_type); },
       .description =
           "Of every queue that is declared. One that exists with another type is an error until it is deleted.",
       .example = "quorum"},
      {.key = "amqp.ca_file",
       .slot = [](const Target& t) -> Slot { return &t.config.amqp.ca_file; },
       .description = "PEM certificates trusted in addition to the system's; only with `amqps://`.",
       .example = "ca.pem",
       .format = Format::kCertificates},
  };
}

}  // namespace

std::vector<KeySpec> backfill_rows() {
  std::vector<KeySpec> rows = job_rows();
  for (KeySpec& row : amqp_rows()) rows.push_back(row);
  return rows;
}

}  // namespace ghstats::config
