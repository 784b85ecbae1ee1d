// Everything the store holds, read from a Redis that goes on being written to.
#pragma once

#include "async/task.h"
#include "store/counter_merge.h"
#include "store/redis/link.h"
#include "store/redis/skipped.h"
#include "store/store.h"

namespace ghstats::store {

// What was read is as of different moments between the call and its end; whoever then takes in the feed from where it
// was at the call has everything as of the end. Without counters: what the server has of them goes to `counters`.
// What cannot be read, of a later version or damaged, goes to `skipped`. Reads in pages of bounded size; everything
// referred to must outlive the task.
async::Task<Result<ChangeSet>> read_everything(RedisLink& link, CounterMerge& counters, const OnSkipped& skipped);

// Makes a snapshot one of a later moment: what happened while it was read.
void take_in_later(ChangeSet& snapshot, ChangeSet later);

}  // namespace ghstats::store
