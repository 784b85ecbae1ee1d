// Asks GitHub about repositories' lines of code in the way their records call for: its statistics, their histories over
// GraphQL, or single commits over REST.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "activity/loc/due.h"
#include "activity/loc/loc_environment.h"
#include "activity/loc/loc_fsm.h"
#include "activity/loc/loc_report.h"
#include "activity/loc/loc_settings.h"
#include "activity/loc/sample_week.h"
#include "async/task.h"
#include "github/api.h"
#include "github/graphql/model.h"
#include "github/limits/breaker_fsm.h"

namespace ghstats::activity {

// A repository to be asked about.
struct LocJob {
  LocTarget target;
  std::optional<store::LocRecord> known;
  LocStep step{};
};

// What a round of questions about it came to. The record is to be committed unless `cancelled` or `barred`.
struct LocRound {
  LocJob job;
  LocFsm fsm;
  bool cancelled = false;
  bool barred = false;  // no rate or no token: as if it had not been asked
};

// For one run. Counts and misses go to the report; where asking on makes no sense its failure says so. All references
// must outlive the calls.
class LocQuestions {
 public:
  using Done = std::function<async::Task<>(const LocRound&)>;

  // Repositories that share a query for their histories: as many as one query takes.
  static constexpr std::size_t kHistoriesAtOnce = 10;

  LocQuestions(const LocEnvironment& environment, github::Api& api, const LocSettings& settings, LocReport& report,
               Done done);

  // It needs commits, and they are read from its history.
  [[nodiscard]] bool reads_history(const LocJob& job) const;
  // It needs single commits, and the organisation's budget for them is known to be used up.
  [[nodiscard]] bool must_wait(const LocJob& job) const;

  // `done` is awaited once for each job, as soon as its answer is there. Either one job, or some that read_history().
  async::Task<> ask(std::vector<LocJob> jobs);

 private:
  async::Task<> ask_one(LocRound round);
  async::Task<bool> ask_statistics(LocRound& round);
  async::Task<> sample(LocRound& round);
  void take_sample(LocRound& round, SampleOutcome outcome);

  async::Task<> read_histories(std::vector<LocRound> rounds);
  async::Task<> read_history(LocRound round, github::CommitHistory begun, TimePoint week);
  async::Task<> read_without_history(LocRound round, Error error);
  void note_use(const github::Batch<github::CommitHistory>& answer);
  [[nodiscard]] bool has_history(const LocTarget& target) const;

  void take_error(LocRound& round, work::Reason reason, Error error);
  void miss(const LocTarget& target, work::Reason reason, Error error, TimePoint week);
  void end_early(const Error& error);

  const LocEnvironment& environment_;
  github::Api& api_;
  const LocSettings& settings_;
  LocReport& report_;
  Done done_;
  github::BreakerFsm breaker_;
};

}  // namespace ghstats::activity
