// Ways to a lease in memory that fail as told.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "leader/testing/lease_place.h"

namespace ghstats::leader::testing {

// One replica's way to `place`. The sleeper is of a clock that the test moves. All calls on one thread.
class FakeLeaseClient final : public LeaseClient {
 public:
  FakeLeaseClient(LeasePlace& place, async::Sleeper sleep) : place_(place), sleep_(std::move(sleep)) {}

  async::Task<Result<LeaseObject>> get(std::chrono::nanoseconds timeout) override {
    requests.emplace_back("get");
    return send(GetLease{timeout}, timeout);
  }
  async::Task<Result<LeaseObject>> create(LeaseRecord record, std::chrono::nanoseconds timeout) override {
    requests.push_back("create " + record.holder);
    return send(CreateLease{std::move(record), timeout}, timeout);
  }
  async::Task<Result<LeaseObject>> update(LeaseObject base, LeaseRecord record,
                                          std::chrono::nanoseconds timeout) override {
    requests.push_back("update " + record.holder);
    return send(UpdateLease{std::move(base), std::move(record), timeout}, timeout);
  }

  std::optional<Error> error;         // all requests end with it, at once
  bool loses_requests = false;        // they end with their timeout
  bool loses_answers = false;         // ... but what they ask for has happened
  bool ignores_timeouts = false;      // what is lost never ends
  std::vector<std::string> requests;  // as they were begun

 private:
  async::Task<Result<LeaseObject>> send(LeaseStep request, std::chrono::nanoseconds timeout) {
    if (error) co_return fail(*error);
    if (loses_requests) co_return co_await lose(timeout);
    Result<LeaseObject> answer = place_.serve(request);
    if (loses_answers) answer = co_await lose(timeout);
    co_return answer;
  }

  async::Task<Result<LeaseObject>> lose(std::chrono::nanoseconds timeout) {
    const Status slept = co_await sleep_(ignores_timeouts ? std::chrono::hours{1000} : timeout);
    if (!slept) co_return fail(slept.error());
    co_return fail(ErrorCode::kTimeout, "no answer within the timeout");
  }

  LeasePlace& place_;
  async::Sleeper sleep_;
};

}  // namespace ghstats::leader::testing
