// An organisation that things happen to, and a GitHub that tells them late. Everything that ever happened is kept, so
// that it can be seen as of any time.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <ranges>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "activity/changes/aspect.h"
#include "base/clock.h"
#include "base/ids.h"
#include "github/graphql/model.h"

namespace ghstats::activity::testing {

struct ModelCommit {
  std::vector<std::size_t> parents;
  TimePoint committed_at;
};

struct ModelEvent {
  std::string key;
  TimePoint at;
  TimePoint indexed_at;  // search knows it from then on
};

// A pull request or an issue: what happened to it, oldest first.
using ModelItem = std::vector<ModelEvent>;

struct ModelRepository {
  RepoId id{};
  std::string name;
  std::string owner = "acme";
  bool archived = false;
  bool deleted = false;
  std::vector<ModelCommit> commits;
  std::vector<std::size_t> branches;       // their tips
  std::map<TimePoint, std::size_t> heads;  // of the default branch, since when
  std::vector<TimePoint> pushes;
  PerAspect<std::vector<ModelItem>> items;  // none of commits

  [[nodiscard]] bool is_ours() const { return !deleted && owner == "acme"; }
  [[nodiscard]] std::string key_of(std::size_t commit) const {
    return "commit " + std::to_string(to_number(id)) + "/" + std::to_string(commit);
  }
  [[nodiscard]] std::optional<std::size_t> head_at(TimePoint at) const {
    const auto next = heads.upper_bound(at);
    if (next == heads.begin()) return std::nullopt;
    return std::prev(next)->second;
  }
  [[nodiscard]] std::set<std::size_t> reachable(std::size_t from) const {
    std::set<std::size_t> out{from};
    std::vector<std::size_t> left{from};
    while (!left.empty()) {
      const std::size_t at = left.back();
      left.pop_back();
      for (const std::size_t parent : commits[at].parents) {
        if (out.insert(parent).second) left.push_back(parent);
      }
    }
    return out;
  }
};

inline std::optional<TimePoint> updated_at(const ModelItem& item, TimePoint seen_at) {
  std::optional<TimePoint> out;
  for (const ModelEvent& event : item) {
    if (event.at <= seen_at) out = event.at;
  }
  return out;
}

class ModelOrg {
 public:
  ModelOrg(std::mt19937& random, TimePoint now) : random_(random), now_(now) {
    for (int i = 0; i < 4; ++i) create();
  }

  [[nodiscard]] TimePoint now() const { return now_; }
  void pass(std::chrono::seconds time) { now_ += time; }
  std::map<RepoId, ModelRepository>& repositories() { return repositories_; }

  // What may happen while somebody asks.
  void add_something() {
    ModelRepository& repository = any();
    const std::uint32_t what = roll(6);
    if (what == 0) push(repository, 1 + roll(4));
    if (what == 1) push_merge(repository);
    if (what >= 2) update(repository, what % 2 == 0 ? Aspect::kPulls : Aspect::kIssues);
  }

  // What may happen between two cycles.
  void do_something() {
    const std::uint32_t what = roll(40);
    ModelRepository& repository = any();
    if (what == 0) force_push(repository);
    if (what == 1) switch_branch(repository);
    if (what == 2) repository.name += "x";
    if (what == 3) repository.archived = !repository.archived;
    if (what == 4) repository.owner = repository.owner == "acme" ? "others" : "acme";
    if (what == 5 && repositories_.size() > 2) repository.deleted = true;
    if (what == 6 && repositories_.size() < 12) create();
    if (what >= 7) add_something();
  }

  // As a replica of GitHub tells it that is somewhat behind.
  [[nodiscard]] TimePoint replica() { return now_ - std::chrono::seconds(roll(3) == 0 ? roll(100) : 0); }

  github::RepositoryHead head(const ModelRepository& repository) {
    const TimePoint at = replica();
    github::RepositoryHead out;
    out.node = std::to_string(to_number(repository.id));
    out.repository.id = repository.id;
    out.repository.full_name = repository.owner + "/" + repository.name;
    out.repository.archived = repository.archived;
    for (const TimePoint push : repository.pushes) {
      if (push <= at) out.repository.pushed_at = push;
    }
    if (const auto tip = repository.head_at(at)) out.head = repository.key_of(*tip);
    out.pull_updated_at = newest(repository.items[index_of(Aspect::kPulls)], at);
    out.issue_updated_at = newest(repository.items[index_of(Aspect::kIssues)], at);
    return out;
  }

  struct History {
    std::optional<std::string> head;  // that it was read from
    std::vector<github::HistoryCommit> commits;
  };

