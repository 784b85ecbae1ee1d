// A lease in memory, and ways to it that fail as told.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "leader/lease.h"

namespace ghstats::leader::testing {

// What the API server keeps.
struct LeasePlace {
  std::optional<LeaseRecord> record;
  int version = 0;
};

// One replica's way to `place`. The sleeper is of a clock that the test moves. All calls on one thread.
class FakeLeaseClient final : public LeaseClient {
 public:
  FakeLeaseClient(LeasePlace& place, async::Sleeper sleep) : place_(place), sleep_(std::move(sleep)) {}

  async::Task<Result<LeaseObject>> get(std::chrono::nanoseconds timeout) override {
    requests.emplace_back("get");
    const Status reached = co_await reach(timeout);
    if (!reached) co_return fail(reached.error());
    if (!place_.record) co_return fail(ErrorCode::kNotFound, "no such lease");
    co_return object();
  }

  async::Task<Result<LeaseObject>> create(LeaseRecord record, std::chrono::nanoseconds timeout) override {
    requests.emplace_back("create");
    const Status reached = co_await reach(timeout);
    if (!reached) co_return fail(reached.error());
    if (place_.record) co_return fail(ErrorCode::kConflict, "it is there already");
    co_return co_await write(std::move(record), timeout);
  }

  async::Task<Result<LeaseObject>> update(LeaseObject base, LeaseRecord record,
                                          std::chrono::nanoseconds timeout) override {
    requests.push_back("update " + record.holder);
    const Status reached = co_await reach(timeout);
    if (!reached) co_return fail(reached.error());
    if (!place_.record) co_return fail(ErrorCode::kNotFound, "no such lease");
    if (base.version != std::to_string(place_.version)) co_return fail(ErrorCode::kConflict, "it has been modified");
    co_return co_await write(std::move(record), timeout);
  }

  std::optional<Error> error;         // all requests end with it, at once
  bool loses_requests = false;        // they end with their timeout
  bool loses_answers = false;         // ... but writes have happened
  bool ignores_timeouts = false;      // what is lost never ends
  std::vector<std::string> requests;  // as they were begun

 private:
  async::Task<Status> reach(std::chrono::nanoseconds timeout) {
    if (error) co_return fail(*error);
    if (loses_requests) co_return co_await lose(timeout);
    co_return Status{};
  }

  async::Task<Result<LeaseObject>> write(LeaseRecord record, std::chrono::nanoseconds timeout) {
    place_.record = std::move(record);
    ++place_.version;
    if (loses_answers) {
      const Status lost = co_await lose(timeout);
      co_return fail(lost.error());
    }
    co_return object();
  }

  async::Task<Status> lose(std::chrono::nanoseconds timeout) {
    const Status slept = co_await sleep_(ignores_timeouts ? std::chrono::hours{1000} : timeout);
    if (!slept) co_return slept;
    co_return fail(ErrorCode::kTimeout, "no answer within the timeout");
  }

  [[nodiscard]] LeaseObject object() const { return {*place_.record, std::to_string(place_.version), {}}; }

  LeasePlace& place_;
  async::Sleeper sleep_;
};

}  // namespace ghstats::leader::testing
