// The decisions of this folder put together as a strategy would, over a ModelOrg.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "activity/changes/batches.h"
#include "activity/changes/coverage.h"
#include "activity/changes/heads_diff.h"
#include "activity/changes/reconcile_timing.h"
#include "activity/changes/search_windows.h"
#include "activity/changes/testing/model_org.h"

namespace ghstats::activity::testing {

struct ModelStore {
  std::set<std::string> events;
  Coverage coverage;
};

// How often something goes wrong: one in so many, 0: never.
struct Trouble {
  std::uint32_t refused_head = 0;
  std::uint32_t refused_list = 0;
  std::uint32_t failed_search = 0;
  std::uint32_t hidden_by_paging = 0;
  std::uint32_t forgetful_store = 0;  // in mid-cycle
};

class ModelCollection {
 public:
  ModelCollection(std::mt19937& random, ModelOrg& org, WindowPolicy windows)
      : random_(random), org_(org), windows_(windows) {}

  ModelStore store;
  std::optional<ModelStore> forgotten;  // what a forgetful store goes back to
  std::size_t asked = 0;                // lists, since the beginning
  bool reconciled = false;              // in the last cycle
  bool busy = true;                     // things happen while it asks

  void restart() {
    known_.clear();
    told_until_.reset();
    timing_ = ReconcileTiming(kInterval);
    pushed_since_.reset();
  }

  void cycle(const Trouble& trouble) {
    reconciled = false;
    trouble_ = trouble;
    if (!timing_.is_due(steady())) fast_cycle();
    if (timing_.is_due(steady())) reconcile();
  }

 private:
  using Answered = std::map<RepoId, PerAspect<bool>>;

  bool goes_wrong(std::uint32_t one_in) { return one_in != 0 && random_() % one_in == 0; }
  [[nodiscard]] SteadyPoint steady() const { return SteadyPoint{org_.now().time_since_epoch()}; }
  [[nodiscard]] TimePoint credible() const { return org_.now() + std::chrono::minutes{1}; }
  [[nodiscard]] DiffRules rules() const {
    return {.owner = "Acme", .now = org_.now(), .latest_credible = credible(), .windows = windows_};
  }

  void see(std::vector<github::RepositoryHead>& out, ModelRepository& repository) {
    if (!goes_wrong(trouble_.refused_head)) out.push_back(org_.head(repository));
  }

  void reconcile() {
    reconciled = true;
    const TimePoint began = org_.now();
    const Coverage before = store.coverage;
    std::vector<github::RepositoryHead> seen;
    std::vector<RepoId> left;
    for (auto& [id, repository] : org_.repositories()) {
      if (repository.is_ours() && !goes_wrong(trouble_.hidden_by_paging)) see(seen, repository);
    }
    for (const RepoId id : unseen(known_, before, seen)) {
      ModelRepository& repository = org_.repositories().at(id);
      repository.deleted ? left.push_back(id) : see(seen, repository);
    }
    const HeadsDiff diff = diff_for_reconcile(known_, seen, before, rules());
    left.insert(left.end(), diff.elsewhere.begin(), diff.elsewhere.end());
    const bool store_forgot = goes_wrong(trouble_.forgetful_store) && forgotten;
    if (store_forgot) store = *forgotten;
    std::map<RepoId, std::string> read;
    const Answered answered = ask(diff, read);

    ReconcileEnd end{.began = began, .latest_credible = credible(), .repositories = {}, .left = left};
    for (const github::RepositoryHead& head : seen) {
      const RepoId id = head.repository.id;
      if (std::ranges::find(diff.elsewhere, id) != diff.elsewhere.end()) continue;
      const auto found = answered.find(id);
      end.repositories.push_back({id, found == answered.end() ? PerAspect<bool>{true, true, true} : found->second});
    }
    const Coverage now = after_reconcile(before, end);
    if (!store_forgot) store.coverage = now;
    remember(seen, end, now, read);
    for (const RepoId id : left) known_.erase(id);
    told_until_ = began;
    pushed_since_ = began;
    timing_.on_reconciled(steady(), true);
  }

  void remember(const std::vector<github::RepositoryHead>& seen, const ReconcileEnd& end, const Coverage& now,
                const std::map<RepoId, std::string>& read) {
    for (const Reconciled& done : end.repositories) {
      const auto head = std::ranges::find(seen, done.repository, [](const auto& h) { return h.repository.id; });
      KnownHead& known = known_[done.repository];
      known.full_name = head->repository.full_name;
      const auto as_of = [&](Aspect aspect) {
        return collected_until(now, done.repository, aspect, credible()).value_or(TimePoint{});
      };
      if (done.collected[index_of(Aspect::kCommits)]) {
        const auto tip = read.find(done.repository);
        known.tip = {tip == read.end() ? head->head : tip->second, as_of(Aspect::kCommits)};
        known.fast_tip.reset();
      }
      if (done.collected[index_of(Aspect::kPulls)]) known.pulls = {head->pull_updated_at, as_of(Aspect::kPulls)};
      if (done.collected[index_of(Aspect::kIssues)]) known.issues = {head->issue_updated_at, as_of(Aspect::kIssues)};
    }
  }

