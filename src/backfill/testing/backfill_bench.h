#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/testing/clocked_waiter.h"
#include "async/testing/run.h"
#include "async/watch.h"
#include "backfill/dispatcher.h"
#include "backfill/testing/flaky_queue.h"
#include "backfill/worker.h"
#include "log/testing/memory_sink.h"
#include "metrics/recorder.h"
#include "queue/memory_queue.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::backfill::testing {

// What the recorder was told so far.
class Totals {
 public:
  void take(metrics::Recorder& recorder) {
    for (const metrics::Sample& sample : recorder.take_increments()) sums_[sample.key] += sample.value;
  }
  // Of all series of the family that have this label value (any label value: "").
  [[nodiscard]] std::uint64_t of(metrics::Family family, std::string_view label = "") const {
    double sum = 0;
    for (const auto& [key, value] : sums_) {
      if (key.family == family && (label.empty() || std::ranges::find(key.labels, label) != key.labels.end()))
        sum += value;
    }
    return static_cast<std::uint64_t>(sum);
  }
  [[nodiscard]] double of(const metrics::SeriesKey& key) const {
    const auto found = sums_.find(key);
    return found == sums_.end() ? 0 : found->second;
  }

 private:
  std::map<metrics::SeriesKey, double> sums_;
};

// A queue, a store and a clock of their own; everything else is made on them.
class BackfillBench {
 public:
  explicit BackfillBench(queue::DeliveryPolicy policy = {}, queue::QueueLimits limits = {}) {
    queue::MemoryQueueOptions options{.policy = std::move(policy), .limits = limits};
    options.on_expired = count_expired(recorder, logger());
    options.wait = waiter.waiter();
    memory_queue = queue::make_memory_queue(io.get_executor(), clock, logger(), std::move(options));
    memory_store = store::make_memory_store(io.get_executor(), clock, {});
    queue = std::make_unique<FlakyQueue>(io.get_executor(), *memory_queue);
    store = std::make_unique<store::testing::FailingStore>(io.get_executor(), *memory_store);
  }

  [[nodiscard]] log::Logger logger() const { return log::testing::make_logger(sink); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io, std::move(task));
  }

  // Lets time pass and everything happen that then happens by itself; ends the waits between connections.
  void pass(std::chrono::nanoseconds d = {}) {
    waiter.advance(d);
    passed_.bump();
    io.restart();
    io.poll();
  }

  [[nodiscard]] Dispatcher dispatcher(DispatcherOptions options = {}) {
    return Dispatcher({.queue = *queue, .store = *store, .recorder = recorder, .clock = clock, .logger = logger()},
                      options);
  }

  // Waits by this clock; between connections until the next pass().
  [[nodiscard]] WorkerEnvironment environment(Redo redo) {
    return {.queue = *queue,
            .recorder = recorder,
            .clock = clock,
            .logger = logger(),
            .redo = std::move(redo),
            .sleep = [this](std::chrono::nanoseconds d) -> async::Task<Status> {
              reconnect_waits.push_back(d);
              co_return co_await passed_.wait_beyond(passed_.version());
            },
            .wait = waiter.waiter()};
  }

  queue::QueueStatus status() { return *run(queue->status()); }
  const Totals& totals() {
    totals_.take(recorder);
    return totals_;
  }

  // A miss of the last ten minutes.
  [[nodiscard]] work::Miss miss(std::string repo, std::string org = "acme") const {
    return {.org = std::move(org),
            .repo = std::move(repo),
            .families = {store::CollectionFamily::kCommits},
            .window = {clock.now() - std::chrono::minutes{10}, clock.now()},
            .reason = work::Reason::kActivityCommitsFailed};
  }

  boost::asio::io_context io;
  ghstats::testing::FakeClock clock;
  async::testing::ClockedWaiter waiter{clock};
  metrics::Recorder recorder;
  std::shared_ptr<log::testing::MemorySink> sink = std::make_shared<log::testing::MemorySink>();
  std::vector<std::chrono::nanoseconds> reconnect_waits;
  std::unique_ptr<queue::JobQueue> memory_queue;
  std::unique_ptr<store::MetricStore> memory_store;
  std::unique_ptr<FlakyQueue> queue;
  std::unique_ptr<store::testing::FailingStore> store;

 private:
  async::Watch passed_{io.get_executor()};
  Totals totals_;
};

}  // namespace ghstats::backfill::testing
