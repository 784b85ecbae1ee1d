#include "store/retell.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ghstats::store {
namespace {

using async::Task;

constexpr std::size_t kTogether = 5000;  // in one commit, which has a deadline

// The next items of `from`, beginning with `at`.
template <class Item>
std::vector<Item> take(std::vector<Item>& from, std::size_t& at) {
  const std::size_t end = std::min(at + kTogether, from.size());
  std::vector<Item> out(std::make_move_iterator(from.begin() + static_cast<std::ptrdiff_t>(at)),
                        std::make_move_iterator(from.begin() + static_cast<std::ptrdiff_t>(end)));
  at = end;
  return out;
}

// The next sets, so many that their samples are about as many; some sets are whole reports.
std::vector<ValueSet> take_sets(std::vector<ValueSet>& from, std::size_t& at) {
  std::vector<ValueSet> out;
  for (std::size_t samples = 0; at < from.size() && samples < kTogether; ++at) {
    samples += from[at].samples.size();
    out.push_back(std::move(from[at]));
  }
  return out;
}

}  // namespace

Task<Status> retell(MetricStore& store, ChangeSet what, Authority authority) {
  std::size_t names = 0;
  std::size_t events = 0;
  std::size_t last_events = 0;
  std::size_t loc_records = 0;
  std::size_t value_sets = 0;
  for (;;) {
    Batch batch;
    batch.repositories = take(what.repositories, names);
    batch.events = take(what.events, events);
    batch.last_events = take(what.last_events, last_events);
    batch.loc_records = take(what.loc_records, loc_records);
    const bool is_rest = names == what.repositories.size() && events == what.events.size() &&
                         last_events == what.last_events.size() && loc_records == what.loc_records.size();
    if (is_rest) batch.value_sets = take_sets(what.value_sets, value_sets);
    const bool is_last = is_rest && value_sets == what.value_sets.size();
    const auto stored = co_await store.commit(std::move(batch), authority);
    if (!stored) co_return fail(stored.error());
    if (is_last) co_return Status{};
  }
}

}  // namespace ghstats::store
