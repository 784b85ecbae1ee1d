// A replica's election on the table: the test plays the lease's place and the clock.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "leader/lease_fsm.h"

namespace ghstats::leader::testing {

using namespace std::chrono_literals;

// Replica "a" with client-go's defaults.
class LeaseFsmTable : public ::testing::Test {
 protected:
  template <class Step>
  Step expect() {
    const LeaseStep step = fsm.next(now, wall);
    EXPECT_TRUE(std::holds_alternative<Step>(step)) << "another step: " << step.index();
    return std::holds_alternative<Step>(step) ? std::get<Step>(step) : Step{};
  }
  std::chrono::nanoseconds expect_wait() { return expect<WaitUntil>().until - now; }
  void pass(std::chrono::nanoseconds d) {
    now += d;
    wall += std::chrono::floor<std::chrono::system_clock::duration>(d);
  }
  void answer(LeaseObject object) { fsm.on_answer(std::move(object), now, jitter); }
  void refuse(ErrorCode code) { fsm.on_answer(fail(code, "HTTP of some kind"), now, jitter); }
  LeaseObject stored(LeaseRecord record) { return {std::move(record), std::to_string(++versions), "{}"}; }
  static LeaseRecord held_by(std::string holder, TimePoint renewed = {}, std::int32_t transitions = 3) {
    return {std::move(holder), 15s, TimePoint{}, renewed, transitions};
  }
  // Looks and reads `record`.
  LeaseObject look(LeaseRecord record) {
    expect<GetLease>();
    LeaseObject object = stored(std::move(record));
    answer(object);
    return object;
  }
  // Writes over what was read, with success.
  LeaseObject write() {
    LeaseObject object = stored(expect<UpdateLease>().record);
    answer(object);
    return object;
  }
  LeaseObject lead() {
    look({});
    LeaseObject mine = write();
    EXPECT_TRUE(fsm.leads(now));
    return mine;
  }

  LeaseFsm fsm{{.identity = "a", .lease_duration = 15s, .renew_deadline = 10s, .retry_period = 2s}};
  SteadyPoint now{1h};
  TimePoint wall = from_unix_seconds(1'790'000'000) + 123'456us;
  double jitter = 0;
  int versions = 0;
};

}  // namespace ghstats::leader::testing
