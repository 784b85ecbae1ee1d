// How what was told gets into the store, answer by answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activity/strategy.h"
#include "async/task.h"
#include "base/error.h"
#include "base/ids.h"
#include "ledger/event.h"
#include "store/coverage.h"
#include "store/store.h"

namespace ghstats::activity {

// "name" of "owner/name".
std::string_view name_in(std::string_view full_name);

void add_sums(store::Receipt& to, const store::Receipt& receipt);

// Of one cycle and one organisation. After the first refusal of the store nothing more is tried. All calls on one
// thread, one at a time; `store` must outlive it.
class Delivery {
 public:
  Delivery(store::MetricStore& store, store::Authority authority, std::string org)
      : store_(store), authority_(authority), org_(std::move(org)) {}

  // A repository's current name, told with its first event from now on.
  void name(RepoId repository, std::string name) { names_[repository] = std::move(name); }
  // What it is called as far as known here; else empty.
  [[nodiscard]] std::string name_of(RepoId repository) const;

  // From now on every batch counts the serial of the organisation's coverage up, which is `serial` before (0: there is
  // no record).
  void count_from(std::uint64_t serial) { serial_ = serial; }

  // False: they were not stored.
  async::Task<bool> commit_events(std::vector<ledger::Event> events);
  // Only names, of repositories without an event.
  async::Task<bool> commit_names(const std::vector<RepoId>& repositories);

  // Commits the names of `repositories` and puts `now` in the place of the record that was read as `before`. False: it
  // was not taken; unless failure() says why, the store had changed meanwhile and what was told stays told.
  async::Task<bool> commit_claim(std::vector<RepoId> repositories, const store::CoverageRecord& before,
                                 store::Coverage now, kinds::FamilySwitches families);
  // After a claim was taken.
  [[nodiscard]] std::uint64_t serial() const { return serial_.value_or(0); }

  // Receipts, and why the store refused.
  void tell(CycleReport& report) const;
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] bool superseded() const { return failure_ && failure_->code == ErrorCode::kSuperseded; }

 private:
  async::Task<bool> commit(store::Batch batch);
  // What of a claim is true before the watermark moves; `claim` goes on without it.
  async::Task<bool> commit_part(store::CoverageClaim& claim);
  void add_name(store::Batch& batch, RepoId repository) const;
  void count(const store::Receipt& receipt);

  store::MetricStore& store_;
  store::Authority authority_;
  std::string org_;
  std::map<RepoId, std::string> names_;
  std::optional<std::uint64_t> serial_;  // absent: not counted
  bool went_back_ = false;               // the store: its serial was not what it should be
  bool refused_ = false;                 // the last claim
  store::Receipt stored_;
  std::optional<Error> failure_;
};

}  // namespace ghstats::activity
