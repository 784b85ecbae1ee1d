#include "activity/changes/delivery.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ghstats::activity {

using async::Task;

namespace {

// Of one batch: well below what a store takes at once.
constexpr std::size_t kMostMembers = 10'000;

}  // namespace

void add_sums(store::Receipt& to, const store::Receipt& receipt) {
  to.events_new += receipt.events_new;
  to.events_changed += receipt.events_changed;
  to.events_known += receipt.events_known;
  to.series_refused += receipt.series_refused;
}

std::string_view name_in(std::string_view full_name) {
  const auto slash = full_name.find('/');
  return slash == std::string_view::npos ? full_name : full_name.substr(slash + 1);
}

std::string Delivery::name_of(RepoId repository) const {
  const auto found = names_.find(repository);
  return found == names_.end() ? std::string() : found->second;
}

void Delivery::add_name(store::Batch& batch, RepoId repository) const {
  if (const auto found = names_.find(repository); found != names_.end()) {
    batch.repositories.push_back({repository, org_, found->second});
  }
}

// A store that went back to what it was before lacks what it was told since.
void Delivery::count(const store::Receipt& receipt) {
  if (!serial_) return;
  const bool follows = *serial_ == 0 ? receipt.coverage_serial != 0 : receipt.coverage_serial == *serial_ + 1;
  went_back_ = went_back_ || !follows;
  serial_ = receipt.coverage_serial;
}

Task<bool> Delivery::commit(store::Batch batch) {
  if (failure_) co_return false;
  if (serial_ && !batch.coverage) batch.coverage = store::CoverageNote{.org = org_, .claim = std::nullopt};
  const auto receipt = co_await store_.commit(std::move(batch), authority_);
  if (!receipt) {
    failure_ = receipt.error().with_context("store changes of '" + org_ + "'");
    co_return false;
  }
  count(*receipt);
  refused_ = receipt->claim_refused;
  add_sums(stored_, *receipt);
  co_return true;
}

Task<bool> Delivery::commit_events(std::vector<ledger::Event> events) {
  if (events.empty()) co_return !failure_;
  std::set<RepoId> repositories;
  for (const ledger::Event& event : events) repositories.insert(event.repo);
  store::Batch batch;
  for (const RepoId repository : repositories) add_name(batch, repository);
  batch.events = std::move(events);
  co_return co_await commit(std::move(batch));
}

Task<bool> Delivery::commit_names(const std::vector<RepoId>& repositories) {
  store::Batch batch;
  for (const RepoId repository : repositories) add_name(batch, repository);
  if (batch.repositories.empty()) co_return !failure_;
  co_return co_await commit(std::move(batch));
}

Task<bool> Delivery::commit_part(store::CoverageClaim& claim) {
  store::Batch part;
  part.coverage = store::CoverageNote{.org = org_, .claim = claim};
  const bool taken = co_await commit(std::move(part));
  claim.changed.clear();
  claim.left.clear();
  claim.serial = *serial_;
  co_return taken && !refused_ && !went_back_;
}

Task<bool> Delivery::commit_claim(std::vector<RepoId> repositories, const store::CoverageRecord& before,
                                  store::Coverage now, kinds::FamilySwitches families) {
  if (failure_ || went_back_ || !serial_) co_return false;
  store::CoverageClaim claim{
      .serial = *serial_, .until = before.coverage.until, .families = before.families, .changed = {}, .left = {}};
  // What is new of a member is true at the old watermark, too, so parts may go before the watermark moves.
  for (const auto& [repository, member] : now.members) {
    const auto known = before.coverage.members.find(repository);
    if (known != before.coverage.members.end() && known->second == member) continue;
    claim.changed.emplace(repository, member);
    if (claim.changed.size() < kMostMembers) continue;
    const bool taken = co_await commit_part(claim);
    if (!taken) co_return false;
  }
  for (const auto& [repository, member] : before.coverage.members) {
    if (now.members.contains(repository)) continue;
    claim.left.push_back(repository);
    if (claim.left.size() < kMostMembers) continue;
    const bool taken = co_await commit_part(claim);
    if (!taken) co_return false;
  }
  claim.until = now.until;
  claim.families = families;
  store::Batch batch;
  for (const RepoId repository : repositories) add_name(batch, repository);
  const bool same = claim.changed.empty() && claim.left.empty() && claim.until == before.coverage.until &&
                    families == before.families;
  if (same && batch.repositories.empty()) co_return true;
  batch.coverage = store::CoverageNote{.org = org_, .claim = std::move(claim)};
  const bool taken = co_await commit(std::move(batch));
  co_return taken && !refused_ && !went_back_;
}

void Delivery::tell(CycleReport& report) const {
  add_sums(report.stored, stored_);
  if (failure_ && failure_->code != ErrorCode::kCancelled) {
    report.store_failed = true;
    if (!report.failure) report.failure = failure_;
  }
}

}  // namespace ghstats::activity
