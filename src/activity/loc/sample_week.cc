#include "activity/loc/sample_week.h"

#include <utility>
#include <vector>

#include "activity/loc/week_tally.h"
#include "activity/loc/weeks.h"
#include "github/limits/breaker_fsm.h"
#include "github/rest/get_commit.h"
#include "github/rest/list_commits.h"

namespace ghstats::activity {
namespace {

using async::Task;
using namespace std::chrono_literals;

constexpr int kCommitsBetweenYields = 256;
constexpr std::size_t kMostSilent = 2;  // commits in a row

class Sampler {
 public:
  Sampler(github::Api& api, SampleTools tools, SampleOrder order)
      : api_(api), tools_(tools), order_(std::move(order)), tally_(order_.week, order_.include_bots) {}

  Task<Result<SampleOutcome>> run();

 private:
  Task<Result<std::vector<github::Commit>>> list();
  Task<Status> look_at(const github::Commit& commit);
  Task<bool> may_ask();
  void take_error(Error error);
  SampleOutcome finish() &&;

  github::Api& api_;
  SampleTools tools_;
  SampleOrder order_;
  SampleOutcome out_;
  WeekTally tally_;
  github::BreakerFsm breaker_{kMostSilent};
  bool out_of_budget_ = false;
};

Task<Result<std::vector<github::Commit>>> Sampler::list() {
  auto listing = co_await github::list_commits(api_, order_.full_name, order_.week, order_.week + kWeek - 1s);
  if (!listing) co_return fail(std::move(listing).error());
  std::erase_if(listing->items, [&](const github::Commit& commit) { return !tally_.counts(commit); });
  co_return std::move(listing->items);
}

Task<Result<SampleOutcome>> Sampler::run() {
  auto commits = co_await list();
  if (!commits) co_return fail(std::move(commits).error());
  std::int64_t place = 0;
  for (const github::Commit& commit : *commits) {
    if (place++ >= order_.max_commits) {
      ++out_.cut_off;
      tally_.leave_out(commit);
      continue;
    }
    const Status looked = co_await look_at(commit);
    if (!looked) co_return fail(looked.error());
    if (place % kCommitsBetweenYields == 0) co_await async::yield();
  }
  co_return std::move(*this).finish();
}

// kCancelled only.
Task<Status> Sampler::look_at(const github::Commit& commit) {
  if (const github::CommitStats* known = tools_.memory.commits.find(commit.sha)) {
    tally_.add(commit, *known);
    co_return Status{};
  }
  const bool allowed = co_await may_ask();
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (!allowed) {
    tally_.unfinished();
    tally_.leave_out(commit);
    co_return Status{};
  }
  auto lines = co_await github::get_commit_stats(api_, order_.full_name, commit.sha);
  if (!lines && lines.error().code == ErrorCode::kCancelled) co_return fail(std::move(lines).error());
  if (!lines) breaker_.on_error(lines.error());
  if (!lines && lines.error().code == ErrorCode::kNotFound) co_return Status{};
  if (!lines) {
    take_error(std::move(lines).error());
    tally_.leave_out(commit);
    co_return Status{};
  }
  breaker_.on_answer();
  if (*lines) {
    tools_.memory.commits.keep(commit.sha, **lines);
    tally_.add(commit, **lines);
  } else {
    tally_.leave_out(commit);
  }
  co_return Status{};
}

Task<bool> Sampler::may_ask() {
  if (breaker_.is_open() || out_.store_error || out_of_budget_) co_return false;
  const TimePoint now = api_.now();
  if (tools_.memory.budgets.is_exhausted(order_.org, now)) {
    out_of_budget_ = true;
    co_return false;
  }
  const auto drawn = co_await tools_.store.draw({"loc/" + order_.org, order_.hourly_budget, 1h}, 1);
  if (!drawn) {
    out_.store_error = drawn.error().with_context("draw from the budget of '" + order_.org + "'");
    co_return false;
  }
  if (*drawn > 0) co_return true;
  out_of_budget_ = true;
  if (tools_.memory.budgets.exhausted(order_.org, now)) {
    tools_.recorder.add(metrics::Family::kLocFallbackBudgetExhausted, {order_.org});
  }
  co_return false;
}

void Sampler::take_error(Error error) {
  tally_.unfinished();
  if (!out_.detail_error) out_.detail_error = std::move(error);
}

SampleOutcome Sampler::finish() && {
  out_.hopeless = breaker_.reason();
  out_.sample = std::move(tally_).sample();
  return std::move(out_);
}

}  // namespace

async::Task<Result<SampleOutcome>> sample_week(github::Api& api, SampleTools tools, SampleOrder order) {
  Sampler sampler(api, tools, std::move(order));
  co_return co_await sampler.run();
}

}  // namespace ghstats::activity
