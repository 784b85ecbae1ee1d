#include "activity/loc/loc_questions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "activity/loc/history_week.h"
#include "activity/loc/weeks.h"
#include "base/remote_clock.h"
#include "github/rest/get_contributor_stats.h"

namespace ghstats::activity {
namespace {

using async::Task;
using github::StatisticsState;

// There is nothing for us, and asking again does not change that.
bool is_final(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied;
}

// Nothing was told of anybody, in a way that says that there is no GraphQL for this host or credential (probe.h).
bool is_unusable(const github::Batch<github::CommitHistory>& answer) {
  return answer.served_at == TimePoint{} && std::ranges::all_of(answer.refused, [](const github::Refusal& refusal) {
           return is_final(refusal.error) || refusal.error.code == ErrorCode::kInvalidData;
         });
}

}  // namespace

LocQuestions::LocQuestions(const LocEnvironment& environment, github::Api& api, const LocSettings& settings,
                           LocReport& report, Done done)
    : environment_(environment),
      api_(api),
      settings_(settings),
      report_(report),
      done_(std::move(done)),
      breaker_(2 * settings.concurrency) {}

bool LocQuestions::has_history(const LocTarget& target) const {
  return environment_.graphql != nullptr && !target.node_id.empty() &&
         !environment_.memory.refusals.holds(target.org, environment_.clock.now());
}

bool LocQuestions::reads_history(const LocJob& job) const {
  return job.step != LocStep::kAskStatistics && has_history(job.target);
}

bool LocQuestions::must_wait(const LocJob& job) const {
  return job.step != LocStep::kAskStatistics && !has_history(job.target) &&
         environment_.memory.budgets.is_exhausted(job.target.org, environment_.clock.now());
}

Task<> LocQuestions::ask(std::vector<LocJob> jobs) {
  const TimePoint asked_at = environment_.clock.now();
  std::vector<LocRound> rounds;
  for (LocJob& job : jobs) {
    LocFsm fsm(job.target.id, job.known, settings_, asked_at);
    rounds.push_back({.job = std::move(job), .fsm = std::move(fsm)});
  }
  if (reads_history(rounds.front().job)) {
    co_await read_histories(std::move(rounds));
  } else {
    for (LocRound& round : rounds) co_await ask_one(std::move(round));
  }
}

Task<> LocQuestions::ask_one(LocRound round) {
  const bool asks_statistics = round.job.step == LocStep::kAskStatistics;
  bool needs_commits = true;
  if (asks_statistics) needs_commits = co_await ask_statistics(round);
  if (needs_commits && has_history(round.job.target)) {
    std::vector<LocRound> one;
    one.push_back(std::move(round));
    co_await read_histories(std::move(one));
    co_return;
  }
  if (needs_commits) co_await sample(round);
  co_await done_(round);
}

// Whether commits have to be read.
Task<bool> LocQuestions::ask_statistics(LocRound& round) {
  auto statistics = co_await github::get_contributor_stats(api_, round.job.target.full_name);
  const TimePoint now = environment_.clock.now();
  if (!statistics) {
    const bool final = is_final(statistics.error());
    if (!final) round.fsm.on_statistics_failed();
    take_error(round, work::Reason::kContributorStatsFailed, std::move(statistics).error());
    co_return false;
  }
  breaker_.on_answer();
  if (statistics->state == StatisticsState::kComputing) {
    round.fsm.on_computing();
    ++report_.warming;
    co_return false;
  }
  const TimePoint week = latest_complete_week(statistics->served_at);
  const auto next =
      round.fsm.on_statistics(statistics_of_week(statistics->contributors, week, settings_.include_bots), now);
  if (next == LocFsm::Next::kReadCommits) co_return true;
  ++report_.refreshed;
  co_return false;
}

Task<> LocQuestions::sample(LocRound& round) {
  const LocTarget& target = round.job.target;
  SampleOrder order{.org = target.org,
                    .full_name = target.full_name,
                    .week = latest_complete_week(environment_.clock.now()),
                    .include_bots = settings_.include_bots,
                    .hourly_budget = settings_.fallback_max_commit_detail_calls_per_org_per_hour};
  if (settings_.source != LocSource::kCommitHistory) {
    order.max_commits = settings_.fallback_max_commits_per_repo_per_week;
  }
  auto outcome =
      co_await sample_week(api_, {environment_.store, environment_.recorder, environment_.memory}, std::move(order));
  if (!outcome) {
    take_error(round, work::Reason::kFallbackListCommitsFailed, std::move(outcome).error());
    co_return;
  }
  breaker_.on_answer();
  take_sample(round, *std::move(outcome));
}

void LocQuestions::take_sample(LocRound& round, SampleOutcome outcome) {
  const LocTarget& target = round.job.target;
  const auto& known = round.job.known;
  const TimePoint week = outcome.sample.week;
  if (outcome.sample.finished) ++report_.refreshed;
  round.fsm.on_sample(std::move(outcome.sample), environment_.clock.now());
  if (outcome.detail_error && !is_final(*outcome.detail_error)) {
    miss(target, work::Reason::kFallbackCommitDetailFailed, *outcome.detail_error, week);
  }
  if (outcome.cut_off > 0 && !(known && is_truncated(*known, week))) {
    miss(target, work::Reason::kFallbackTruncated,
         {ErrorCode::kTooLarge, std::to_string(outcome.cut_off) + " commits of the week were not looked at (" +
                                    "loc.fallback_max_commits_per_repo_per_week)"},
         week);
  }
  if (outcome.store_error) {
    report_.store_failed = true;
    end_early(*outcome.store_error);
  }
  if (outcome.hopeless) end_early(*outcome.hopeless);
}

// A long history keeps nobody waiting: it is read on when the short ones are done.
Task<> LocQuestions::read_histories(std::vector<LocRound> rounds) {
  // Over by GitHub's clock, too: a history that is read before is not the whole week's.
  const TimePoint week = latest_complete_week(api_.now() - kSkewTolerance);
  std::vector<github::NodeId> nodes;
  for (const LocRound& round : rounds) nodes.push_back(round.job.target.node_id);
  auto answer = co_await github::commits_since(*environment_.graphql, std::move(nodes), range_of_week(week));
  if (!answer) {  // cancelled
    for (LocRound& round : rounds) {
      round.cancelled = true;
      co_await done_(round);
    }
    co_return;
  }
  note_use(*answer);
  std::ranges::partition(answer->items, [](const github::CommitHistory& h) { return !h.next; });
  for (github::CommitHistory& history : answer->items) {
    const auto round =
        std::ranges::find(rounds, history.repository.id, [](const LocRound& r) { return r.job.target.id; });
    if (round == rounds.end()) continue;
    co_await read_history(std::move(*round), std::move(history), week);
    rounds.erase(round);
  }
  for (LocRound& round : rounds) {
    const auto refusal = std::ranges::find(answer->refused, round.job.target.node_id, &github::Refusal::node);
    Error error = refusal != answer->refused.end() ? refusal->error
                                                   : Error{ErrorCode::kInvalidData, "GitHub told another repository"};
    co_await read_without_history(std::move(round), std::move(error));
  }
}

Task<> LocQuestions::read_history(LocRound round, github::CommitHistory begun, TimePoint week) {
  auto lines = co_await read_history_week(*environment_.graphql, std::move(begun), week, settings_.include_bots);
  if (!lines) {
    co_await read_without_history(std::move(round), std::move(lines).error());
    co_return;
  }
  round.fsm.on_history(*std::move(lines), environment_.clock.now());
  ++report_.refreshed;
  co_await done_(round);
}

// What GraphQL cannot tell REST may: commit by commit, within the budget.
Task<> LocQuestions::read_without_history(LocRound round, Error error) {
  const bool usable = has_history(round.job.target);
  if (error.code == ErrorCode::kCancelled || github::is_barred(error) || (usable && is_final(error))) {
    take_error(round, work::Reason::kFallbackListCommitsFailed, std::move(error));
  } else if (report_.failure) {
    miss(round.job.target, work::Reason::kFallbackListCommitsFailed, std::move(error),
         latest_complete_week(environment_.clock.now()));
  } else {
    co_await sample(round);
  }
  co_await done_(round);
}

void LocQuestions::note_use(const github::Batch<github::CommitHistory>& answer) {
  const std::string& org = api_.org();
  if (answer.served_at != TimePoint{}) {
    breaker_.on_answer();
    environment_.memory.refusals.answered(org);
    return;
  }
  if (!is_unusable(answer)) return;
  if (!environment_.memory.refusals.refused(org, environment_.clock.now())) return;
  environment_.logger.warn("no GraphQL: lines of code are read commit by commit",
                           {{"org", org}, {"error", answer.refused.front().error.message}});
}

void LocQuestions::take_error(LocRound& round, work::Reason reason, Error error) {
  if (error.code == ErrorCode::kCancelled) {
    round.cancelled = true;
    return;
  }
  const LocTarget& target = round.job.target;
  const TimePoint now = environment_.clock.now();
  breaker_.on_error(error);
  if (is_final(error)) {
    ++report_.refused;
    round.fsm.on_refused(now);
    environment_.logger.debug("no lines of code",
                              {{"org", target.org}, {"repo", target.name}, {"error", error.message}});
    return;
  }
  round.barred = github::is_barred(error);
  if (breaker_.is_open()) end_early(*breaker_.reason());
  miss(target, reason, std::move(error), latest_complete_week(now));
}

void LocQuestions::miss(const LocTarget& target, work::Reason reason, Error error, TimePoint week) {
  // Also when a limit was the cause: kRateLimited would be redone as activity.
  report_.misses.push_back({target.org, target.name, target.id, {}, {week, week + kWeek}, reason, std::move(error)});
}

void LocQuestions::end_early(const Error& error) {
  if (!report_.failure) report_.failure = error;
}

}  // namespace ghstats::activity
