// When a piece of the planner's work begins again: decisions without I/O and without a clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::activity {

enum class RunEnd : std::uint8_t {
  kDone,       // what it had to say is in the store
  kNotStored,  // the store did not take everything
  kSkipped,    // there was a reason to do nothing
};

// What a schedule is told of the world beside the time.
struct Circumstances {
  bool returned = false;   // the store has, since the last run began, and may lack what it was told
  bool healthy = true;     // it takes writes
  bool collected = false;  // a cycle of the organisation has ended since the last run began
};

class Schedule {
 public:
  virtual ~Schedule() = default;

  // A run is over. Runs of one schedule never overlap.
  virtual void ended(SteadyPoint began, SteadyPoint now, RunEnd end) = 0;

  // How long to wait before asking again, at the latest; zero: the next run begins now.
  virtual std::chrono::nanoseconds wait(SteadyPoint now, const Circumstances& circumstances) = 0;
};

// After each cycle of the organisation, and once in `longest` while no cycle ends. The first one not before a cycle has
// ended or `longest` has passed since `made`.
class AfterCycles final : public Schedule {
 public:
  AfterCycles(Duration longest, SteadyPoint made) : longest_(longest), ended_(made) {}
  void ended(SteadyPoint, SteadyPoint now, RunEnd) override { ended_ = now; }
  std::chrono::nanoseconds wait(SteadyPoint now, const Circumstances& circumstances) override;

 private:
  Duration longest_;
  SteadyPoint ended_;
};

// One interval after the last run ended; the first one an interval after `made`.
class EveryInterval final : public Schedule {
 public:
  EveryInterval(Duration interval, SteadyPoint made) : interval_(interval), ended_(made) {}
  void ended(SteadyPoint, SteadyPoint now, RunEnd) override { ended_ = now; }
  std::chrono::nanoseconds wait(SteadyPoint now, const Circumstances& circumstances) override;

 private:
  Duration interval_;
  SteadyPoint ended_;
};

}  // namespace ghstats::activity
