// What retention no longer covers, removed from Redis in steps that are short each.
#pragma once

#include <functional>

#include "async/task.h"
#include "store/redis/commit.h"
#include "store/redis/link.h"

namespace ghstats::store {

// `accept` sees every answer, and turns refusals into errors; the first error ends the collection, and what was
// removed until then stays removed. `about.now` decides what is old. `link` must outlive the task.
using AcceptAnswer = std::function<Status(Result<CallAnswer>)>;
async::Task<Status> collect_redis_garbage(RedisLink& link, CallContext about, AcceptAnswer accept);

}  // namespace ghstats::store
