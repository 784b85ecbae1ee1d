#include "upkeep/housekeeping.h"

#include <utility>
#include <vector>

#include "log/attempts.h"
#include "store/gauge_teller.h"
#include "store/mend_timing.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;
using metrics::Family;

constexpr auto kLookInterval = 1s;
constexpr auto kGarbageInterval = 1h;

bool is_cancelled(const Status& outcome) {
  return !outcome && outcome.error().code == ErrorCode::kCancelled;
}

std::vector<store::ValueSet> gauges_of(const std::string& replica, std::size_t series) {
  return {leader_gauge(replica, true), {"store", {{{Family::kStoreActiveSeries, {}}, static_cast<double>(series)}}}};
}

}  // namespace

store::ValueSet leader_gauge(const std::string& replica, bool leads) {
  return {"leader", {{{Family::kLeader, {replica}}, leads ? 1.0 : 0.0}}};
}

async::Task<> keep_house(store::MetricStore& store, const async::Watch& returned, store::Authority authority,
                         const SettledClock& clock, std::string replica, log::Logger logger, async::Sleeper sleep) {
  SteadyPoint next_garbage = clock.steady_now() + kGarbageInterval;
  log::Attempts attempts(logger, "gauges could not be stored");
  log::Attempts looks(logger, "whether the store has lost data is not known");
  store::MendTiming mending;
  store::GaugeTeller gauges(store, authority, returned);
  for (;;) {
    const Status stored = co_await gauges.tell(gauges_of(replica, store.health().active_series));
    if (is_cancelled(stored)) co_return;
    attempts.ended(stored);
    const auto beat = co_await store.commit({}, authority);
    if (!beat && beat.error().code == ErrorCode::kCancelled) co_return;
    if (mending.is_due(clock.steady_now())) {
      const auto lost = co_await store.mend(authority);
      const Status looked = lost ? Status{} : fail(lost.error());
      if (is_cancelled(looked)) co_return;
      looks.ended(looked);
      mending.looked(clock.steady_now(), lost.value_or(false));
    }
    if (!clock.agreed()) next_garbage = clock.steady_now() + kGarbageInterval;
    if (clock.steady_now() >= next_garbage) {
      next_garbage = clock.steady_now() + kGarbageInterval;
      const Status collected = co_await store.collect_garbage(clock.now(), authority);
      if (is_cancelled(collected)) co_return;
      if (!collected) logger.warn("garbage could not be collected", {{"error", collected.error().message}});
    }
    const auto slept = co_await sleep(kLookInterval);
    if (!slept) co_return;
  }
}

}  // namespace ghstats::upkeep
