#include "app/housekeeping.h"

#include <optional>
#include <utility>

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using metrics::Family;

constexpr auto kFlushInterval = 1s;
constexpr auto kLookInterval = 1s;
constexpr auto kGarbageInterval = 1h;

}  // namespace

async::Task<Status> flush_counters(store::MetricStore& store, metrics::Recorder& recorder) {
  store::Batch batch;
  batch.increments = recorder.take_increments();
  if (batch.increments.empty()) co_return Status{};
  auto kept = batch.increments;
  const store::Authority authority{.role = store::Role::kFollower, .source = store::Source::kReplicaCounters};
  const auto stored = co_await store.commit(std::move(batch), authority);
  if (stored) co_return Status{};
  recorder.give_back(std::move(kept));
  co_return fail(stored.error());
}

async::Task<> flush_counters_for_ever(store::MetricStore& store, metrics::Recorder& recorder, log::Logger logger) {
  bool failing = false;
  for (;;) {
    const auto slept = co_await async::sleep_for(kFlushInterval);
    if (!slept) co_return;
    const Status flushed = co_await flush_counters(store, recorder);
    if (!flushed && !failing) logger.warn("counters could not be stored", {{"error", flushed.error().message}});
    failing = !flushed;
  }
}

async::Task<> keep_house(store::MetricStore& store, store::Authority authority, const Clock& clock, std::string replica,
                         log::Logger logger) {
  SteadyPoint next_garbage = clock.steady_now() + kGarbageInterval;
  std::optional<std::size_t> told;
  for (;;) {
    const std::size_t series = store.health().active_series;
    if (told != series) {
      store::Batch batch;
      batch.value_sets.push_back({"leader", {{{Family::kLeader, {replica}}, 1}}});
      batch.value_sets.push_back({"store", {{{Family::kStoreActiveSeries, {}}, static_cast<double>(series)}}});
      const auto stored = co_await store.commit(std::move(batch), authority);
      if (stored) told = series;
      if (!stored && stored.error().code == ErrorCode::kSuperseded) co_return;
      if (!stored) logger.warn("gauges could not be stored", {{"error", stored.error().message}});
    }
    if (clock.steady_now() >= next_garbage) {
      next_garbage = clock.steady_now() + kGarbageInterval;
      const Status collected = co_await store.collect_garbage(clock.now(), authority);
      if (!collected) logger.warn("garbage could not be collected", {{"error", collected.error().message}});
    }
    const auto slept = co_await async::sleep_for(kLookInterval);
    if (!slept) co_return;
  }
}

}  // namespace ghstats::app
