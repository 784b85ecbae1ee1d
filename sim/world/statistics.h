// GitHub's repository statistics: computed in the background when somebody asks, kept until the default branch moves.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/world/objects.h"

namespace ghstats::sim {

struct StatisticsOptions {
  // Until both are over, questions about a new head are answered with 202.
  std::int64_t accepted_answers = 1;
  std::chrono::seconds computing_time{0};  // of the simulator's clock, from the first question
  // Repositories with that many commits or more have no lines in their statistics.
  std::int64_t max_commits = 10'000;
};

struct ContributorWeek {
  TimePoint begin;  // Sunday 00:00 UTC
  Lines lines;
  std::int64_t commits = 0;
};

struct Contributor {
  const Account* account = nullptr;
  std::int64_t commits = 0;
  std::vector<ContributorWeek> weeks;  // without a gap, the same weeks for everybody
};

// The repository as it was at `at`: the 100 accounts with the most commits, the busiest last. Merge commits and empty
// commits do not count, nor do commits of an e-mail that never had an account. Weeks are those of author dates, from
// the first counted commit's to the one of `at`. At least `max_commits` commits of any kind: no lines.
std::vector<Contributor> contributors_of(const Repository& repository, TimePoint at, std::int64_t max_commits);

// What is computed already. Not thread-safe.
class Statistics {
 public:
  explicit Statistics(StatisticsOptions options) : options_(options) {}

  enum class State { kEmpty, kComputing, kReady };
  struct Answer {
    State state = State::kEmpty;
    TimePoint computed_at;  // kReady: what they tell is as of then
  };
  // One question; about a new head it begins the computing.
  Answer ask(const Repository& repository, TimePoint now);

  [[nodiscard]] const StatisticsOptions& options() const { return options_; }
  // Also for what is being computed.
  void set_options(StatisticsOptions options) { options_ = options; }
  void forget() { computed_.clear(); }

 private:
  struct Entry {
    std::string head;
    std::size_t commits = 0;  // tells heads apart that a test has changed the history of
    TimePoint begun_at;
    std::int64_t accepted = 0;
  };
  StatisticsOptions options_;
  std::map<std::uint64_t, Entry> computed_;  // by repository
};

}  // namespace ghstats::sim
