// What the store's user must be allowed to do, found out before anybody relies on it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "async/task.h"
#include "redis/connection.h"
#include "store/redis/keys.h"

namespace ghstats::store {

// Who uses a command.
enum class RightsUse : std::uint8_t { kStore, kFunctions, kSentinel };

struct Right {
  std::string_view rule;  // as ACL SETUSER takes it, behind a '+': "hget", "function|load"
  RightsUse use = RightsUse::kStore;
  bool is_needed = true;  // false: without it the store works, but not as well
};

// Every command that the store and its functions use. docs/store.md names the same.
std::span<const Right> redis_rights();

// "+fcall +function|load ...", of those with this use.
std::string rights_line(RightsUse use);

// For redis::ClientOptions::on_connect: tries everything that is needed, on a key of its own in a way that changes
// nothing that lasts. kPermissionDenied with all that is missing, as rules an operator can add; other refusals are no
// matter of rights and none of its business.
std::function<async::Task<Status>(redis::Connection&)> require_rights(RedisKeys keys);

}  // namespace ghstats::store
