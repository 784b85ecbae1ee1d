#include "store/gauge_teller.h"

#include <algorithm>
#include <utility>

namespace ghstats::store {

async::Task<Status> GaugeTeller::tell(std::vector<ValueSet> sets) {
  const std::uint64_t seen = returned_.version();
  const bool nothing_yet =
      told_.empty() && std::ranges::all_of(sets, [](const ValueSet& set) { return set.samples.empty(); });
  const bool known = certain_ && seen == returned_seen_ && (nothing_yet || sets == told_);
  if (known) co_return Status{};
  certain_ = false;
  Batch batch;
  batch.value_sets = sets;
  const auto stored = co_await store_.commit(std::move(batch), authority_);
  if (!stored) co_return fail(stored.error());
  certain_ = true;
  told_ = std::move(sets);
  returned_seen_ = seen;
  co_return Status{};
}

}  // namespace ghstats::store
