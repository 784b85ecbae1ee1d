// The store that replicas share: Redis 7.0 or newer, as docs/store.md describes it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "redis/client.h"
#include "store/redis/commit.h"
#include "store/redis/keys.h"
#include "store/redis/skipped.h"
#include "store/store.h"

namespace ghstats::store {

struct RedisStoreOptions {
  std::chrono::seconds zero_linger{std::chrono::hours{1}};
  std::chrono::seconds retention{std::chrono::hours{720}};
  std::size_t max_series_budget = 1'000'000;
  // A reader that falls further behind than this many changed items gets a Resync.
  std::size_t feed_length = 200'000;
  std::size_t items_per_call = kItemsPerCall;
  // For people: the process's host. What makes it unique is added here.
  std::string instance = "replica";
  // Whose events these are, for people: replicas that call it otherwise must have another prefix. Empty: not told.
  std::string environment = {};
  std::string prefix = redis_prefix("ghstats");
  std::chrono::nanoseconds timeout = std::chrono::seconds{10};  // of one round trip
  OnSkipped on_skipped = [](const SkippedItem&) {};             // once for each thing that a view goes without
  // Told what Redis says the time is, in an exchange that lasted from `asked` to `answered`, with every look at the
  // feed.
  std::function<void(TimePoint said, SteadyPoint asked, SteadyPoint answered)> on_server_time = {};
};

// `client` carries everything except waiting for changes, which `waiting` does; without it, or while it has no
// connection, the feed is looked at every 250 ms. Everything must outlive the store.
//
// In addition to what MetricStore promises:
//   - While Redis is away every call fails at once with kUnavailable, and health() says why.
//   - Batches of more than items_per_call names, events and last events are applied in steps, of which the last one
//     carries the checkpoints and all that must appear at once. A failure or a refusal in between leaves names and
//     events that are true, and no more.
//   - Failed increments belong to the caller again, also when it is unknown whether they were stored: committing them
//     again counts them once.
//   - A leader whose epoch is later than Redis remembers goes on under it: Redis has forgotten that it granted it.
//   - Cursors are good for the store object that gave them. A restart of Redis, a failover and a flush mean Resync.
//   - snapshot() restores in Redis what this process remembers of counters and Redis has lost.
//   - Value sets of one batch must fit into one reply (kMostValueBytes: half a million samples, or a million and a half
//     where they have an edition); otherwise kTooLarge.
//   - active_series is what the last answer said; between two collections of garbage it may count series that ended.
std::unique_ptr<MetricStore> make_redis_store(const Clock& clock, redis::Client& client, redis::Client* waiting,
                                              RedisStoreOptions options);

}  // namespace ghstats::store
