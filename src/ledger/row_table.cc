#include "ledger/row_table.h"

#include <limits>
#include <utility>

namespace ghstats::ledger {

// Collectors tell one repository after the other, so that the last one is mostly the next.
std::uint32_t RowTable::number_or_add(RepoId repo) {
  if (last_repo_ < repos_.size() && repos_[last_repo_] == repo) return last_repo_;
  const auto [it, inserted] = repo_index_.try_emplace(to_number(repo), static_cast<std::uint32_t>(repos_.size()));
  if (inserted) repos_.push_back(repo);
  last_repo_ = it->second;
  return last_repo_;
}

std::optional<std::uint32_t> RowTable::number_of(RepoId repo) const {
  const auto it = repo_index_.find(to_number(repo));
  if (it == repo_index_.end()) return std::nullopt;
  return it->second;
}

RowIndex RowTable::find_or_add(RepoId repo, std::string_view user) {
  const std::uint32_t repo_number = number_or_add(repo);
  const std::uint32_t user_number = users_.intern(user);
  const auto [it, inserted] = by_key_.try_emplace(key_of(repo_number, user_number), 0);
  if (!inserted) return it->second;
  RowIndex index = 0;
  if (free_.empty()) {
    index = static_cast<RowIndex>(rows_.size());
    rows_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  rows_[index] = RowState{.repo = repo_number, .user = user_number};
  it->second = index;
  return index;
}

std::optional<RowIndex> RowTable::find(RepoId repo, std::string_view user) const {
  const auto repo_number = number_of(repo);
  const auto user_number = users_.find(user);
  if (!repo_number || !user_number) return std::nullopt;
  const auto it = by_key_.find(key_of(*repo_number, *user_number));
  if (it == by_key_.end()) return std::nullopt;
  return it->second;
}

std::vector<RowIndex> RowTable::take_changed() {
  for (const RowIndex index : changed_) {
    RowState& row = rows_[index];
    row.told_changed = false;
    if (!row.retired) continue;
    by_key_.erase(key_of(row.repo, row.user));
    free_.push_back(index);
    row.retired = false;
  }
  return std::exchange(changed_, {});
}

void RowTable::schedule(RowIndex index, std::int64_t due) {
  RowState& row = rows_[index];
  if (row.scheduled) return;
  row.scheduled = true;
  row.due = due;
  schedule_.add(due, index, places());
}

std::vector<RowIndex> RowTable::take_due(std::int64_t now_s) {
  std::vector<RowIndex> due;
  schedule_.for_each_in(
      std::numeric_limits<std::int64_t>::min() / 2, now_s, [this](Timeline::Item i) { return rows_[i].due; },
      [&](Timeline::Item i) { due.push_back(i); });
  for (const RowIndex index : due) {
    schedule_.remove(rows_[index].due, index, places());
    rows_[index].scheduled = false;
  }
  return due;
}

}  // namespace ghstats::ledger