  void fast_cycle() {
    ToldUpdates told;
    search(Aspect::kPulls, told);
    search(Aspect::kIssues, told);
    told_until_ = std::min(told_[0], told_[1]);
    const TimePoint since = pushed_since_.value_or(oldest_visible(windows_, org_.now())) - kSettled;
    pushed_since_ = org_.now();
    std::vector<github::RepositoryHead> seen;
    for (auto& [id, repository] : org_.repositories()) {
      const github::RepositoryHead head = org_.head(repository);
      if (repository.is_ours() && head.repository.pushed_at >= since) seen.push_back(head);
    }
    std::map<RepoId, std::string> read;
    ask(diff_for_fast_cycle(known_, seen, store.coverage, told, rules()), read);
    for (const auto& [id, sha] : read) known_[id].fast_tip = sha;
    timing_.on_repositories(org_.repositories().size());
  }

  void search(Aspect aspect, ToldUpdates& told) {
    constexpr std::size_t kMostResults = 3;
    const TimePoint oldest = oldest_visible(windows_, org_.now());
    SearchWindows windows({.lag = std::chrono::minutes{15}, .most_results = kMostResults, .most_searches = 16},
                          {search_since({}, told_until_, oldest), org_.now()});
    while (const auto window = windows.next()) {
      std::vector<std::pair<RepoId, const ModelItem*>> found;
      for (auto& [id, repository] : org_.repositories()) {
        if (!repository.is_ours()) continue;
        for (const ModelItem& item : repository.items[index_of(aspect)]) {
          const auto indexed = std::ranges::find_if(
              item | std::views::reverse, [&](const ModelEvent& event) { return event.indexed_at <= org_.now(); });
          if (indexed != item.rend() && window->contains(indexed->at)) found.emplace_back(id, &item);
        }
      }
      SearchEnd end = found.size() > kMostResults ? SearchEnd::kTooMany : SearchEnd::kWhole;
      if (goes_wrong(trouble_.failed_search)) end = SearchEnd::kFailed;
      windows.on_end(end);
      if (end != SearchEnd::kWhole) continue;
      for (const auto& [id, item] : found) {
        tell(*item, org_.now());
        auto& newest = told[id][index_of(aspect)];
        newest = std::max(newest, updated_at(*item, org_.now()));
      }
    }
    if (windows.doubtful()) timing_.on_doubt();
    told_[index_of(aspect) - index_of(Aspect::kPulls)] = windows.told_until();
  }

  void tell(const ModelItem& item, TimePoint seen_at) {
    for (const ModelEvent& event : item) {
      if (event.at <= seen_at) store.events.insert(event.key);
    }
  }

  // `read`: the commit that each history was read from.
  Answered ask(const HeadsDiff& diff, std::map<RepoId, std::string>& read) {
    Answered out;
    for (const RepositoryAsk& ask : diff.asks) {
      for (const Aspect aspect : kAspects) out[ask.repository][index_of(aspect)] = !ask.asks(aspect);
    }
    for (const Aspect aspect : kAspects) ask_one(aspect, diff, out, read);
    return out;
  }

  void ask_one(Aspect aspect, const HeadsDiff& diff, Answered& out, std::map<RepoId, std::string>& read) {
    Batches batches;
    std::map<github::NodeId, const RepositoryAsk*> asks;
    for (const RepositoryAsk& ask : diff.asks) {
      if (!ask.asks(aspect)) continue;
      batches.add(ask.node, ask.newest);
      asks[ask.node] = &ask;
    }
    while (const auto batch = batches.next({.nodes = 3, .page = 2})) {
      for (const github::NodeId& node : batch->nodes) {
        ++asked;
        const RepositoryAsk& ask = *asks.at(node);
        ModelRepository& repository = org_.repositories().at(ask.repository);
        if (goes_wrong(trouble_.refused_list)) {
          batches.drop(node);
          continue;
        }
        out[ask.repository][index_of(aspect)] = true;
        if (aspect == Aspect::kCommits) {
          read_history(repository, read);
        } else {
          const TimePoint since = aspect == Aspect::kPulls ? *ask.pulls_since : *ask.issues_since;
          const TimePoint seen_at = org_.replica();
          for (const ModelItem& item : repository.items[index_of(aspect)]) {
            if (updated_at(item, seen_at) >= since) tell(item, seen_at);
          }
        }
      }
      if (!busy) continue;
      org_.add_something();
      org_.pass(std::chrono::seconds(random_() % 2));
    }
  }

  void read_history(const ModelRepository& repository, std::map<RepoId, std::string>& read) {
    const auto history = org_.history(repository, oldest_visible(windows_, org_.now()));
    for (const auto& told : history.commits) store.events.insert(told.commit.sha);
    read[repository.id] = history.head.value_or("");
  }

  static constexpr std::chrono::minutes kInterval{15};

  std::mt19937& random_;
  ModelOrg& org_;
  WindowPolicy windows_;
  Trouble trouble_;
  KnownHeads known_;
  std::optional<TimePoint> told_until_;
  std::array<TimePoint, 2> told_{};
  std::optional<TimePoint> pushed_since_;
  ReconcileTiming timing_{kInterval};
};

}  // namespace ghstats::activity::testing
