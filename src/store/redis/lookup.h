// What collectors ask the store in Redis before they ask GitHub.
#pragma once

#include <string>
#include <vector>

#include "async/task.h"
#include "store/redis/link.h"
#include "store/store.h"

namespace ghstats::store {

// As MetricStore::checkpoints(), coverage(), loc_records() and editions(); checkpoints and lines of code are one round
// trip. `link` must outlive the task.
async::Task<Result<std::vector<Checkpoint>>> read_checkpoints(RedisLink& link, std::vector<RepoId> repositories);
async::Task<Result<CoverageRecord>> read_coverage(RedisLink& link, std::string org);
async::Task<Result<std::vector<LocRecord>>> read_loc_records(RedisLink& link, std::vector<RepoId> repositories);
async::Task<Result<std::vector<SlotEdition>>> read_editions(RedisLink& link, std::string prefix);

}  // namespace ghstats::store
