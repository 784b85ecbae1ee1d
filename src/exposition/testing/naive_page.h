// What a view must answer, computed the slow and obvious way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "metrics/encoder.h"
#include "metrics/series.h"
#include "store/store.h"

namespace ghstats::exposition::testing {

// Everything the store was ever told, in its own words.
class NaiveWorld {
 public:
  explicit NaiveWorld(ledger::Ledger::Options windows) : windows_(windows) {}

  void apply(const store::ChangeSet& changes);

  // The same state as one change set, in some order.
  [[nodiscard]] store::ChangeSet snapshot() const;

  // Every line of the page at `now`, from scratch.
  [[nodiscard]] std::string page(TimePoint now, metrics::Format format) const;

 private:
  using Lines = std::map<std::string, double>;  // by label text
  using EventKey = std::tuple<ledger::EventKind, RepoId, std::string>;

  [[nodiscard]] Lines activity(metrics::Family family, TimePoint now) const;
  [[nodiscard]] Lines stored(metrics::Family family) const;
  [[nodiscard]] std::string histogram(const metrics::FamilyInfo& family) const;
  [[nodiscard]] std::string body(const metrics::FamilyInfo& family, TimePoint now) const;

  ledger::Ledger::Options windows_;
  std::map<EventKey, ledger::Event> events_;
  std::map<RepoId, store::RepositoryName> names_;
  std::map<std::string, store::ValueSet> slots_;
  std::map<metrics::SeriesKey, double> counters_;
};

}  // namespace ghstats::exposition::testing
