#include "config/parts.h"

#include <algorithm>
#include <array>

namespace ghstats::config {
namespace {

struct Part {
  std::string_view prefix;                   // of its keys; a key may belong to several
  std::array<std::string_view, 2> switches;  // keys that decide; one or two
  bool (*is_on)(const Config&);
};

bool is_given(const Config& config, std::string_view key) {
  return config.given_keys.contains(key);
}

// Before resolve_defaults() and after it.
bool uses_redis(const Config& config) {
  if (is_given(config, "store.backend")) return config.store.backend == StoreBackend::kRedis;
  return is_given(config, "store.redis_addr") || is_given(config, "store.redis_sentinel_addrs") ||
         config.store.redis_mode == RedisMode::kSentinel;
}

bool uses_amqp(const Config& config) {
  return config.backfill.enabled && (is_given(config, "amqp.url") || is_given(config, "amqp.url_file"));
}

constexpr std::array kParts = {
    Part{"leader_election.", {"leader_election.enabled"}, [](const Config& c) { return c.leader_election.enabled; }},
    Part{"loc.fallback_max_",
         {"loc.fallback_enabled", "loc.source"},
         [](const Config& c) { return c.loc.fallback_enabled || c.loc.source == LocSource::kCommitHistory; }},
    Part{"backfill.", {"backfill.enabled"}, [](const Config& c) { return c.backfill.enabled; }},
    Part{"amqp.", {"backfill.enabled"}, uses_amqp},
    Part{"store.redis_", {"store.backend", "store.redis_mode"}, uses_redis},
    Part{"copilot.", {"copilot.enabled"}, [](const Config& c) { return c.copilot.enabled; }},
    Part{"copilot.enterprise.",
         {"copilot.enterprise.enabled"},
         [](const Config& c) { return c.copilot.enterprise.enabled; }},
    Part{"telemetry.", {"telemetry.otel_enabled"}, [](const Config& c) { return c.telemetry.otel_enabled; }},
};

}  // namespace

bool is_in_use(std::string_view key, const Config& config, const Findings& findings) {
  return std::ranges::all_of(kParts, [&](const Part& part) {
    if (!key.starts_with(part.prefix) || part.is_on(config)) return true;
    return std::ranges::any_of(part.switches,
                               [&](std::string_view by) { return !by.empty() && !findings.are_sound({by}); });
  });
}

}  // namespace ghstats::config
