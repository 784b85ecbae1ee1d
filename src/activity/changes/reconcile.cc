#include "activity/changes/reconcile.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "activity/changes/ask_repositories.h"
#include "activity/changes/coverage.h"
#include "activity/changes/delivery.h"
#include "activity/changes/misses.h"
#include "activity/changes/org_heads.h"

namespace ghstats::activity {
namespace {

using async::Task;

class Reconcile {
 public:
  Reconcile(ChangesEnvironment environment, const ChangesSettings& settings, ChangesMemory& memory,
            store::CoverageRecord record, bool claims)
      : environment_(environment),
        settings_(settings),
        memory_(memory),
        record_(std::move(record)),
        claims_(claims),
        before_(record_.coverage),
        delivery_(environment.store, environment.authority, settings.org.org),
        started_(environment.api.transport().settled_clock().now()),
        began_(environment.api.transport().clock().steady_now()) {}

  Task<CycleReport> run();

 private:
  Task<Status> read_claims();
  Task<Status> see_heads();
  Task<Status> name_hidden();
  void choose();
  Task<bool> ask();
  Task<> claim();
  void remember(const store::Coverage& now);
  void tell_inventory() const;
  CycleReport fail_all(const Error& error, bool of_store);
  CycleReport conclude();
  [[nodiscard]] MissContext misses() const;
  [[nodiscard]] bool was_asked_in_full(RepoId repository) const;
  [[nodiscard]] std::size_t refused_for_now() const;
  [[nodiscard]] std::optional<Error> refused_aspect() const;

