#include "activity/changes/fast_cycle.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "activity/changes/ask_repositories.h"
#include "activity/changes/delivery.h"
#include "activity/changes/misses.h"
#include "activity/changes/org_heads.h"
#include "activity/changes/search_activity.h"

namespace ghstats::activity {
namespace {

using async::Task;

class FastCycle {
 public:
  FastCycle(ChangesEnvironment environment, const ChangesSettings& settings, ChangesMemory& memory)
      : environment_(environment),
        settings_(settings),
        memory_(memory),
        delivery_(environment.store, environment.authority, settings.org.org),
        now_(environment.api.transport().settled_clock().now()) {}

  Task<CycleReport> run();

 private:
  Task<> search();
  Task<Searched> search(Aspect aspect);
  Task<bool> tell_names(const std::map<RepoId, std::string>& repositories);
  Task<Status> look_at_pushes();
  Task<> ask(HeadsDiff diff);
  void meet(const github::RepositoryHead& head);
  CycleReport conclude(bool cancelled);
  [[nodiscard]] ToldPolicy told_policy() const;

  ChangesEnvironment environment_;
  const ChangesSettings& settings_;
  ChangesMemory& memory_;
  Delivery delivery_;
  const TimePoint now_;
  ToldUpdates told_;
  bool doubtful_ = false;
  std::optional<Error> failure_;  // GitHub's: nothing is known of pushes, or of anything
};

ToldPolicy FastCycle::told_policy() const {
  return {.events = settings_.org.sweep.events,
          .families = settings_.org.sweep.families,
          .oldest = oldest_visible(settings_.org.sweep.windows, now_)};
}

Task<Searched> FastCycle::search(Aspect aspect) {
  const TimePoint since = search_since(settings_.search, memory_.told_until, told_policy().oldest);
  const auto is_ours = [this](RepoId repository) { return memory_.known.contains(repository); };
  const auto sink = [this](std::vector<ledger::Event> events) -> Task<bool> {
    co_return co_await delivery_.commit_events(std::move(events));
  };
  co_return co_await search_activity(environment_.api,
                                     {.org = environment_.api.org(), .told = told_policy(), .policy = settings_.search},
                                     aspect, {since, now_}, is_ours, sink);
}

Task<> FastCycle::search() {
  std::optional<TimePoint> told_until;
  bool anything_told = false;
  for (const Aspect aspect : {Aspect::kPulls, Aspect::kIssues}) {
    if (!wanted_of(told_policy(), aspect).anything) continue;
    const Searched searched = co_await search(aspect);
    if (searched.cancelled) co_return;
    told_until = std::min(told_until.value_or(TimePoint::max()), searched.told_until);
    doubtful_ = doubtful_ || searched.doubtful;
    if (searched.failure && searched.told.empty()) failure_ = searched.failure;
    if (!searched.failure) anything_told = true;
    for (const auto& [repository, updates] : searched.told) {
      auto& newest = told_[repository][index_of(aspect)];
      newest = std::max(newest, updates[index_of(aspect)]);
    }
    const bool named = co_await tell_names(searched.repositories);
    if (!named) co_return;
    if (delivery_.failure()) co_return;
  }
  if (told_until) memory_.told_until = told_until;
  if (anything_told) failure_.reset();
}

// Search speaks of repositories under their current names; one that nothing happens in is renamed by the next
// reconcile.
Task<bool> FastCycle::tell_names(const std::map<RepoId, std::string>& repositories) {
  std::vector<RepoId> renamed;
  for (const auto& [repository, full_name] : repositories) {
    const auto known = memory_.known.find(repository);
    if (known == memory_.known.end() || known->second.full_name == full_name) continue;
    delivery_.name(repository, std::string(name_in(full_name)));
    renamed.push_back(repository);
  }
  co_return co_await delivery_.commit_names(renamed);
}

// Known from now on, so that search is believed when it speaks of it.
void FastCycle::meet(const github::RepositoryHead& head) {
  const auto [known, is_new] = memory_.known.try_emplace(head.repository.id);
  known->second.node = head.node;
  // Another name than the known one is the next reconcile's to tell for certain.
  if (is_new) known->second.full_name = head.repository.full_name;
}

Task<Status> FastCycle::look_at_pushes() {
  const TimePoint since = memory_.pushed_since.value_or(told_policy().oldest) - kSettled;
  auto seen = co_await list_pushed_heads(environment_.api, since);
  if (!seen) co_return fail(std::move(seen).error());
  std::erase_if(seen->heads, [this](const github::RepositoryHead& head) {
    return !environment_.inventory.accepts(head.repository);
  });
  HeadsDiff diff = diff_for_fast_cycle(memory_.known, seen->heads, memory_.claimed.coverage, told_,
                                       {.owner = environment_.api.org(),
                                        .now = std::min(now_, seen->began),
                                        .latest_credible = environment_.api.transport().latest_credible(),
                                        .windows = settings_.org.sweep.windows});
  for (const github::RepositoryHead& head : seen->heads) {
    if (std::ranges::find(diff.elsewhere, head.repository.id) != diff.elsewhere.end()) continue;
    meet(head);
    delivery_.name(head.repository.id, head.repository.name);
  }
  const bool named = co_await delivery_.commit_names(diff.renamed);
  if (!named) co_return Status{};
  co_await ask(std::move(diff));
  if (!delivery_.failure()) memory_.pushed_since = seen->began;
  memory_.timing.on_repositories(static_cast<std::size_t>(seen->total));
  co_return Status{};
}

Task<> FastCycle::ask(HeadsDiff diff) {
  const AskEnd told = co_await ask_repositories(
      environment_.api, {.told = told_policy(), .concurrency = settings_.org.concurrency}, std::move(diff.asks),
      [this](AskPart part) -> Task<bool> { co_return co_await delivery_.commit_events(std::move(part.events)); });
  for (const auto& [repository, sha] : told.tips) {
    const auto collected = told.collected.find(repository);
    if (collected == told.collected.end() || !collected->second[index_of(Aspect::kCommits)]) continue;
    memory_.known[repository].fast_tip = sha;
  }
  // What will be refused again is the next reconcile's to tell, in its time.
  doubtful_ = doubtful_ || !std::ranges::all_of(told.refused, is_final, &AskEnd::Refused::error);
}

CycleReport FastCycle::conclude(bool cancelled) {
  CycleReport out{.repositories = memory_.known.size(), .listed = !failure_.has_value()};
  delivery_.tell(out);
  if (doubtful_ || failure_) memory_.timing.on_doubt();
  if (cancelled) {
    out.result = CycleResult::kCancelled;
  } else if (failure_) {
    const auto& clocks = environment_.api.transport();
    const MissContext context{.org = settings_.org.org,
                              .families = settings_.org.sweep.families,
                              .before = memory_.claimed.coverage,
                              .oldest = told_policy().oldest,
                              .now = clocks.settled_clock().now(),
                              .latest_credible = clocks.latest_credible()};
    out.misses.push_back(miss_of_all(context, false, *failure_));
    if (!out.failure) out.failure = failure_;
    out.result = CycleResult::kFailure;
  } else if (out.failure) {
    const bool nothing_stored = out.stored.events_new + out.stored.events_changed + out.stored.events_known == 0;
    out.result = delivery_.superseded() || nothing_stored ? CycleResult::kFailure : CycleResult::kPartial;
  } else if (doubtful_) {
    out.result = CycleResult::kPartial;
  }
  return out;
}

// A reconcile follows where search was doubtful, and asks for all that the rest of this would.
Task<CycleReport> FastCycle::run() {
  for (const auto& [id, known] : memory_.known) delivery_.name(id, std::string(name_in(known.full_name)));
  co_await search();
  bool stop = co_await async::cancelled();
  if (!stop && !delivery_.failure() && !doubtful_) {
    const Status looked = co_await look_at_pushes();
    if (!looked) failure_ = looked.error();
    stop = co_await async::cancelled();
  }
  co_return conclude(stop);
}

}  // namespace

Task<CycleReport> fast_cycle(ChangesEnvironment environment, const ChangesSettings& settings, ChangesMemory& memory) {
  FastCycle cycle(environment, settings, memory);
  co_return co_await cycle.run();
}

}  // namespace ghstats::activity
