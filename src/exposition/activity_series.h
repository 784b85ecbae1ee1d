// From events to the lines of the activity families.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "exposition/series_text.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace ghstats::exposition {

// Owns a ledger and knows under which name a repository is shown: its current one. Rows of a repository without a known
// name are not shown. Two repositories that claim one name (one of them was deleted or its new name is still to come)
// are shown as their sum, so that no line appears twice and nothing depends on who was told first. Not thread-safe.
class ActivitySeries {
 public:
  // One per event kind, in its order, and the last event.
  static constexpr std::size_t kFamilies = ledger::kEventKinds + 1;
  using Families = std::span<SeriesText, kFamilies>;

  // `families` must outlive this; what changes is put there and takes effect with their flush(). Events of what is not
  // `collected` are ignored: a store may still hold some, but nobody tells the others any more.
  ActivitySeries(ledger::Ledger::Options windows, TimePoint now, Families families, kinds::FamilySwitches collected);

  void name_repository(const store::RepositoryName& repository);
  void insert(const ledger::Event& event) {
    if (kinds::is_on(collected_, kinds::row(event.kind).family)) ledger_.insert(event);
  }
  void remember_last(const store::LastEvent& last) { ledger_.remember_last(last.repo, last.user, last.at); }

  // Names, events and last events, as they were told.
  [[nodiscard]] store::ChangeSet remembered() const;

  // What is told from now on is too old by `settled`, wherever the windows are.
  void settle(TimePoint settled) { ledger_.advance(ledger_.now(), settled); }

  // Moves the windows to `now`, forgets by `settled` (Ledger::advance) and puts every row whose numbers changed.
  void advance(TimePoint now, TimePoint settled);

 private:
  using FamilySet = std::uint16_t;  // bit i: families_[i]
  static_assert(kFamilies <= 16);

  struct Repository {
    std::string org;
    std::string name;
    bool named = false;
    std::vector<ledger::RowIndex> rows;  // those with something to show
  };
  struct RowPlace {
    std::uint32_t position = 0;  // in Repository::rows, while `shown` is not empty
    FamilySet shown = 0;         // also kept while the repository has no name
  };
  struct ChangedRow {
    ledger::RowIndex index = 0;
    ledger::Row row;
    Repository* repository = nullptr;
  };

  RowPlace& place(ledger::RowIndex index);
  void update(const ChangedRow& changed);
  void mark_shown(Repository& repository, ledger::RowIndex index, FamilySet families);
  void list(Repository& repository, ledger::RowIndex index);
  void unlist(Repository& repository, ledger::RowIndex index);
  // Puts or erases the lines of `families` for one name and user; `row` is the only holder's.
  void show(const Repository& repository, const ledger::Row& row, FamilySet families);
  void show_rows(const Repository& repository);
  [[nodiscard]] ledger::Row sum(const std::vector<RepoId>& holders, std::string_view user);

  ledger::Ledger ledger_;
  Families families_;
  kinds::FamilySwitches collected_;
  std::unordered_map<RepoId, Repository> repositories_;
  std::unordered_map<std::string, std::vector<RepoId>> holders_;  // by "org/name"
  std::vector<RowPlace> places_;                                  // by RowIndex
  std::string labels_;                                            // scratch
};

}  // namespace ghstats::exposition
