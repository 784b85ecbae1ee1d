#include "store/redis/rights.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace ghstats::store {

using async::Task;
using redis::Command;
using redis::Reply;

namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 5s;

// In the order in which docs/store.md names them.
constexpr std::array kRights = {
    Right{"fcall"},
    Right{"function|load"},
    Right{"hget"},
    Right{"hmget"},
    Right{"hlen"},
    Right{"hkeys"},
    Right{"hgetall"},
    Right{"hscan"},
    Right{"smembers"},
    Right{"del"},
    Right{"xrange"},
    Right{"xread"},
    Right{.rule = "info", .is_needed = false},
    Right{.rule = "time", .is_needed = false},
    Right{"ping"},
    Right{.rule = "select", .is_needed = false},  // where store.redis_db is not 0, connecting fails without
    Right{"hset", RightsUse::kFunctions},
    Right{"hsetnx", RightsUse::kFunctions},
    Right{"hdel", RightsUse::kFunctions},
    Right{"hexists", RightsUse::kFunctions},
    Right{"sadd", RightsUse::kFunctions},
    Right{"srem", RightsUse::kFunctions},
    Right{"exists", RightsUse::kFunctions},
    Right{"get", RightsUse::kFunctions},
    Right{"set", RightsUse::kFunctions},
    Right{"xadd", RightsUse::kFunctions},
    Right{
        .rule = "role", .use = RightsUse::kSentinel, .is_needed = false},  // the resolver asks for it, where it is used
};

// A server looks at rights before it looks at anything else but the number of arguments. The one key that comes into
// being is deleted by the last probe.
Command probe_of(std::string_view rule, const std::string& key) {
  if (rule == "fcall") return Command("FCALL", "ghstats_no_such_function", 1, key);
  if (rule == "function|load") return Command("FUNCTION", "LOAD", "no library");
  if (rule == "hget" || rule == "hmget" || rule == "hdel" || rule == "hexists") return Command(rule, key, "probe");
  if (rule == "hscan") return Command(rule, key, 0);
  if (rule == "hset" || rule == "hsetnx") return Command(rule, key, "probe", 1);
  if (rule == "sadd" || rule == "srem") return Command(rule, key, "probe");
  if (rule == "set") return Command(rule, key, 1, "XX", "PX", 1);
  if (rule == "xadd") return Command(rule, key, "NOMKSTREAM", "*", "probe", 1);
  if (rule == "xrange") return Command(rule, key, "-", "+", "COUNT", 1);
  if (rule == "xread") return Command(rule, "COUNT", 1, "STREAMS", key, 0);
  if (rule == "ping") return Command(rule);
  return Command(rule, key);
}

// What stands in the way of this one, as a rule; empty: no right does.
std::string missing_rule(const Reply& reply, std::string_view rule, const RedisKeys& keys) {
  if (reply.error() == nullptr || reply.error()->prefix() != "NOPERM") return {};
  // "... to access one of the keys used as arguments", in some versions "a key"
  const bool is_about_keys = reply.error()->text.find(" key") != std::string::npos;
  return is_about_keys ? fmt::format("~{}*", keys.prefix) : fmt::format("+{}", rule);
}

Task<Status> try_rights(redis::Connection& connection, RedisKeys keys) {
  const std::string key = keys.prefix + "probe";
  std::vector<std::string_view> rules;
  std::vector<Command> commands;
  const auto add = [&](std::string_view rule) {
    rules.push_back(rule);
    commands.push_back(probe_of(rule, key));
  };
  for (const Right& right : kRights) {
    if (right.is_needed) add(right.rule);
  }
  add("del");
  const auto replies = co_await connection.execute(std::move(commands), kTimeout);
  if (!replies) co_return fail(replies.error());
  std::string missing;
  for (std::size_t i = 0; i < replies->size(); ++i) {
    const std::string rule = missing_rule((*replies)[i], rules[i], keys);
    if (!rule.empty() && (missing + ' ').find(rule + ' ') == std::string::npos) missing += ' ' + rule;
  }
  if (missing.empty()) co_return Status{};
  co_return fail(ErrorCode::kPermissionDenied, "the Redis user lacks rights:" + missing + " (docs/store.md)");
}

}  // namespace

std::span<const Right> redis_rights() {
  return kRights;
}

std::string rights_line(RightsUse use) {
  std::string out;
  for (const Right& right : kRights) {
    if (right.use == use) out += fmt::format("{}+{}", out.empty() ? "" : " ", right.rule);
  }
  return out;
}

std::function<Task<Status>(redis::Connection&)> require_rights(RedisKeys keys) {
  return [keys = std::move(keys)](redis::Connection& connection) { return try_rights(connection, keys); };
}

}  // namespace ghstats::store
