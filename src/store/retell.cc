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

}  // namespace

Task<Status> retell(MetricStore& store, ChangeSet what, Authority authority) {
  std::size_t names = 0;
  std::size_t events = 0;
  std::size_t last_events = 0;
  std::size_t loc_records = 0;
  for (;;) {
    Batch batch;
    batch.repositories = take(what.repositories, names);
    batch.events = take(what.events, events);
    batch.last_events = take(what.last_events, last_events);
    batch.loc_records = take(what.loc_records, loc_records);
    const bool is_last = names == what.repositories.size() && events == what.events.size() &&
                         last_events == what.last_events.size() && loc_records == what.loc_records.size();
    if (is_last) batch.value_sets = std::move(what.value_sets);
    const auto stored = co_await store.commit(std::move(batch), authority);
    if (!stored) co_return fail(stored.error());
    if (is_last) co_return Status{};
  }
}

}  // namespace ghstats::store
