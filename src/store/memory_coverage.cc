#include "store/memory_coverage.h"

#include <utility>

namespace ghstats::store {

void MemoryCoverage::note(CoverageNote note, bool complete, TimePoint now, Receipt& receipt) {
  const auto known = records_.find(note.org);
  const std::uint64_t serial = known == records_.end() ? 0 : known->second.record.serial;
  const bool taken = complete && note.claim && note.claim->serial == serial;
  receipt.claim_refused = note.claim && !taken;
  receipt.coverage_serial = serial;
  if (!complete) return;
  Noted& noted = records_[note.org];
  CoverageRecord& record = noted.record;
  noted.at = now;
  record.serial = serial == 0 ? first_serial(now) : serial + 1;
  receipt.coverage_serial = record.serial;
  if (!taken) return;
  record.coverage.until = note.claim->until;
  record.families = note.claim->families;
  for (auto& [repo, member] : note.claim->changed) record.coverage.members.insert_or_assign(repo, member);
  for (const RepoId repo : note.claim->left) record.coverage.members.erase(repo);
}

CoverageRecord MemoryCoverage::read(const std::string& org) const {
  const auto known = records_.find(org);
  return known == records_.end() ? CoverageRecord{} : known->second.record;
}

bool MemoryCoverage::is_member(const std::string& org, RepoId repo) const {
  const auto known = records_.find(org);
  return known != records_.end() && known->second.record.coverage.members.contains(repo);
}

void MemoryCoverage::end_memberships(const std::unordered_set<RepoId>& repositories) {
  for (auto& [org, noted] : records_) {
    for (const RepoId repo : repositories) noted.record.coverage.members.erase(repo);
  }
}

void MemoryCoverage::forget(TimePoint until) {
  std::erase_if(records_, [&](const auto& entry) { return entry.second.at <= until; });
}

}  // namespace ghstats::store
