// Claims and allowances that replicas share through Redis.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "async/task.h"
#include "base/clock.h"
#include "store/redis/link.h"
#include "store/store.h"

namespace ghstats::store {

// As MetricStore::claim(), release() and draw(); `now` is the caller's clock. `link` must outlive the task.
async::Task<Result<bool>> redis_claim(RedisLink& link, std::string key, std::chrono::nanoseconds ttl, TimePoint now);
async::Task<Status> redis_release(RedisLink& link, std::string key);
async::Task<Result<std::int64_t>> redis_draw(RedisLink& link, Allowance allowance, std::int64_t wanted, TimePoint now);

}  // namespace ghstats::store
