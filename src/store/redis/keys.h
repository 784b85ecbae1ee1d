// Where things are in Redis (docs/store.md).
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"

namespace ghstats::store {

// What every key of an environment begins with (store.redis_key_prefix). The number is that of the format: a version of
// this program that could not live with the old one has another.
inline std::string redis_prefix(std::string_view environment) {
  return std::string(environment) + ":1:";
}

struct RedisKeys {
  std::string prefix = redis_prefix("ghstats");

  [[nodiscard]] std::string meta() const { return prefix + "meta"; }
  [[nodiscard]] std::string names() const { return prefix + "names"; }
  [[nodiscard]] std::string repositories() const { return prefix + "repos"; }
  [[nodiscard]] std::string events(std::string_view repo) const { return prefix + "e:" + std::string(repo); }
  [[nodiscard]] std::string rows(std::string_view repo) const { return prefix + "rows:" + std::string(repo); }
  [[nodiscard]] std::string checkpoints() const { return prefix + "cp"; }
  [[nodiscard]] std::string coverage() const { return prefix + "cov"; }
  [[nodiscard]] std::string members(std::string_view org) const { return prefix + "cov:" + std::string(org); }
  [[nodiscard]] std::string slots() const { return prefix + "slots"; }
  [[nodiscard]] std::string values() const { return prefix + "values"; }
  [[nodiscard]] std::string loc() const { return prefix + "loc"; }
  [[nodiscard]] std::string totals(std::string_view instance) const { return prefix + "c:" + std::string(instance); }
  [[nodiscard]] std::string instances() const { return prefix + "replicas"; }
  [[nodiscard]] std::string folded() const { return prefix + "folded"; }
  [[nodiscard]] std::string claim(std::string_view key) const { return prefix + "claim:" + std::string(key); }
  [[nodiscard]] std::string allowance(std::string_view name, std::string_view period) const {
    return prefix + "allow:" + std::string(name) + ":" + std::string(period);
  }
  [[nodiscard]] std::string notice(std::string_view name) const { return prefix + "notice:" + std::string(name); }
  [[nodiscard]] std::string budget(std::string_view name) const { return prefix + "budget:" + std::string(name); }
  [[nodiscard]] std::string lease() const { return prefix + "lease"; }
  [[nodiscard]] std::string feed() const { return prefix + "feed"; }
  [[nodiscard]] std::string tick() const { return prefix + "tick"; }
};

}  // namespace ghstats::store
