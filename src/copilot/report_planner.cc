#include "copilot/report_planner.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <set>
#include <utility>

#include "async/task_group.h"
#include "copilot/report_timing.h"
#include "log/attempts.h"
#include "store/gauge_teller.h"

namespace ghstats::copilot {
namespace {

using async::Task;
using metrics::Family;
using namespace std::chrono_literals;

constexpr auto kRecallInterval = 5s;    // of a store that does not answer
constexpr auto kGaugesInterval = 1min;  // while nothing runs: reports grow older

const std::string kGaugesSlot = std::string(kSlots) + "gauges";

// A report, and what is known of it.
struct Tracked {
  ReportTarget target;
  ReportTiming timing;
  std::optional<ShownReport> shown = std::nullopt;  // whatever options it was read with
  std::optional<TimePoint> succeeded = std::nullopt;
  std::string complaint = {};  // told last; empty: none since the last success
};

class ReportPlanner {
 public:
  ReportPlanner(PlannerEnvironment environment, store::Authority authority, ReportSettings settings,
                std::vector<ReportTarget> targets, boost::asio::any_io_executor executor)
      : environment_(std::move(environment)),
        authority_(authority),
        settings_(std::move(settings)),
        fingerprint_(fingerprint(settings_.options)),
        runs_(executor),
        tasks_(std::move(executor)) {
    for (ReportTarget& target : targets) {
      reports_.push_back({.target = std::move(target), .timing = ReportTiming(settings_.interval)});
    }
  }

  Task<> run() {
    const Status known = co_await recall_until_known();
    if (!known) co_return;
    tasks_.spawn([this] { return read_for_ever(); });
    if (!reports_.empty()) tasks_.spawn([this] { return tell_gauges_for_ever(); });
    co_await tasks_.join();
  }

 private:
  using Editions = std::map<std::string, std::optional<store::Edition>>;

  Task<Status> recall_until_known();
  Task<Status> recall();
  void take_over(Tracked& report, const Editions& editions);
  [[nodiscard]] std::optional<ShownReport> readable(const std::optional<ShownReport>& shown) const;
  [[nodiscard]] std::vector<store::ValueSet> unwanted(const std::vector<store::SlotEdition>& known) const;
  Task<> read_for_ever();
  Task<> read(Tracked& report);
  void learn(Tracked& report, const ReportRun& run);
  [[nodiscard]] std::chrono::nanoseconds wait_of(const Tracked& report) const;
  Task<> tell_gauges_for_ever();
  [[nodiscard]] store::ValueSet gauges() const;

