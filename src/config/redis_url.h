// redis:// and rediss:// in store.redis_addr, as many programs take them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/findings.h"

namespace ghstats::config {

struct RedisUrl {
  std::string address;  // host:port
  std::string username = {};
  Secret password = {};
  std::optional<std::int64_t> db = {};
  bool tls = false;
};

// "redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DB]", user and password percent-encoded where they hold reserved
// characters; the port is 6379 unless given. nullopt for anything else.
std::optional<RedisUrl> parse_redis_url(std::string_view text);

// Replaces a URL in store.redis_addr by its host:port and hands out what else it says to the other redis_* keys.
// Reported: keys that say something else beside it.
void resolve_redis_url(Config& config, Findings& findings);

}  // namespace ghstats::config
