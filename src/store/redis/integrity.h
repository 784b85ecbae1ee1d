// Whether the data in Redis is all there: somebody may have deleted keys, or a maxmemory-policy evicted them.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "store/redis/commit.h"
#include "store/redis/garbage.h"
#include "store/redis/link.h"

namespace ghstats::store {

// What is missing, in words for people: "names", "repository 7", "gauges", "c:replica-0a1b". Empty: nothing.
using Losses = std::set<std::string>;

// Compares all structures with their marks (docs/store.md), in steps of bounded size. With `mend` what is missing is
// made known as missing: the data gets another incarnation, checkpoints of what was lost end, lists that follow from
// other data are made again; and what has no mark yet is given one. Without it nothing is written, and marks that are
// not complete vouch for nothing. `accept` looks at the answer of each step; its error ends the work.
async::Task<Result<Losses>> find_redis_losses(RedisLink& link, CallContext about, bool mend, AcceptAnswer accept);

// "events of 3 repositories, gauges, names"
std::string describe(const Losses& losses);

// Whether a server that says this of its memory (INFO memory) may evict keys that do not expire; then which setting is
// wrong, for people. Empty: it does not, or has not said so.
std::string eviction_risk(const std::string& info_memory);

// What one replica knows of it. All calls on one thread; everything referred to must outlive it.
class Integrity {
 public:
  Integrity(RedisLink& link, const Clock& clock) : link_(link), clock_(clock) {}

  // As find_redis_losses(); the outcome is remembered. True: something was missing.
  async::Task<Result<bool>> examine(CallContext about, bool mend, AcceptAnswer accept);

  // Asks for the server's maxmemory-policy, twice a minute at most, whatever connection it comes over. A server that
  // does not tell has no risk.
  async::Task<> look_at_eviction();

  // What people have to know, from the last looks; empty: nothing.
  [[nodiscard]] std::string concern() const;

 private:
  RedisLink& link_;
  const Clock& clock_;
  Losses losses_;
  std::string eviction_;
  std::optional<SteadyPoint> looked_;
};

}  // namespace ghstats::store
