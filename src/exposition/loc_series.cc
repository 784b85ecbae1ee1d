#include "exposition/loc_series.h"

#include <algorithm>
#include <map>

namespace ghstats::exposition {
namespace {

using metrics::Family;

struct Lines {
  std::int64_t added = 0;
  std::int64_t removed = 0;
};

}  // namespace

void LocSeries::name_repository(const store::RepositoryName& renamed) {
  Repository& repository = repositories_[renamed.id];
  std::string slot = "lines of code/" + renamed.org + '/' + renamed.name;
  if (repository.slot == slot) return;
  if (!repository.slot.empty()) {
    dirty_.insert(repository.slot);
    const auto before = holders_.find(repository.slot);
    before->second.erase(renamed.id);
    if (before->second.empty()) holders_.erase(before);
  }
  holders_[slot].insert(renamed.id);
  dirty_.insert(slot);
  repository.org = renamed.org;
  repository.name = renamed.name;
  repository.slot = std::move(slot);
}

void LocSeries::put(const store::LocRecord& record) {
  Repository& repository = repositories_[record.repo];
  if (repository.record && !store::replaces(record, *repository.record)) return;
  forget_moments(record.repo, repository);
  for (const TimePoint at : moments_of(record)) moments_.emplace(at, record.repo);
  repository.record = record;
  dirty_.insert(repository.slot);
}

void LocSeries::end(RepoId repo) {
  const auto known = repositories_.find(repo);
  if (known == repositories_.end()) return;
  forget_moments(repo, known->second);
  known->second.record.reset();
  dirty_.insert(known->second.slot);
}

void LocSeries::end_asked_before(TimePoint oldest) {
  for (const auto& [repo, repository] : repositories_) {
    if (repository.record && repository.record->asked_at <= oldest) end(repo);
  }
}

std::vector<store::LocRecord> LocSeries::records() const {
  std::vector<store::LocRecord> out;
  for (const auto& [repo, repository] : repositories_) {
    if (repository.record) out.push_back(*repository.record);
  }
  return out;
}

std::vector<TimePoint> LocSeries::moments_of(const store::LocRecord& record) const {
  std::vector<TimePoint> moments = {record.valid_until};
  for (const store::UserLines& user : record.users) {
    if (user.gone_at) moments.push_back(*user.gone_at + zero_linger_);
  }
  return moments;
}

void LocSeries::forget_moments(RepoId repo, const Repository& repository) {
  if (!repository.record) return;
  for (const TimePoint at : moments_of(*repository.record)) moments_.erase({at, repo});
}

std::vector<store::ValueSet> LocSeries::advance(TimePoint now) {
  const auto passed = std::minmax(now_, now);
  for (auto it = moments_.upper_bound({passed.first, RepoId{~0ULL}});
       it != moments_.end() && it->first <= passed.second; ++it) {
    dirty_.insert(repositories_.at(it->second).slot);
  }
  now_ = now;
  dirty_.erase("");  // repositories without a name
  std::vector<store::ValueSet> changed;
  for (const std::string& slot : dirty_) changed.push_back(samples_of(slot, now));
  dirty_.clear();
  return changed;
}

store::ValueSet LocSeries::samples_of(const std::string& slot, TimePoint now) const {
  store::ValueSet out{.slot = slot, .samples = {}};
  const auto holders = holders_.find(slot);
  if (holders == holders_.end()) return out;
  std::map<std::string, Lines> users;
  std::set<store::LocMode> modes;
  std::optional<bool> incomplete;
  for (const RepoId holder : holders->second) {
    const auto& record = repositories_.at(holder).record;
    const bool is_new = record && record->week == TimePoint{};
    if (!record || (!is_new && record->valid_until <= now)) continue;
    modes.insert(record->mode);
    if (is_new) continue;
    incomplete = incomplete.value_or(false) || record->incomplete;
    for (const store::UserLines& user : record->users) {
      if (user.gone_at && *user.gone_at + zero_linger_ <= now) continue;
      Lines& lines = users[user.user];
      lines.added += user.added;
      lines.removed += user.removed;
    }
  }
  const Repository& any = repositories_.at(*holders->second.begin());
  const auto add = [&](Family family, std::vector<std::string> more, double value) {
    std::vector<std::string> labels = {any.org, any.name};
    labels.insert(labels.end(), more.begin(), more.end());
    out.samples.push_back({{family, std::move(labels)}, value});
  };
  for (const auto& [user, lines] : users) {
    add(Family::kActivityLocAdded, {user}, static_cast<double>(lines.added));
    add(Family::kActivityLocRemoved, {user}, static_cast<double>(lines.removed));
  }
  for (const store::LocMode mode : modes) add(Family::kLocSourceMode, {std::string(to_string(mode))}, 1);
  if (incomplete) add(Family::kLocFallbackIncomplete, {}, *incomplete ? 1 : 0);
  return out;
}

}  // namespace ghstats::exposition