  ChangesEnvironment environment_;
  const ChangesSettings& settings_;
  ChangesMemory& memory_;
  const store::CoverageRecord record_;
  const bool claims_;
  Coverage before_;  // what is claimed of the families that are collected now
  Delivery delivery_;
  const TimePoint started_;
  const SteadyPoint began_;
  SeenHeads seen_;
  bool listed_ = false;                             // page by page
  std::map<RepoId, github::RepositoryHead> heads_;  // of what is collected
  std::set<RepoId> left_;                           // not collected, or not any more
  HeadsDiff diff_;
  AskEnd told_;
};

MissContext Reconcile::misses() const {
  const auto& clocks = environment_.api.transport();
  return {.org = settings_.org.org,
          .families = settings_.org.sweep.families,
          .before = before_,
          .oldest = oldest_visible(settings_.org.sweep.windows, started_),
          .now = clocks.settled_clock().now(),
          .latest_credible = clocks.latest_credible()};
}

// What workers collected meanwhile of members that are behind, and what no claim is about.
Task<Status> Reconcile::read_claims() {
  unclaim_new_families(before_, record_.families, settings_.families());
  std::vector<RepoId> behind;
  for (const auto& [repository, member] : before_.members) {
    if (member.is_behind()) behind.push_back(repository);
  }
  if (behind.empty()) co_return Status{};
  auto checkpoints = co_await environment_.store.checkpoints(std::move(behind));
  if (!checkpoints) co_return fail(std::move(checkpoints).error());
  catch_up(before_, *checkpoints, settings_.org.sweep.families, environment_.api.transport().latest_credible());
  co_return Status{};
}

// What was pushed lately comes first in GitHub's list, so its first page also tells of repositories that nobody knows.
Task<Status> Reconcile::see_heads() {
  github::GraphqlApi& api = environment_.api;
  const bool known = memory_.listed && began_ - *memory_.listed < settings_.inventory_interval &&
                     memory_.pushed_since && memory_.total_listed > settings_.always_listed;
  if (known) {
    auto pushed = co_await list_pushed_heads(api, *memory_.pushed_since - kSettled);
    if (!pushed) co_return fail(std::move(pushed).error());
    listed_ = pushed->total != memory_.total_listed;
    seen_ = *std::move(pushed);
  }
  if (!known || listed_) {
    listed_ = true;
    auto all = co_await list_heads(api);
    if (!all) co_return fail(std::move(all).error());
    seen_ = *std::move(all);
  } else {
    auto all = co_await ask_known_heads(api, memory_.known, settings_.org.concurrency);
    if (!all) co_return fail(std::move(all).error());
    seen_.gone = std::move(all->gone);
    seen_.refused = std::move(all->refused);
    std::ranges::move(all->heads, std::back_inserter(seen_.heads));
    if (all->heads.empty() && !seen_.refused.empty()) co_return fail(seen_.refused.front().error);
  }
  if (seen_.hidden) {
    const Status named = co_await name_hidden();
    if (!named) co_return named;
  }
  std::vector<RepoId> missing = unseen(memory_.known, before_, seen_.heads);
  std::set<RepoId> answered(seen_.gone.begin(), seen_.gone.end());
  for (const RefusedHead& head : seen_.refused) answered.insert(head.repository);
  std::erase_if(missing, [&](RepoId repository) { return answered.contains(repository); });
  co_return co_await ask_unseen_heads(api, environment_.inventory, memory_.known, std::move(missing), seen_);
}

// GraphQL refuses a head of which it may not show a part; REST knows which repositories these are.
Task<Status> Reconcile::name_hidden() {
  const auto listed = co_await environment_.inventory.list();
  if (!listed) co_return fail(listed.error());
  std::set<RepoId> met;
  for (const github::RepositoryHead& head : seen_.heads) met.insert(head.repository.id);
  for (const RefusedHead& head : seen_.refused) met.insert(head.repository);
  for (const github::Repository& repository : listed->items) {
    if (!met.contains(repository.id)) seen_.refused.push_back({repository.id, *seen_.hidden, repository.name});
  }
  co_return Status{};
}

// An archived one is collected once more: what happened before it was archived is still to be told.
void Reconcile::choose() {
  left_.insert(seen_.gone.begin(), seen_.gone.end());
  for (const github::RepositoryHead& head : seen_.heads) {
    const RepoId id = head.repository.id;
    github::Repository repository = head.repository;
    const bool last_time = repository.archived && before_.members.contains(id);
    if (last_time) repository.archived = false;
    heads_.erase(id);
    left_.erase(id);
    if (environment_.inventory.accepts(repository)) {
      heads_.emplace(id, head);
      delivery_.name(id, head.repository.name);
    } else {
      left_.insert(id);
    }
  }
  std::vector<github::RepositoryHead> wanted;
  std::ranges::copy(heads_ | std::views::values, std::back_inserter(wanted));
  const auto& clocks = environment_.api.transport();
  diff_ = diff_for_reconcile(memory_.known, wanted, before_,
                             {.owner = environment_.api.org(),
                              .now = std::min(started_, seen_.began),
                              .latest_credible = clocks.latest_credible(),
                              .windows = settings_.org.sweep.windows});
  for (const RepoId id : diff_.elsewhere) {
    heads_.erase(id);
    left_.insert(id);
  }
  for (const auto& [id, known] : memory_.known) delivery_.name(id, std::string(name_in(known.full_name)));
  for (const auto& [id, head] : heads_) delivery_.name(id, head.repository.name);
}

// False: cancelled, or the store did not take something.
Task<bool> Reconcile::ask() {
  AskSettings settings{.told = {.events = settings_.org.sweep.events,
                                .families = settings_.org.sweep.families,
                                .oldest = oldest_visible(settings_.org.sweep.windows, std::min(started_, seen_.began))},
                       .concurrency = settings_.org.concurrency};
  told_ = co_await ask_repositories(
      environment_.api, std::move(settings), diff_.asks,
      [this](AskPart part) -> Task<bool> { co_return co_await delivery_.commit_events(std::move(part.events)); });
  co_return !told_.cancelled && !told_.stopped;
}

// Repositories of which more may be told if they are asked again soon.
std::size_t Reconcile::refused_for_now() const {
  std::set<RepoId> out;
  for (const RefusedHead& head : seen_.refused) {
    if (!is_final(head.error)) out.insert(head.repository);
  }
  for (const AskEnd::Refused& list : told_.refused) {
    if (!is_final(list.error)) out.insert(list.repository);
  }
  return out.size();
}

bool Reconcile::was_asked_in_full(RepoId repository) const {
  const auto found = told_.collected.find(repository);
  return found == told_.collected.end() || std::ranges::all_of(found->second, std::identity{});
}

Task<> Reconcile::claim() {
  const auto& clocks = environment_.api.transport();
  ReconcileEnd end{.began = seen_.began,
                   .latest_credible = clocks.latest_credible(),
                   .repositories = {},
                   .left = {left_.begin(), left_.end()}};
  for (const auto& [id, head] : heads_) {
    const auto found = told_.collected.find(id);
    end.repositories.push_back(
        {id, found == told_.collected.end() ? PerAspect<bool>{true, true, true} : found->second});
    if (head.repository.archived && was_asked_in_full(id)) end.left.push_back(id);
  }
  const Coverage now = after_reconcile(before_, end);
  std::vector<RepoId> named;
  for (const auto& [id, head] : heads_) {
    const auto known = memory_.known.find(id);
    const bool is_new = known == memory_.known.end() || !known->second.tip;
    if (is_new || known->second.full_name != head.repository.full_name) named.push_back(id);
  }
  const kinds::FamilySwitches families = settings_.families();
  const bool taken = co_await delivery_.commit_claim(std::move(named), record_, now, families);
  if (taken) {
    memory_.claimed = {.coverage = now, .families = families, .serial = delivery_.serial()};
    remember(now);
  }
  constexpr std::size_t kFewRefused = 10;
  memory_.timing.on_reconciled(began_, taken && refused_for_now() <= std::max(kFewRefused, heads_.size() / 100));
}

void Reconcile::remember(const store::Coverage& now) {
  const TimePoint credible = environment_.api.transport().latest_credible();
  for (const RepoId id : left_) memory_.known.erase(id);
  for (const auto& [id, head] : heads_) {
    if (head.repository.archived && was_asked_in_full(id)) {
      memory_.known.erase(id);
      continue;
    }
    KnownHead& known = memory_.known[id];
    known.node = head.node;
    known.full_name = head.repository.full_name;
    const auto as_of = [&](Aspect aspect) { return collected_until(now, id, aspect, credible).value_or(TimePoint{}); };
    const auto found = told_.collected.find(id);
    const auto collected = found == told_.collected.end() ? PerAspect<bool>{true, true, true} : found->second;
    if (collected[index_of(Aspect::kCommits)]) {
      const auto tip = told_.tips.find(id);
      known.tip = CollectedTip{tip == told_.tips.end() ? head.head : tip->second, as_of(Aspect::kCommits)};
      known.fast_tip.reset();
    }
    if (collected[index_of(Aspect::kPulls)]) known.pulls = CollectedUpdate{head.pull_updated_at, as_of(Aspect::kPulls)};
    if (collected[index_of(Aspect::kIssues)]) {
      known.issues = CollectedUpdate{head.issue_updated_at, as_of(Aspect::kIssues)};
    }
  }
  memory_.told_until = seen_.began;
  memory_.pushed_since = seen_.began;
  if (listed_) {
    memory_.listed = began_;
    memory_.total_listed = seen_.total;
  }
  // What went may come back without a push, and what is hidden is found by listing only.
  if (seen_.hidden || !seen_.gone.empty() || !diff_.elsewhere.empty()) memory_.listed.reset();
  memory_.timing.on_repositories(static_cast<std::size_t>(seen_.total));
}

// Heads of members that were refused keep their place in the list.
void Reconcile::tell_inventory() const {
  github::Listing<github::Repository> listing{.items = {}, .served_at = seen_.began};
  for (const github::RepositoryHead& head : heads_ | std::views::values) listing.items.push_back(head.repository);
  for (const RefusedHead& head : seen_.refused) {
    const auto& known = environment_.inventory.repositories();
    const auto found = std::ranges::find(known, head.repository, &github::Repository::id);
    if (found != known.end()) listing.items.push_back(*found);
  }
  environment_.inventory.learn(std::move(listing));
}

CycleReport Reconcile::fail_all(const Error& error, bool of_store) {
  CycleReport out{.result = CycleResult::kFailure, .store_failed = of_store, .failure = error};
  if (error.code == ErrorCode::kCancelled) out.result = CycleResult::kCancelled;
  if (!of_store && error.code != ErrorCode::kCancelled) out.misses.push_back(miss_of_all(misses(), false, error));
  memory_.timing.on_reconciled(began_, false);
  return out;
}

// Why an aspect was refused of every repository that it was asked of, and these were several: host or credential do not
// allow the query.
std::optional<Error> Reconcile::refused_aspect() const {
  constexpr std::size_t kSeveral = 3;
  for (const Aspect aspect : kAspects) {
    std::size_t asked = 0;
    std::size_t told = 0;
    for (const RepositoryAsk& ask : diff_.asks) {
      if (!ask.asks(aspect)) continue;
      ++asked;
      const auto found = told_.collected.find(ask.repository);
      if (found != told_.collected.end() && found->second[index_of(aspect)]) ++told;
    }
    if (asked < kSeveral || told > 0) continue;
    const auto why = std::ranges::find(told_.refused, aspect, &AskEnd::Refused::aspect);
    if (why != told_.refused.end()) return why->error;
  }
  return std::nullopt;
}

CycleReport Reconcile::conclude() {
  CycleReport out{.repositories = heads_.size(), .listed = true};
  out.misses = misses_of(misses(), seen_.refused, told_.refused, delivery_);
  out.checkpoints_ahead = record_.coverage.until > environment_.api.transport().latest_credible() ? 1 : 0;
  delivery_.tell(out);
  const bool nothing_stored = out.stored.events_new + out.stored.events_changed + out.stored.events_known == 0;
  const bool missed = !std::ranges::all_of(
      out.misses, [](const work::Miss& miss) { return miss.error.code == ErrorCode::kNotFound && !miss.repo.empty(); });
  if (!out.failure) out.failure = refused_aspect();
  if (out.failure && (delivery_.superseded() || nothing_stored)) {
    out.result = CycleResult::kFailure;
  } else if (out.failure || missed) {
    out.result = CycleResult::kPartial;
  }
  return out;
}

Task<CycleReport> Reconcile::run() {
  const Status claims = co_await read_claims();
  if (!claims) co_return fail_all(claims.error().with_context("read checkpoints of '" + settings_.org.org + "'"), true);
  const Status seen = co_await see_heads();
  if (!seen) co_return fail_all(seen.error(), false);
  choose();
  if (claims_) {
    tell_inventory();
    delivery_.count_from(record_.serial);
  }
  const bool asked = co_await ask();
  if (told_.cancelled) co_return CycleReport{.result = CycleResult::kCancelled};
  if (asked && claims_) co_await claim();
  if (!asked) memory_.timing.on_reconciled(began_, false);
  const bool stop = co_await async::cancelled();
  if (stop) co_return CycleReport{.result = CycleResult::kCancelled};
  co_return conclude();
}

}  // namespace

Task<CycleReport> reconcile(ChangesEnvironment environment, const ChangesSettings& settings, ChangesMemory& memory,
                            store::CoverageRecord record) {
  Reconcile cycle(environment, settings, memory, std::move(record), true);
  co_return co_await cycle.run();
}

Task<CycleReport> collect_unclaimed(ChangesEnvironment environment, const ChangesSettings& settings,
                                    store::CoverageRecord record) {
  ChangesMemory memory(settings.reconcile_interval);
  Reconcile cycle(environment, settings, memory, std::move(record), false);
  co_return co_await cycle.run();
}

}  // namespace ghstats::activity
