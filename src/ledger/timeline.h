// Events ordered by time, coarsely enough to be cheap and exactly enough for windows to the second.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

namespace ghstats::ledger {

// Items (32-bit handles) in buckets of a minute; inside a bucket the order is arbitrary, and the caller's `time_of`
// decides to the second. Costs four bytes an item and about 100 per minute that has any. `place_of(item)` refers to
// another four, which the caller keeps for the timeline with each item: a minute may hold any number of items (an
// imported history), and none of them is searched for.
class Timeline {
 public:
  using Item = std::uint32_t;

  template <class PlaceOf>
  void add(std::int64_t at_s, Item item, PlaceOf place_of) {
    Bucket*& bucket = by_minute_[minute(at_s)];
    if (bucket == nullptr) bucket = &buckets_[minute(at_s)];
    place_of(item) = static_cast<std::uint32_t>(bucket->size());
    bucket->push_back(item);
  }

  // What was added at another time is left alone.
  template <class PlaceOf>
  void remove(std::int64_t at_s, Item item, PlaceOf place_of) {
    const auto bucket = buckets_.find(minute(at_s));
    if (bucket == buckets_.end()) return;
    auto& items = bucket->second;
    const std::uint32_t place = place_of(item);
    if (place >= items.size() || items[place] != item) return;
    items[place] = items.back();
    place_of(items[place]) = place;
    items.pop_back();
    if (items.empty()) erase(bucket);
  }

  // Calls visit(item) for every item with after < time_of(item) <= until. The timeline must not change meanwhile.
  template <class TimeOf, class Visitor>
  void for_each_in(std::int64_t after, std::int64_t until, TimeOf time_of, Visitor visit) const {
    if (until <= after) return;
    const auto end = buckets_.upper_bound(minute(until));
    for (auto it = buckets_.lower_bound(minute(after)); it != end; ++it) {
      for (const Item item : it->second) {
        const std::int64_t at = time_of(item);
        if (after < at && at <= until) visit(item);
      }
    }
  }

  // Calls visit(item) for the items of one minute after the other, backwards from the one that holds `from`, until
  // more() says no after a minute or the timeline ends.
  template <class Visitor, class More>
  void walk_back(std::int64_t from, Visitor visit, More more) const {
    for (auto it = std::make_reverse_iterator(buckets_.upper_bound(minute(from))); it != buckets_.rend(); ++it) {
      for (const Item item : it->second) visit(item);
      if (!more(it->first * 60)) return;
    }
  }

  // Removes the buckets that lie wholly at or before `horizon` and calls visit(item) for what was in them.
  template <class Visitor>
  void forget_until(std::int64_t horizon, Visitor visit) {
    while (!buckets_.empty() && (buckets_.begin()->first + 1) * 60 - 1 <= horizon) {
      for (const Item item : buckets_.begin()->second) visit(item);
      erase(buckets_.begin());
    }
  }

 private:
  static std::int64_t minute(std::int64_t s) { return (s - (s < 0 ? 59 : 0)) / 60; }

  using Bucket = std::vector<Item>;
  using Buckets = std::map<std::int64_t, Bucket>;

  void erase(Buckets::iterator bucket) {
    by_minute_.erase(bucket->first);
    buckets_.erase(bucket);
  }

  Buckets buckets_;
  // The same buckets, found in one step: adding is the ledger's most frequent work.
  boost::unordered_flat_map<std::int64_t, Bucket*> by_minute_;
};

}  // namespace ghstats::ledger
