#include "activity/cooldown_fsm.h"

#include <algorithm>

namespace ghstats::activity {

CooldownFsm::CycleSteps CooldownFsm::on_cycle(const std::string& org, CycleResult result, SteadyPoint now) {
  if (result == CycleResult::kCancelled) return {};
  State& state = orgs_[org];
  if (result == CycleResult::kFailure) {
    const bool whole_on_probation = whole_.pause_ends && !whole_.is_paused(now);
    return {.org = fail(state, state.pause_ends || whole_on_probation, now)};
  }
  state.failures = 0;
  return {.org = succeed_on_probation(state, now), .whole = succeed_on_probation(whole_, now)};
}

CooldownStep CooldownFsm::on_probe(bool succeeded, SteadyPoint now) {
  if (!succeeded) return fail(whole_, whole_.pause_ends.has_value(), now);
  whole_.failures = 0;
  return CooldownStep::kNone;
}

// What fails during a pause was under way when it began, or is a probe: the pause knows already.
CooldownStep CooldownFsm::fail(State& state, bool on_probation, SteadyPoint now) const {
  ++state.failures;
  if (state.is_paused(now)) return CooldownStep::kNone;
  state.successes = 0;
  if (!on_probation && state.failures < options_.unhealthy_failure_threshold) return CooldownStep::kNone;
  state.pause_ends = now + options_.unhealthy_cooldown;
  return on_probation ? CooldownStep::kRelapsed : CooldownStep::kPaused;
}

CooldownStep CooldownFsm::succeed_on_probation(State& state, SteadyPoint now) const {
  if (!state.pause_ends || state.is_paused(now)) return CooldownStep::kNone;
  if (++state.successes < options_.github_recover_success_threshold) return CooldownStep::kNone;
  state = State{};
  return CooldownStep::kRecovered;
}

std::optional<SteadyPoint> CooldownFsm::paused_until(std::string_view org, SteadyPoint now) const {
  std::optional<SteadyPoint> until;
  if (whole_.is_paused(now)) until = whole_.pause_ends;
  const State* state = find(org);
  if (state != nullptr && state->is_paused(now)) until = std::max(until, state->pause_ends);
  return until;
}

bool CooldownFsm::is_healthy() const {
  return !whole_.pause_ends &&
         std::ranges::none_of(orgs_, [](const auto& org) { return org.second.pause_ends.has_value(); });
}

bool CooldownFsm::is_healthy(std::string_view org) const {
  const State* state = find(org);
  return !whole_.pause_ends && (state == nullptr || !state->pause_ends);
}

std::vector<CooldownFsm::Known> CooldownFsm::known(SteadyPoint now) const {
  std::vector<Known> out;
  const auto add = [&](const std::string& org, const State& state) {
    out.push_back({org, state.failures, state.successes, std::nullopt});
    if (state.pause_ends) out.back().pause_left = *state.pause_ends - now;
  };
  add({}, whole_);
  for (const auto& [org, state] : orgs_) add(org, state);
  return out;
}

void CooldownFsm::recall(const Known& known, SteadyPoint now) {
  State& state = known.org.empty() ? whole_ : orgs_[known.org];
  state = {.failures = known.failures, .successes = known.successes, .pause_ends = std::nullopt};
  if (known.pause_left) {
    state.pause_ends = now + std::min<std::chrono::nanoseconds>(*known.pause_left, options_.unhealthy_cooldown);
  }
}

std::int64_t CooldownFsm::failed_cycles_in_row(std::string_view org) const {
  const State* state = find(org);
  return state != nullptr ? state->failures : 0;
}

const CooldownFsm::State* CooldownFsm::find(std::string_view org) const {
  const auto it = orgs_.find(org);
  return it != orgs_.end() ? &it->second : nullptr;
}

}  // namespace ghstats::activity
