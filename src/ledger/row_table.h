// Rows by identity: who did something where, which rows changed, and which are to be looked at when.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "ledger/interner.h"
#include "ledger/row.h"
#include "ledger/slab.h"
#include "ledger/timeline.h"

namespace ghstats::ledger {

inline constexpr std::uint32_t kNever = 0;  // no GitHub event happened in the first second of 1970

// Times in seconds since 1970. The counts and times are whatever the user of the table finds out.
struct RowState {
  // What every passing event touches, together: rows are met at random, and memory is what that costs.
  bool told_changed = false;
  bool scheduled = false;
  bool retired = false;                                // over, but not yet told
  std::array<std::uint32_t, kEventKinds> count{};      // in the window
  std::array<std::uint32_t, kEventKinds> lingering{};  // in the window lengthened by the linger time
  std::uint32_t last = kNever;                         // newest time <= now
  std::uint32_t at_last = 0;                           // events in the table that happened then
  std::uint32_t events = 0;                            // in the table of events
  std::uint32_t repo = 0;                              // number of the repository
  std::uint32_t user = 0;                              // number of the user
  std::uint32_t forgotten = kNever;                    // newest time of an event that is no longer in the table
  std::uint32_t place = 0;                             // in the schedule, while `scheduled`
  std::int64_t due = 0;                                // when to look at the row, while `scheduled`
};

// A dense table with stable indices. Not thread-safe.
class RowTable {
 public:
  RowIndex find_or_add(RepoId repo, std::string_view user);
  [[nodiscard]] std::optional<RowIndex> find(RepoId repo, std::string_view user) const;
  [[nodiscard]] std::optional<std::uint32_t> number_of(RepoId repo) const;

  RowState& operator[](RowIndex index) { return rows_[index]; }
  const RowState& operator[](RowIndex index) const { return rows_[index]; }
  [[nodiscard]] RepoId repo(RowIndex index) const { return repos_[rows_[index].repo]; }
  // Lives as long as the table.
  [[nodiscard]] std::string_view user(RowIndex index) const { return users_[rows_[index].user]; }

  // Indices are below this; some of them are free.
  [[nodiscard]] RowIndex index_end() const { return static_cast<RowIndex>(rows_.size()); }
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

  void mark_changed(RowIndex index) {
    if (rows_[index].told_changed) return;
    rows_[index].told_changed = true;
    changed_.push_back(index);
  }
  // Those marked since the last call, each once. The retired ones among them are gone now, and their indices free.
  std::vector<RowIndex> take_changed();

  // To be looked at when `due` has come; a row that is scheduled stays as it was.
  void schedule(RowIndex index, std::int64_t due);
  // Those due at or before `now_s`; they are scheduled no more.
  std::vector<RowIndex> take_due(std::int64_t now_s);

  // visit(index), in no particular order.
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (const auto& [key, index] : by_key_) visit(index);
  }

 private:
  static std::uint64_t key_of(std::uint32_t repo, std::uint32_t user) { return std::uint64_t{repo} << 32U | user; }
  std::uint32_t number_or_add(RepoId repo);
  [[nodiscard]] auto places() {
    return [this](Timeline::Item i) -> std::uint32_t& { return rows_[i].place; };
  }

  Interner users_;
  std::vector<RepoId> repos_;
  std::uint32_t last_repo_ = 0;                                         // index of the one asked for last
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> repo_index_;  // by RepoId
  Slab<RowState> rows_;
  std::vector<RowIndex> free_;
  boost::unordered_flat_map<std::uint64_t, RowIndex> by_key_;
  std::vector<RowIndex> changed_;
  Timeline schedule_;  // by when they are due
};

}  // namespace ghstats::ledger
