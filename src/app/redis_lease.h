// The record of an election in the store's Redis, for places without Kubernetes.
#pragma once

#include <memory>

#include "async/task.h"
#include "leader/lease.h"
#include "redis/client.h"
#include "store/redis/keys.h"

namespace ghstats::app {

// What is there of a later format is kInvalidData. Times in it are never compared with a clock, Redis' neither.
// `client` must outlive it.
std::unique_ptr<leader::LeaseClient> make_redis_lease(redis::Client& client, store::RedisKeys keys);

}  // namespace ghstats::app
