// When scheduled collection pauses because GitHub fails (contract.md section 5): decisions without I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activity/strategy.h"
#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::activity {

struct CooldownOptions {
  std::int64_t unhealthy_failure_threshold = 6;  // github.*; >= 1
  Duration unhealthy_cooldown{120'000};
  std::int64_t github_recover_success_threshold = 3;  // health.*; >= 1
};

// What an event did to the health of an organisation, or of GitHub as a whole.
enum class CooldownStep {
  kNone,
  kPaused,     // the threshold was reached
  kRelapsed,   // a failure while not yet healthy again: another pause
  kRecovered,  // healthy again
};

// Of one leadership; a new one goes on with what the one before knew(). All calls on one thread.
//
// Each organisation has a state of its own, fed by its cycles. GitHub as a whole has one more, fed by failed probes.
// All obey the same rules:
//   healthy      `unhealthy_failure_threshold` failures in a row pause.
//   paused       for unhealthy_cooldown, whatever is heard meanwhile.
//   on probation the pause is over: collection goes on. One failure pauses again; `github_recover_success_threshold`
//                successful cycles in a row make it healthy.
// How they meet:
//   - An organisation's pause stops its own cycles; the whole's pause stops all.
//   - While the whole is on probation, one failed cycle pauses its organisation.
//   - A probe that succeeds breaks the streak of failed probes and does nothing else: it breaks no streak of cycles and
//     makes nothing healthy. Cycles in turn break no streak of probes.
//   - The whole recovers by the successful cycles of any organisations; the failed cycles of one do not keep it from
//     that, for they have a state of their own.
class CooldownFsm {
 public:
  explicit CooldownFsm(CooldownOptions options) : options_(options) {}

  struct CycleSteps {
    CooldownStep org = CooldownStep::kNone;
    CooldownStep whole = CooldownStep::kNone;  // kRecovered or kNone
  };

  // A scheduled cycle ended. kSuccess and kPartial (one repository's failure costs that repository only) are successes;
  // kCancelled says nothing. Cycles that were skipped, or that failed for a reason of our own (a store that is gone),
  // are not told.
  CycleSteps on_cycle(const std::string& org, CycleResult result, SteadyPoint now);

  // Failed: no answer, or an answer that GitHub is unable to serve (5xx).
  CooldownStep on_probe(bool succeeded, SteadyPoint now);

  // Until when this organisation's cycles are skipped; absent: they run.
  [[nodiscard]] std::optional<SteadyPoint> paused_until(std::string_view org, SteadyPoint now) const;

  // Neither paused nor on probation. That of GitHub, for dependency_health: the whole and every organisation.
  [[nodiscard]] bool is_healthy() const;
  // This organisation, and the whole.
  [[nodiscard]] bool is_healthy(std::string_view org) const;

  // What is known of an organisation, or of GitHub as a whole, at one moment.
  struct Known {
    std::string org;  // empty: the whole
    std::int64_t failures = 0;
    std::int64_t successes = 0;
    std::optional<std::chrono::nanoseconds> pause_left;  // absent: healthy; <= 0: on probation
    friend bool operator==(const Known&, const Known&) = default;
  };
  // The whole first; organisations of which nothing was heard are left out.
  [[nodiscard]] std::vector<Known> known(SteadyPoint now) const;
  // As if it had been seen here. No pause is longer than unhealthy_cooldown.
  void recall(const Known& known, SteadyPoint now);

  [[nodiscard]] std::int64_t failed_cycles_in_row(std::string_view org) const;
  [[nodiscard]] std::int64_t failed_probes_in_row() const { return whole_.failures; }

 private:
  struct State {
    std::int64_t failures = 0;              // in a row
    std::int64_t successes = 0;             // in a row, on probation
    std::optional<SteadyPoint> pause_ends;  // absent: healthy

    [[nodiscard]] bool is_paused(SteadyPoint now) const { return pause_ends && now < *pause_ends; }
  };

  CooldownStep fail(State& state, bool on_probation, SteadyPoint now) const;
  CooldownStep succeed_on_probation(State& state, SteadyPoint now) const;
  [[nodiscard]] const State* find(std::string_view org) const;

  CooldownOptions options_;
  State whole_;
  std::map<std::string, State, std::less<>> orgs_;
};

}  // namespace ghstats::activity
