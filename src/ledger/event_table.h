// Events by identity: the part of the ledger that makes telling twice the same as telling once.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "ledger/event.h"
#include "ledger/slab.h"

namespace ghstats::ledger {

// One remembered event, 44 bytes. `owner` and `place` are whatever the user of the table wants to find from the event
// (a row, where a timeline has it).
struct EventRecord {
  std::array<std::uint8_t, 20> id{};  // a sha, a number in the first eight bytes, or a hash of a longer id
  std::uint32_t repo = 0;             // index the caller gave the repository
  std::uint32_t owner = 0;
  std::uint32_t at_s = 0;       // seconds since 1970; the format ends in 2106
  std::uint32_t version_s = 0;  // likewise
  std::uint32_t place = 0;
  EventKind kind{};
  bool alive = false;
};

// What of an Event identifies it inside a repository.
struct EventKey {
  std::array<std::uint8_t, 20> id{};
  std::uint32_t repo = 0;
  EventKind kind{};
};

// Turns the text id of an event into its key. Hexadecimal ids of 40 digits keep all their bits, decimal ones all of
// 64; anything else (SHA-256 object names) keeps 128 bits of a hash.
EventKey make_key(const Event& event, std::uint32_t repo);
// The decimal id that a key stands for; none for a commit's and for a hashed one.
std::optional<std::uint64_t> number_in(const EventKey& key);
// A text id with the same key: the original one, or 40 digits that stand for a hashed one.
std::string id_text(const EventRecord& record);

// SipHash of the whole id (and nearly all of the rest): people choose the ids of their commits, as far as they can
// compute.
std::uint64_t hash_of(const EventKey& key, const HashKey& secret);

// A dense table with stable indices. What an event costs altogether is measured by bench/ledger_bench. Not thread-safe.
class EventTable {
 public:
  using Index = std::uint32_t;

  EventTable() : index_(0, Hash{&records_}, Equal{&records_}) {}
  EventTable(const EventTable&) = delete;
  EventTable& operator=(const EventTable&) = delete;

  [[nodiscard]] std::optional<Index> find(const EventKey& key) const;
  struct Found {
    Index index = 0;
    bool inserted = false;
  };
  // The record with this key; a new one gets the other values.
  Found find_or_insert(const EventKey& key, std::uint32_t owner, std::uint32_t at_s, std::uint32_t version_s);
  void erase(Index index);

  EventRecord& operator[](Index index) { return records_[index]; }
  const EventRecord& operator[](Index index) const { return records_[index]; }
  [[nodiscard]] std::size_t size() const { return index_.size(); }

  template <class Visitor>
  void for_each(Visitor visit) const {
    for (Index i = 0; i < records_.size(); ++i) {
      if (records_[i].alive) visit(i, records_[i]);
    }
  }

 private:
  using Records = Slab<EventRecord>;
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    const Records* records;
    HashKey secret = process_hash_key();
    std::size_t operator()(Index i) const {
      const EventRecord& r = (*records)[i];
      return hash_of(EventKey{.id = r.id, .repo = r.repo, .kind = r.kind}, secret);
    }
    std::size_t operator()(const EventKey& k) const { return hash_of(k, secret); }
  };
  struct Equal {
    using is_transparent = void;
    const Records* records;
    bool operator()(Index a, Index b) const { return a == b || same((*records)[a], (*records)[b]); }
    bool operator()(const EventKey& k, Index i) const { return same(k, (*records)[i]); }
    bool operator()(Index i, const EventKey& k) const { return same(k, (*records)[i]); }
    template <class Key>
    static bool same(const Key& k, const EventRecord& r) {
      return k.repo == r.repo && k.kind == r.kind && k.id == r.id;
    }
  };

  using IndexSet = boost::unordered_flat_set<Index, Hash, Equal>;
  void grow();

  Records records_;
  std::vector<Index> free_;
  IndexSet index_;
};

}  // namespace ghstats::ledger
