#include "store/series_budget.h"

namespace ghstats::store {

void SeriesBudget::follow(ledger::RowIndex index, const ledger::Row& row) {
  if (index >= per_row_.size()) per_row_.resize(index + 1);
  std::uint8_t series = row.last_event ? 1 : 0;
  for (const bool exported : row.exported) series = static_cast<std::uint8_t>(series + (exported ? 1 : 0));
  replace(per_row_[index], series);
  per_row_[index] = series;
}

bool SeriesBudget::is_free(const ledger::Ledger& ledger, const ledger::Event& event) {
  if (event.at == ledger::kTakenBack || ledger.contains(event)) return true;
  const auto index = ledger.find_row(event.repo, event.user);
  return index && ledger.row(*index).exported[static_cast<std::size_t>(event.kind)];
}

}  // namespace ghstats::store
