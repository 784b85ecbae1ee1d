#include "backfill/queue_gauges.h"

#include "store/gauge_teller.h"

namespace ghstats::backfill {
namespace {

using metrics::Family;

constexpr std::chrono::seconds kLookInterval{1};

void add(store::ValueSet& to, const std::string& name, const queue::QueueDepth& depth) {
  const std::chrono::duration<double> age = depth.oldest_age.value_or(std::chrono::nanoseconds{0});
  to.samples.push_back({{Family::kQueueOldestAge, {name}}, age.count()});
  to.samples.push_back({{Family::kQueueDepth, {name}}, static_cast<double>(depth.messages)});
}

}  // namespace

store::ValueSet queue_gauges(const queue::QueueStatus& status, const QueueNames& names) {
  store::ValueSet out{.slot = "queue", .samples = {}};
  add(out, names.jobs, status.jobs);
  add(out, names.dead_letters, status.dead_letters);
  return out;
}

async::Task<> tell_queue_gauges(queue::JobQueue& queue, QueueNames names, store::MetricStore& store,
                                store::Authority authority, const async::Watch& returned, async::Sleeper sleep) {
  store::GaugeTeller gauges(store, authority, returned);
  for (;;) {
    const auto status = co_await queue.status();
    if (status) co_await gauges.tell({queue_gauges(*status, names)});
    const auto slept = co_await sleep(kLookInterval);
    if (!slept) co_return;
  }
}

}  // namespace ghstats::backfill
