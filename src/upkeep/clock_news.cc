#include "upkeep/clock_news.h"

#include <fmt/format.h>

namespace ghstats::upkeep {

Status ClockNews::look(const Clock& own) {
  Status verdict;
  for (Episode& episode : episodes_) {
    const SteadyPoint now = own.steady_now();
    // Not known: as it was.
    if (const auto lead = episode.other.clock->own_lead(own.now(), now)) look_at(episode, *lead, now);
    if (verdict && episode.told) verdict = fail(*episode.told);
  }
  return verdict;
}

void ClockNews::look_at(Episode& episode, std::chrono::nanoseconds lead, SteadyPoint now) {
  if (std::chrono::abs(lead) <= kSkewTolerance) {
    episode.since.reset();
    if (std::exchange(episode.told, std::nullopt)) {
      logger_.info("our clock agrees again", {{"with", episode.other.name}});
    }
    return;
  }
  if (!episode.since) episode.since = now;
  if (episode.told || now - *episode.since < kPatience) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lead).count();
  episode.told = Error{ErrorCode::kUnavailable, fmt::format("our clock is {} s {} that of {}", std::abs(seconds),
                                                            seconds > 0 ? "ahead of" : "behind", episode.other.name)};
  logger_.warn("clocks differ: nothing is forgotten and no garbage is collected before they agree",
               {{"against", episode.other.name}, {"ahead_seconds", seconds}});
}

}  // namespace ghstats::upkeep