  // Newest first, no commit before its children, those of `since` or later.
  History history(const ModelRepository& repository, TimePoint since) {
    History out;
    const auto tip = repository.head_at(replica());
    if (!tip) return out;
    out.head = repository.key_of(*tip);
    const std::set<std::size_t> all = repository.reachable(*tip);
    std::map<std::size_t, int> children;
    for (const std::size_t c : all) {
      for (const std::size_t parent : repository.commits[c].parents) ++children[parent];
    }
    std::vector<std::size_t> ready{*tip};
    while (!ready.empty()) {
      const auto next = std::ranges::max_element(
          ready, {}, [&](std::size_t c) { return std::pair(repository.commits[c].committed_at, c); });
      const std::size_t c = *next;
      ready.erase(next);
      const ModelCommit& commit = repository.commits[c];
      for (const std::size_t parent : commit.parents) {
        if (--children[parent] == 0) ready.push_back(parent);
      }
      if (commit.committed_at < since) continue;
      github::HistoryCommit told;
      told.commit.sha = repository.key_of(c);
      told.commit.committed_at = commit.committed_at;
      told.commit.merge = commit.parents.size() > 1;
      out.commits.push_back(std::move(told));
    }
    return out;
  }

 private:
  std::uint32_t roll(std::uint32_t sides) { return static_cast<std::uint32_t>(random_() % sides); }

  ModelRepository& any() {
    return std::next(repositories_.begin(), roll(static_cast<std::uint32_t>(repositories_.size())))->second;
  }

  static std::optional<TimePoint> newest(const std::vector<ModelItem>& items, TimePoint at) {
    std::optional<TimePoint> out;
    for (const ModelItem& item : items) out = std::max(out, updated_at(item, at));
    return out;
  }

  void create() {
    const RepoId id{++last_id_};
    ModelRepository& made = repositories_[id];
    made.id = id;
    made.name = "r" + std::to_string(last_id_);
  }

  std::size_t commit(ModelRepository& repository, std::vector<std::size_t> parents) {
    TimePoint at = now_ - std::chrono::seconds(roll(3) == 0 ? roll(6000) : 0);  // made a while before it was pushed
    for (const std::size_t parent : parents) at = std::max(at, repository.commits[parent].committed_at);
    repository.commits.push_back({std::move(parents), at});
    return repository.commits.size() - 1;
  }

  void set_head(ModelRepository& repository, std::size_t tip) { repository.heads[now_] = tip; }

  void push(ModelRepository& repository, std::uint32_t count) {
    std::optional<std::size_t> tip = repository.head_at(now_);
    const bool elsewhere = tip && roll(5) == 0;  // on another branch
    for (std::uint32_t i = 0; i < count; ++i) {
      tip = commit(repository, tip ? std::vector{*tip} : std::vector<std::size_t>{});
    }
    repository.pushes.push_back(now_);
    repository.branches.push_back(*tip);
    if (!elsewhere) set_head(repository, *tip);
  }

  // A line of commits that left the branch earlier, and may be older than what is there meanwhile.
  void push_merge(ModelRepository& repository) {
    const auto tip = repository.head_at(now_);
    if (!tip) return push(repository, 1);
    const std::set<std::size_t> behind = repository.reachable(*tip);
    std::size_t side = *std::next(behind.begin(), roll(static_cast<std::uint32_t>(behind.size())));
    const std::uint32_t length = 1 + roll(3);
    for (std::uint32_t i = 0; i < length; ++i) side = commit(repository, {side});
    set_head(repository, commit(repository, {*tip, side}));
    repository.pushes.push_back(now_);
  }

  void force_push(ModelRepository& repository) {
    const auto tip = repository.head_at(now_);
    if (!tip) return;
    const std::set<std::size_t> behind = repository.reachable(*tip);
    set_head(repository, *std::next(behind.begin(), roll(static_cast<std::uint32_t>(behind.size()))));
    repository.pushes.push_back(now_);
    if (roll(2) == 0) push(repository, 1 + roll(3));
  }

  void switch_branch(ModelRepository& repository) {  // without a push
    if (repository.branches.empty()) return;
    set_head(repository, repository.branches[roll(static_cast<std::uint32_t>(repository.branches.size()))]);
  }

  void update(ModelRepository& repository, Aspect aspect) {
    auto& items = repository.items[index_of(aspect)];
    if (items.empty() || roll(3) == 0) items.emplace_back();
    ModelItem& item = items[roll(static_cast<std::uint32_t>(items.size()))];
    const std::chrono::seconds lag(roll(4) == 0 ? roll(7200) : roll(60));
    item.push_back({"event " + std::to_string(++last_event_), now_, now_ + lag});
  }

  std::mt19937& random_;
  TimePoint now_;
  std::map<RepoId, ModelRepository> repositories_;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_event_ = 0;
};

}  // namespace ghstats::activity::testing
