#include "exposition/activity_series.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "metrics/catalogue.h"
#include "metrics/encoder.h"

namespace ghstats::exposition {
namespace {

constexpr std::size_t kLastEvent = ledger::kEventKinds;

std::string full_name(std::string_view org, std::string_view name) {
  std::string full(org);
  full += '/';
  full += name;
  return full;
}

std::uint16_t families_of(const ledger::Row& row) {
  unsigned set = row.last_event ? 1U << kLastEvent : 0U;
  for (std::size_t i = 0; i < ledger::kEventKinds; ++i) {
    if (row.exported[i]) set |= 1U << i;
  }
  return static_cast<std::uint16_t>(set);
}

double value_of(const ledger::Row& row, std::size_t family) {
  return family == kLastEvent ? static_cast<double>(to_unix_seconds(*row.last_event)) : row.count[family];
}

}  // namespace

ActivitySeries::ActivitySeries(ledger::Ledger::Options windows, TimePoint now, Families families,
                               kinds::FamilySwitches collected)
    : ledger_(windows, now), families_(families), collected_(collected) {}

void ActivitySeries::name_repository(const store::RepositoryName& renamed) {
  Repository& repository = repositories_[renamed.id];
  if (repository.named && repository.org == renamed.org && repository.name == renamed.name) return;
  if (repository.named) {
    const auto before = holders_.find(full_name(repository.org, repository.name));
    std::erase(before->second, renamed.id);
    show_rows(repository);
    if (before->second.empty()) holders_.erase(before);
  }
  repository.org = renamed.org;
  repository.name = renamed.name;
  repository.named = true;
  holders_[full_name(repository.org, repository.name)].push_back(renamed.id);
  show_rows(repository);
}

void ActivitySeries::show_rows(const Repository& repository) {
  for (const ledger::RowIndex index : repository.rows) show(repository, ledger_.row(index), places_[index].shown);
}

store::ChangeSet ActivitySeries::remembered() const {
  store::ChangeSet out;
  for (const auto& [id, repository] : repositories_) {
    if (repository.named) out.repositories.push_back({id, repository.org, repository.name});
  }
  out.events.reserve(ledger_.event_count());
  ledger_.for_each_event([&](const ledger::Event& event) { out.events.push_back(event); });
  ledger_.for_each_forgotten([&](RepoId repo, std::string_view user, TimePoint at) {
    out.last_events.push_back({repo, std::string(user), at});
  });
  return out;
}

void ActivitySeries::advance(TimePoint now, TimePoint settled) {
  ledger_.advance(now, settled);
  std::vector<ChangedRow> changed;
  for (const ledger::RowIndex index : ledger_.take_changed()) {
    const ledger::Row row = ledger_.row(index);
    changed.push_back({index, row, &repositories_[row.repo]});
  }
  // In the order of the lines, which spares every family the sorting.
  std::ranges::sort(changed, {}, [](const ChangedRow& c) {
    return std::tuple<std::string_view, std::string_view, std::string_view>(c.repository->org, c.repository->name,
                                                                            c.row.user);
  });
  for (const ChangedRow& row : changed) update(row);
}

ActivitySeries::RowPlace& ActivitySeries::place(ledger::RowIndex index) {
  if (index >= places_.size()) places_.resize(std::max<std::size_t>(index + 1, places_.size() * 2));
  return places_[index];
}

void ActivitySeries::update(const ChangedRow& changed) {
  const FamilySet before = place(changed.index).shown;
  const FamilySet after = families_of(changed.row);
  mark_shown(*changed.repository, changed.index, after);
  if (before != 0 && after == 0) unlist(*changed.repository, changed.index);
  places_[changed.index].shown = after;
  if (changed.repository->named) show(*changed.repository, changed.row, before | after);
}

void ActivitySeries::mark_shown(Repository& repository, ledger::RowIndex index, FamilySet families) {
  if (place(index).shown == 0 && families != 0) list(repository, index);
  places_[index].shown = static_cast<FamilySet>(places_[index].shown | families);
}

void ActivitySeries::list(Repository& repository, ledger::RowIndex index) {
  places_[index].position = static_cast<std::uint32_t>(repository.rows.size());
  repository.rows.push_back(index);
}

void ActivitySeries::unlist(Repository& repository, ledger::RowIndex index) {
  const std::uint32_t position = places_[index].position;
  repository.rows[position] = repository.rows.back();
  places_[repository.rows[position]].position = position;
  repository.rows.pop_back();
}

void ActivitySeries::show(const Repository& repository, const ledger::Row& row, FamilySet families) {
  const std::vector<RepoId>& holders = holders_.find(full_name(repository.org, repository.name))->second;
  const bool alone = holders.size() == 1 && holders.front() == row.repo;
  const ledger::Row total = alone ? row : sum(holders, row.user);
  const FamilySet present = families_of(total);

  const metrics::FamilyInfo& family = metrics::info(metrics::Family::kActivityLastEvent);
  labels_.clear();
  metrics::append_labels(labels_, family.labels,
                         std::array<std::string_view, 3>{repository.org, repository.name, row.user});
  for (std::size_t i = 0; i < kFamilies; ++i) {
    if ((families >> i & 1U) == 0) continue;
    if ((present >> i & 1U) != 0) {
      families_[i].put(labels_, value_of(total, i));
    } else {
      families_[i].erase(labels_);
    }
  }
}

// What goes into a line counts as shown, whoever put the line: only so is it taken back when it ends before its own
// repository had a turn.
ledger::Row ActivitySeries::sum(const std::vector<RepoId>& holders, std::string_view user) {
  ledger::Row total;
  for (const RepoId holder : holders) {
    const auto index = ledger_.find_row(holder, user);
    if (!index) continue;
    const ledger::Row row = ledger_.row(*index);
    mark_shown(repositories_.at(holder), *index, families_of(row));
    for (std::size_t i = 0; i < ledger::kEventKinds; ++i) {
      total.count[i] += row.count[i];
      total.exported[i] = total.exported[i] || row.exported[i];
    }
    total.last_event = std::max(total.last_event, row.last_event);
  }
  return total;
}

}  // namespace ghstats::exposition
