#include <fmt/format.h>

#include <string>

#include "config/parts.h"
#include "config/validate.h"

namespace ghstats::config {
namespace {

void refuse(bool is_given, const char* name, const char* why, Findings& findings) {
  if (is_given) findings.report(fmt::format("store.{}", name), why);
}

void validate_sentinel(const Store& store, Findings& findings) {
  if (findings.are_sound({"store.redis_master_set"}) && store.redis_master_set.empty()) {
    findings.report("store.redis_master_set", "is missing; required by redis_mode: sentinel");
  }
  if (findings.are_sound({"store.redis_sentinel_addrs"}) && store.redis_sentinel_addrs.empty()) {
    findings.report("store.redis_sentinel_addrs", "is missing; required by redis_mode: sentinel");
  }
  refuse(!store.redis_addr.empty(), "redis_addr", "has no effect with redis_mode: sentinel; leave it out", findings);
}

void validate_standalone(const Store& store, Findings& findings) {
  constexpr const char* kWhy = "has no effect with redis_mode: standalone; allowed with redis_mode: sentinel";
  refuse(!store.redis_master_set.empty(), "redis_master_set", kWhy, findings);
  refuse(!store.redis_sentinel_addrs.empty(), "redis_sentinel_addrs", kWhy, findings);
  refuse(!store.redis_sentinel_password_file.empty(), "redis_sentinel_password_file", kWhy, findings);
  refuse(!store.redis_sentinel_password.empty() && store.redis_sentinel_password_file.empty(),
         "redis_sentinel_password", kWhy, findings);
  const bool has_sentinels = !store.redis_sentinel_addrs.empty();
  if (store.backend == StoreBackend::kRedis && store.redis_addr.empty() && !has_sentinels &&
      findings.are_sound({"store.backend", "store.redis_addr", "store.redis_sentinel_addrs"})) {
    findings.report("store.redis_addr", "is missing; required by backend: redis (or redis_mode: sentinel)");
  }
}

}  // namespace

void validate_store(const Config& config, Findings& findings) {
  const Store& store = config.store;
  if (!is_in_use("store.redis_mode", config, findings)) return;
  if (findings.are_sound({"store.redis_mode"})) {
    if (store.redis_mode == RedisMode::kSentinel) {
      validate_sentinel(store, findings);
    } else {
      validate_standalone(store, findings);
    }
  }
  for (const std::string name : {"redis_password", "redis_sentinel_password"}) {
    const std::string key = "store." + name;
    if (config.given_keys.contains(key) && config.given_keys.contains(key + "_file")) {
      findings.report(key + "_file", fmt::format("given beside {}; allowed is one of them", name));
    }
  }
  if (!store.redis_ca_file.empty() && !store.redis_tls && findings.are_sound({"store.redis_tls"})) {
    findings.report("store.redis_ca_file", "has no effect without TLS; allowed with redis_tls: true");
  }
}

}  // namespace ghstats::config
