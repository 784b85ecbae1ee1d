// The record of an election in Redis: replaced only by who knows what is there.
#pragma once

#include <string>

#include "async/task.h"
#include "store/redis/link.h"

namespace ghstats::store {

struct StoredLease {
  std::string record;   // what it says is the caller's
  std::string version;  // changes with every write; never the same again, whatever Redis forgets
};

// `link` must outlive the task. Errors of both: those of RedisLink::ask().

// kNotFound: there is none.
async::Task<Result<StoredLease>> redis_read_lease(RedisLink& link);

// `expected` is the version that is to be replaced; empty: there must be none. kConflict: it is another one, or, with
// an expected version, kNotFound: it is gone; nothing has changed then. Returns what was written.
async::Task<Result<StoredLease>> redis_write_lease(RedisLink& link, std::string expected, std::string record);

}  // namespace ghstats::store
