#include "store/gauge_teller.h"

#include <algorithm>
#include <utility>

namespace ghstats::store {

async::Task<Status> GaugeTeller::tell(std::vector<ValueSet> sets) {
  if (returned_.version() != returned_seen_) told_.clear();
  const bool nothing_yet =
      told_.empty() && std::ranges::all_of(sets, [](const ValueSet& set) { return set.samples.empty(); });
  if (nothing_yet || sets == told_) co_return Status{};
  const std::uint64_t seen = returned_.version();
  Batch batch;
  batch.value_sets = sets;
  const auto stored = co_await store_.commit(std::move(batch), authority_);
  if (!stored) co_return fail(stored.error());
  told_ = std::move(sets);
  returned_seen_ = seen;
  co_return Status{};
}

}  // namespace ghstats::store
