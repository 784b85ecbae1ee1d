#include "activity/planner.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <utility>

#include "activity/cycle_timing.h"
#include "activity/org_work.h"
#include "async/task_group.h"
#include "log/attempts.h"
#include "store/gauge_teller.h"

namespace ghstats::activity {
namespace {

using async::Task;

constexpr std::chrono::seconds kLimitsInterval{1};
constexpr std::chrono::minutes kLinesInterval{1};  // while no cycle ends: GitHub's statistics take about as long

// Something that is done again and again.
struct Chore {
  std::unique_ptr<Schedule> schedule;
  std::function<Task<RunEnd>()> run;
  async::Watch* cycles = nullptr;  // of the organisation it is about; null: of none
  std::uint64_t returns_seen = 0;  // version of store_returned when the last run began
  std::uint64_t cycles_seen = 0;   // that of `cycles`
};

class Planner {
 public:
  Planner(PlannerEnvironment environment, store::Authority authority, boost::asio::any_io_executor executor)
      : environment_(std::move(environment)), authority_(authority), executor_(executor), tasks_(std::move(executor)) {}

  Task<> run(std::vector<PlannedOrg> orgs) {
    const SteadyPoint now = environment_.clock.steady_now();
    for (PlannedOrg& planned : orgs) {
      OrgWork& org = orgs_.emplace_back(environment_, authority_, std::move(planned), executor_);
      add({std::make_unique<CycleTiming>(org.interval()), [&org] { return org.cycle(); }});
      add({std::make_unique<AfterCycles>(kLinesInterval, now), [&org] { return org.look_at_lines(); }, &org.cycles()});
    }
    if (environment_.probe) {
      add({std::make_unique<EveryInterval>(environment_.probe_interval, now), [this] { return probe(); }});
    }
    for (Chore& chore : chores_) tasks_.spawn([this, &chore] { return do_for_ever(chore); });
    tasks_.spawn([this] { return tell_limits_for_ever(); });
    co_await tasks_.join();
  }

 private:
  void add(Chore chore);
  Task<> do_for_ever(Chore& chore);
  Task<Status> wait_until_due(Chore& chore);
  [[nodiscard]] Circumstances circumstances(const Chore& chore) const;
  Task<RunEnd> probe();
  Task<> tell_limits_for_ever();

  const PlannerEnvironment environment_;
  store::Authority authority_;
  boost::asio::any_io_executor executor_;
  std::list<OrgWork> orgs_;
  std::list<Chore> chores_;
  async::TaskGroup tasks_;
};

void Planner::add(Chore chore) {
  chore.returns_seen = environment_.store_returned.version();
  chores_.push_back(std::move(chore));
}

Task<> Planner::do_for_ever(Chore& chore) {
  for (;;) {
    const Status due = co_await wait_until_due(chore);
    if (!due) co_return;
    const SteadyPoint began = environment_.clock.steady_now();
    chore.returns_seen = environment_.store_returned.version();
    if (chore.cycles != nullptr) chore.cycles_seen = chore.cycles->version();
    const RunEnd end = co_await chore.run();
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    chore.schedule->ended(began, environment_.clock.steady_now(), end);
  }
}

// Only cancellation is an error.
Task<Status> Planner::wait_until_due(Chore& chore) {
  async::Watch& news = chore.cycles != nullptr ? *chore.cycles : environment_.store_returned;
  for (;;) {
    const std::uint64_t seen = news.version();
    const auto wait = chore.schedule->wait(environment_.clock.steady_now(), circumstances(chore));
    if (wait.count() == 0) co_return Status{};
    const Status waited = co_await environment_.wait(news, seen, wait);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return waited;
  }
}

Circumstances Planner::circumstances(const Chore& chore) const {
  return {.returned = environment_.store_returned.version() > chore.returns_seen,
          .healthy = environment_.store.health().healthy,
          .collected = chore.cycles != nullptr && chore.cycles->version() > chore.cycles_seen};
}

Task<RunEnd> Planner::probe() {
  const github::Reachability probe = co_await environment_.probe();
  const bool stop = co_await async::cancelled();
  if (stop || probe == github::Reachability::kNotAsked) co_return RunEnd::kSkipped;
  const bool reachable = probe == github::Reachability::kReachable;
  const CooldownStep step = environment_.cooldown.on_probe(reachable, environment_.clock.steady_now());
  log_step(environment_.logger, "GitHub", step);
  if (!reachable) environment_.logger.warn("GitHub does not answer a probe", {});
  environment_.on_cooldown();
  co_return RunEnd::kDone;
}

// Beside the cycles: a cycle that waits an hour for the reset is when people look at these.
Task<> Planner::tell_limits_for_ever() {
  store::GaugeTeller gauges(environment_.store, authority_, environment_.store_returned);
  log::Attempts attempts(environment_.logger, "rate limits were not stored");
  for (;;) {
    std::vector<store::ValueSet> limits;
    for (const OrgWork& org : orgs_) limits.push_back(environment_.github_metrics.rate_limits(org.name()));
    const Status stored = co_await gauges.tell(std::move(limits));
    if (!stored && stored.error().code == ErrorCode::kCancelled) co_return;
    attempts.ended(stored);
    const auto slept = co_await environment_.sleep(kLimitsInterval);
    if (!slept) co_return;
  }
}

}  // namespace

Task<> run_planner(PlannerEnvironment environment, store::Authority authority, std::vector<PlannedOrg> orgs) {
  Planner planner(std::move(environment), authority, co_await boost::asio::this_coro::executor);
  co_await planner.run(std::move(orgs));
}

}  // namespace ghstats::activity
