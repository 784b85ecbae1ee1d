// How many gauge series a store holds, kept as a count.
#pragma once

#include <cstddef>
#include <vector>

#include "ledger/ledger.h"
#include "store/lines_of_code.h"

namespace ghstats::store {

// Two for each user, the mode, and whether it is incomplete.
inline std::size_t series_of(const LocRecord& record) {
  return 2 * record.users.size() + 2;
}

// Series of activity rows are followed through the ledger's changed rows; those of value sets are told. Counters are
// few and bounded by the catalogue, so they are not counted.
class SeriesBudget {
 public:
  explicit SeriesBudget(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] bool full() const { return used_ >= limit_; }
  [[nodiscard]] std::size_t room() const { return full() ? 0 : limit_ - used_; }

  // A row whose numbers changed.
  void follow(ledger::RowIndex index, const ledger::Row& row);
  // A value set of `before` series became one of `after`.
  void replace(std::size_t before, std::size_t after) { used_ = used_ - before + after; }

  // Whether taking the event in makes no new series: it is known, or all it moves is shown already.
  [[nodiscard]] static bool is_free(const ledger::Ledger& ledger, const ledger::Event& event);

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
  std::vector<std::uint8_t> per_row_;
};

}  // namespace ghstats::store
