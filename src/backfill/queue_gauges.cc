#include "backfill/queue_gauges.h"

namespace ghstats::backfill {
namespace {

using metrics::Family;

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

}  // namespace ghstats::backfill
