#include "store/redis/lease.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "redis/reply.h"

namespace ghstats::store {

using async::Task;
using redis::Command;

namespace {

// Counting would begin anew in a Redis that has lost its data, and a version must not come twice.
std::string new_version() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

}  // namespace

Task<Result<StoredLease>> redis_read_lease(RedisLink& link) {
  const auto reply = co_await link.ask(Command("HMGET", link.keys().lease(), "record", "version"));
  if (!reply) co_return fail(reply.error().with_context("read the lease"));
  const auto* fields = reply->array();
  const bool is_there = fields != nullptr && fields->size() == 2 && (*fields)[0].string() != nullptr;
  if (!is_there) co_return fail(ErrorCode::kNotFound, "there is no lease in Redis");
  if ((*fields)[1].string() == nullptr) {
    co_return fail(ErrorCode::kInvalidData, "version of " + link.keys().lease() + " is missing: delete the key");
  }
  co_return StoredLease{*(*fields)[0].string(), *(*fields)[1].string()};
}

Task<Result<StoredLease>> redis_write_lease(RedisLink& link, std::string expected, std::string record) {
  StoredLease next{std::move(record), new_version()};
  const bool replaces = !expected.empty();
  Command command = RedisLink::function("lease", {link.keys().lease(), link.keys().meta()});
  command.add(expected).add(next.version).add(next.record);
  const auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("write the lease"));
  const auto* outcome = reply->string();
  if (outcome != nullptr && *outcome == "OK") co_return next;
  if (replaces && outcome != nullptr && *outcome == "GONE") {
    co_return fail(ErrorCode::kNotFound, "the lease is gone from Redis");
  }
  co_return fail(ErrorCode::kConflict, "somebody else has written the lease in Redis");
}

}  // namespace ghstats::store
