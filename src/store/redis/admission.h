// Notices and budgets that replicas share through Redis.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "store/redis/link.h"
#include "store/store.h"

namespace ghstats::store {

// As MetricStore::admit(), announce() and announced(). Redis' clock alone decides: those of replicas may differ. `link`
// must outlive the task.
async::Task<Result<std::optional<Notice>>> redis_admit(RedisLink& link, Admission admission);
async::Task<Status> redis_announce(RedisLink& link, Notice notice);
async::Task<Result<std::vector<Notice>>> redis_announced(RedisLink& link, std::vector<std::string> names);

}  // namespace ghstats::store
