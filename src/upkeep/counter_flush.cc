#include "upkeep/counter_flush.h"

#include <utility>
#include <vector>

#include "log/attempts.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;

constexpr auto kFlushInterval = 1s;
constexpr int kHeartbeatAfter = 5;  // flushes without anything to tell

// No increments: a heartbeat. The recorder gets back what was not stored.
async::Task<Status> tell_counters(store::MetricStore& store, metrics::Recorder& recorder,
                                  std::vector<metrics::Sample> increments) {
  store::Batch batch;
  batch.increments = increments;
  const store::Authority authority{.role = Role::kFollower, .source = store::Source::kReplicaCounters};
  const auto stored = co_await store.commit(std::move(batch), authority);
  if (stored) co_return Status{};
  recorder.put_back(std::move(increments));
  co_return fail(stored.error());
}

}  // namespace

async::Task<Status> flush_counters(store::MetricStore& store, metrics::Recorder& recorder) {
  auto increments = recorder.take_increments();
  if (increments.empty()) co_return Status{};
  Status stored = co_await tell_counters(store, recorder, std::move(increments));
  co_return stored;
}

async::Task<> flush_counters_for_ever(store::MetricStore& store, metrics::Recorder& recorder, log::Logger logger,
                                      async::Sleeper sleep) {
  log::Attempts attempts(logger, "counters could not be stored");
  for (int quiet = 0;;) {
    const auto slept = co_await sleep(kFlushInterval);
    if (!slept) co_return;
    auto increments = recorder.take_increments();
    quiet = increments.empty() ? quiet + 1 : 0;
    if (quiet % kHeartbeatAfter != 0) continue;
    const Status flushed = co_await tell_counters(store, recorder, std::move(increments));
    if (!flushed && flushed.error().code == ErrorCode::kCancelled) co_return;
    attempts.ended(flushed);
  }
}

}  // namespace ghstats::upkeep