  const PlannerEnvironment environment_;
  const store::Authority authority_;
  const ReportSettings settings_;
  const std::string fingerprint_;
  std::vector<Tracked> reports_;
  std::uint64_t returns_seen_ = 0;  // version of store_returned when the store was asked last
  bool has_taken_over_ = false;     // from the leader before
  async::Watch runs_;               // bumped after each
  async::TaskGroup tasks_;
};

// Only cancellation is an error.
Task<Status> ReportPlanner::recall_until_known() {
  log::Attempts attempts(environment_.collect.logger, "which Copilot reports are shown is not known");
  for (;;) {
    const std::uint64_t seen = environment_.store_returned.version();
    const Status known = co_await recall();
    if (!known && known.error().code == ErrorCode::kCancelled) co_return known;
    attempts.ended(known);
    if (known) {
      returns_seen_ = seen;
      co_return known;
    }
    const Status waited = co_await environment_.wait(environment_.store_returned, seen, kRecallInterval);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return waited;
  }
}

// What another leader, an earlier run, the store's loss or a worker of another configuration left; what is not wanted
// any more ends.
Task<Status> ReportPlanner::recall() {
  const auto known = co_await environment_.collect.store.editions(std::string(kSlots));
  if (!known) co_return fail(known.error());
  store::Batch batch;
  batch.value_sets = unwanted(*known);
  if (!batch.value_sets.empty()) {
    const auto stored = co_await environment_.collect.store.commit(std::move(batch), authority_);
    if (!stored) co_return fail(stored.error());
  }
  Editions editions;
  for (const store::SlotEdition& slot : *known) editions.emplace(slot.slot, slot.edition);
  for (Tracked& report : reports_) take_over(report, editions);
  has_taken_over_ = true;
  co_return Status{};
}

void ReportPlanner::take_over(Tracked& report, const Editions& editions) {
  const auto edition_in = [&](const std::string& slot) -> std::optional<store::Edition> {
    const auto found = editions.find(slot);
    return found != editions.end() ? found->second : std::nullopt;
  };
  const ReportTarget& target = report.target;
  const auto before = readable(report.shown);
  const auto edition = edition_in(report_slot(target.kind, target.owner));
  report.shown = edition ? shown_report(*edition) : std::nullopt;
  const auto shown = readable(report.shown);
  if (before && (!shown || shown->last_day < before->last_day)) report.timing.lost();
  if (has_taken_over_) return;
  const auto success = edition_in(success_slot(target.kind, target.owner));
  const auto succeeded = success ? success_time(*success) : std::nullopt;
  if (!succeeded) return;
  const std::chrono::nanoseconds ago = environment_.collect.clock.now() - *succeeded;
  if (ago.count() < 0) return;  // by a clock that was wrong
  report.succeeded = succeeded;
  if (!shown) return;
  report.timing.succeeded_before(ago, environment_.collect.clock.steady_now());
  environment_.on_run(target, {});
}

// What was read with other switches has to be read again.
std::optional<ShownReport> ReportPlanner::readable(const std::optional<ShownReport>& shown) const {
  return shown && shown->options == fingerprint_ ? shown : std::nullopt;
}

std::vector<store::ValueSet> ReportPlanner::unwanted(const std::vector<store::SlotEdition>& known) const {
  std::set<std::string> wanted;
  std::set<std::string> stand_ins;
  for (const Tracked& report : reports_) {
    const ReportTarget& target = report.target;
    wanted.insert({kGaugesSlot, report_slot(target.kind, target.owner), success_slot(target.kind, target.owner)});
    stand_ins.insert(report_slot(one_day_of(target.kind), target.owner));
  }
  std::vector<store::ValueSet> out;
  for (const store::SlotEdition& slot : known) {
    if (wanted.contains(slot.slot)) continue;
    if (!stand_ins.contains(slot.slot)) {
      out.push_back({slot.slot, {}});
      continue;
    }
    // Its edition stays: it keeps out what is older.
    const auto shown = slot.edition ? shown_report(*slot.edition) : std::nullopt;
    if (slot.series > 0 && !readable(shown)) out.push_back({slot.slot, {}, slot.edition});
  }
  return out;
}

std::chrono::nanoseconds ReportPlanner::wait_of(const Tracked& report) const {
  const SteadyPoint now = environment_.collect.clock.steady_now();
  std::chrono::nanoseconds wait = report.timing.wait(now);
  if (const auto until = environment_.paused_until(report.target.owner)) {
    wait = std::max<std::chrono::nanoseconds>(wait, *until - now);
  }
  return wait;
}

// Before each step it is known what the store has: without it nothing is asked for.
Task<> ReportPlanner::read_for_ever() {
  for (;;) {
    const auto next = std::ranges::min_element(reports_, {}, [this](const Tracked& report) { return wait_of(report); });
    std::chrono::nanoseconds wait = settings_.interval;
    if (next != reports_.end()) wait = std::min(wait, wait_of(*next));
    if (wait.count() > 0) {
      co_await environment_.wait(environment_.store_returned, returns_seen_, wait);
    } else {
      co_await read(*next);
    }
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    const Status known = co_await recall_until_known();
    if (!known) co_return;
  }
}

Task<> ReportPlanner::read(Tracked& report) {
  report.timing.began(environment_.collect.clock.steady_now());
  ReportRun run = co_await collect_report(environment_.collect, authority_, settings_, report.target, report.shown);
  if (run.result == RunResult::kCancelled) co_return;
  learn(report, run);
  runs_.bump();
  std::vector<work::Miss> missed;
  if (run.miss) missed.push_back(*std::move(run.miss));
  if (!missed.empty()) co_await environment_.redo_later(std::move(missed));
}

void ReportPlanner::learn(Tracked& report, const ReportRun& run) {
  if (run.shown) report.shown = run.shown;
  const bool succeeded = run.result == RunResult::kSuccess || run.result == RunResult::kUnchanged;
  if (succeeded) report.succeeded = environment_.collect.clock.now();
  if (run.result == RunResult::kFailure) {
    report.timing.failed(environment_.collect.clock.steady_now());
  } else {
    report.timing.succeeded();
  }
  environment_.on_run(report.target, run);
  const std::string complaint = run.error ? run.error->message : "";
  const bool is_news = complaint != report.complaint;
  report.complaint = complaint;
  if (complaint.empty()) return;
  environment_.collect.logger.write(is_news ? log::Level::kWarn : log::Level::kDebug,
                                    "a Copilot report was not read; what is shown of it stays",
                                    {{"owner", report.target.owner},
                                     {"report", row(report.target.kind).name},
                                     {"result", to_string(run.result)},
                                     {"error", complaint}});
}

Task<> ReportPlanner::tell_gauges_for_ever() {
  store::GaugeTeller teller(environment_.collect.store, authority_, environment_.store_returned);
  log::Attempts attempts(environment_.collect.logger, "the age of Copilot reports was not stored");
  for (;;) {
    const std::uint64_t seen = runs_.version();
    std::vector<store::ValueSet> told;
    told.push_back(gauges());
    const Status stored = co_await teller.tell(std::move(told));
    if (!stored && stored.error().code == ErrorCode::kCancelled) co_return;
    attempts.ended(stored);
    co_await environment_.wait(runs_, seen, kGaugesInterval);
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
  }
}

store::ValueSet ReportPlanner::gauges() const {
  std::map<std::string, double> last_success;
  std::map<std::string, double> staleness;
  const TimePoint now = environment_.collect.clock.now();
  for (const Tracked& report : reports_) {
    const std::string scope(row(report.target.kind).scope);
    if (report.succeeded) {
      const auto at = static_cast<double>(to_unix_seconds(*report.succeeded));
      const auto [known, is_first] = last_success.emplace(scope, at);
      if (!is_first) known->second = std::min(known->second, at);
    }
    if (report.shown) {
      const TimePoint end{report.shown->last_day + std::chrono::days{1}};
      const double age = std::max(0.0, std::chrono::duration<double>(now - end).count());
      double& oldest = staleness.emplace(scope, age).first->second;
      oldest = std::max(oldest, age);
    }
  }
  store::ValueSet set{kGaugesSlot, {}};
  for (const auto& [scope, at] : last_success) set.samples.push_back({{Family::kCopilotLastSuccess, {scope}}, at});
  for (const auto& [scope, age] : staleness) set.samples.push_back({{Family::kCopilotReportStaleness, {scope}}, age});
  return set;
}

}  // namespace

Task<> run_reports(PlannerEnvironment environment, store::Authority authority, ReportSettings settings,
                   std::vector<ReportTarget> targets) {
  ReportPlanner planner(std::move(environment), authority, std::move(settings), std::move(targets),
                        co_await boost::asio::this_coro::executor);
  co_await planner.run();
}

}  // namespace ghstats::copilot
