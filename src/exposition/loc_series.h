// From the records of lines of code to what is shown of them at a moment.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "store/store.h"

namespace ghstats::exposition {

// What is shown is a function of the records, the names and the moment, so that all replicas agree. A repository
// without a known name is not shown. Of two that claim one name the lines are added. Not thread-safe.
class LocSeries {
 public:
  explicit LocSeries(std::chrono::seconds zero_linger) : zero_linger_(zero_linger) {}

  void name_repository(const store::RepositoryName& repository);
  // Where it takes the place of what is there (store::replaces).
  void put(const store::LocRecord& record);
  void end(RepoId repo);
  // Those whose store would have ended them by now.
  void end_asked_before(TimePoint oldest);

  [[nodiscard]] std::vector<store::LocRecord> records() const;

  // The samples of every repository name whose samples may have changed since the last call, because of the calls
  // above or because time passed (in either direction): one set per name, empty when nothing of it is shown any more.
  std::vector<store::ValueSet> advance(TimePoint now);

 private:
  struct Repository {
    std::string org;
    std::string name;
    std::string slot;  // empty while it has no name
    std::optional<store::LocRecord> record;
  };
  using Moment = std::pair<TimePoint, RepoId>;

  [[nodiscard]] std::vector<TimePoint> moments_of(const store::LocRecord& record) const;
  void forget_moments(RepoId repo, const Repository& repository);
  [[nodiscard]] store::ValueSet samples_of(const std::string& slot, TimePoint now) const;

  std::chrono::seconds zero_linger_;
  TimePoint now_{};
  std::unordered_map<RepoId, Repository> repositories_;
  std::unordered_map<std::string, std::set<RepoId>> holders_;  // by slot
  std::set<Moment> moments_;                                   // when something ends by itself
  std::set<std::string> dirty_;                                // slots
};

}  // namespace ghstats::exposition
