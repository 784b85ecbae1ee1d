#include "app/redis_lease.h"

#include <fmt/format.h>

#include <functional>
#include <sstream>
#include <utility>

#include "async/deadline.h"
#include "store/redis/lease.h"

namespace ghstats::app {
namespace {

using async::Task;
using leader::LeaseObject;
using leader::LeaseRecord;

constexpr int kFormat = 1;

std::int64_t microseconds(TimePoint at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

// "1 30 1790000000123456 1790000005123456 7 host_1a2b": format, seconds, acquired, renewed, transitions, holder.
std::string to_text(const LeaseRecord& record) {
  return fmt::format("{} {} {} {} {} {}", kFormat, record.duration.count(), microseconds(record.acquired),
                     microseconds(record.renewed), record.transitions, record.holder);
}

Result<LeaseObject> parse(store::StoredLease stored) {
  std::istringstream in(stored.record);
  int format = 0;
  std::int64_t duration = 0;
  std::int64_t acquired = 0;
  std::int64_t renewed = 0;
  LeaseRecord record;
  const bool is_read = static_cast<bool>(in >> format >> duration >> acquired >> renewed >> record.transitions);
  if (is_read && format > kFormat) {
    return fail(ErrorCode::kInvalidData,
                fmt::format("the lease in Redis has format {}, later than this one ({})", format, kFormat));
  }
  if (!is_read || format != kFormat || duration <= 0 || record.transitions < 0) {
    return fail(ErrorCode::kInvalidData, "the lease in Redis does not parse: delete it");
  }
  in.get();
  std::getline(in, record.holder);
  record.duration = std::chrono::seconds{duration};
  record.acquired = TimePoint{std::chrono::microseconds{acquired}};
  record.renewed = TimePoint{std::chrono::microseconds{renewed}};
  return LeaseObject{std::move(record), std::move(stored.version), {}};
}

class RedisLease final : public leader::LeaseClient {
 public:
  RedisLease(redis::Client& client, store::RedisKeys keys)
      : client_(client), link_(client, std::move(keys), kLongest) {}

  Task<Result<LeaseObject>> get(std::chrono::nanoseconds timeout) override {
    co_return co_await within(timeout, [this] { return store::redis_read_lease(link_); });
  }
  Task<Result<LeaseObject>> create(LeaseRecord record, std::chrono::nanoseconds timeout) override {
    co_return co_await within(timeout,
                              [this, &record] { return store::redis_write_lease(link_, "", to_text(record)); });
  }
  Task<Result<LeaseObject>> update(LeaseObject base, LeaseRecord record, std::chrono::nanoseconds timeout) override {
    co_return co_await within(
        timeout, [this, &base, &record] { return store::redis_write_lease(link_, base.version, to_text(record)); });
  }

 private:
  // Of one round trip, whatever the caller grants.
  static constexpr std::chrono::minutes kLongest{1};

  Task<Result<LeaseObject>> within(std::chrono::nanoseconds timeout,
                                   std::function<Task<Result<store::StoredLease>>()> call) {
    const std::function<Task<Result<store::StoredLease>>()> connected = [&]() -> Task<Result<store::StoredLease>> {
      const Status reached = co_await client_.wait_connected(timeout);
      if (!reached) co_return fail(reached.error());
      co_return co_await call();
    };
    auto stored = co_await async::with_deadline<store::StoredLease>(connected, timeout);
    if (!stored) co_return fail(std::move(stored).error());
    co_return parse(*std::move(stored));
  }

  redis::Client& client_;
  store::RedisLink link_;
};

}  // namespace

std::unique_ptr<leader::LeaseClient> make_redis_lease(redis::Client& client, store::RedisKeys keys) {
  return std::make_unique<RedisLease>(client, std::move(keys));
}

}  // namespace ghstats::app
