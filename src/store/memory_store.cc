#include "store/memory_store.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "async/watch.h"
#include "ledger/ledger.h"
#include "store/series_budget.h"

namespace ghstats::store {
namespace {

using async::Task;

struct FeedEntry {
  std::uint64_t position = 0;
  ChangeSet set;
};

std::size_t item_count(const ChangeSet& set) {
  return set.repositories.size() + set.events.size() + set.value_sets.size() + set.counters.size() + 1;
}

void append(ChangeSet& to, const ChangeSet& from) {
  to.repositories.insert(to.repositories.end(), from.repositories.begin(), from.repositories.end());
  to.events.insert(to.events.end(), from.events.begin(), from.events.end());
  to.value_sets.insert(to.value_sets.end(), from.value_sets.begin(), from.value_sets.end());
  to.counters.insert(to.counters.end(), from.counters.begin(), from.counters.end());
}

class MemoryStore final : public MetricStore {
 public:
  MemoryStore(boost::asio::any_io_executor executor, const Clock& clock, MemoryStoreOptions options)
      : clock_(clock),
        options_(options),
        ledger_({.linger = options.zero_linger, .retention = options.retention}, clock.now()),
        budget_(options.max_series_budget),
        incarnation_("memory-" + std::to_string(clock.now().time_since_epoch().count())),
        changed_(std::move(executor)) {}

  Task<Result<std::uint64_t>> begin_leadership() override { co_return ++epoch_; }
  Task<Result<Receipt>> commit(Batch batch, Authority authority) override;
  Task<Result<Snapshot>> snapshot() override;
  Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override;
  Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override;
  Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override;
  Task<Status> collect_garbage(TimePoint now, Authority authority) override;
  [[nodiscard]] StoreHealth health() const override;

 private:
  struct Progress {
    TimePoint collected_until;
    TimePoint renewed;
  };
  using ProgressKey = std::pair<RepoId, CollectionFamily>;

  void apply_repositories(std::vector<RepositoryName>& names, ChangeSet& changes);
  // Returns the repositories of which something was refused.
  std::unordered_set<RepoId> apply_events(std::vector<ledger::Event>& events, Receipt& receipt, ChangeSet& changes);
  void apply_value_sets(std::vector<ValueSet>& sets, Receipt& receipt, ChangeSet& changes);
  void apply_increments(const std::vector<metrics::Sample>& increments, ChangeSet& changes);
  void follow_ledger();
  void publish(ChangeSet set);

  const Clock& clock_;
  MemoryStoreOptions options_;
  ledger::Ledger ledger_;
  SeriesBudget budget_;
  std::string incarnation_;
  std::uint64_t epoch_ = 0;
  std::unordered_map<RepoId, RepositoryName> repositories_;
  std::unordered_map<std::string, std::vector<metrics::Sample>> value_sets_;
  std::unordered_map<metrics::SeriesKey, double, metrics::SeriesKeyHash> counters_;
  std::map<ProgressKey, Progress> progress_;
  std::deque<FeedEntry> feed_;
  std::size_t feed_items_ = 0;
  std::uint64_t feed_begin_ = 0;  // positions at or before this one are no longer in the feed
  std::uint64_t position_ = 0;
  async::Watch changed_;
};

void MemoryStore::apply_repositories(std::vector<RepositoryName>& names, ChangeSet& changes) {
  for (RepositoryName& name : names) {
    RepositoryName& known = repositories_[name.id];
    if (known.org == name.org && known.name == name.name) continue;
    known = name;
    changes.repositories.push_back(std::move(name));
  }
}

std::unordered_set<RepoId> MemoryStore::apply_events(std::vector<ledger::Event>& events, Receipt& receipt,
                                                     ChangeSet& changes) {
  std::unordered_set<RepoId> incomplete;
  std::set<std::tuple<RepoId, std::string, ledger::EventKind>> refused;  // series, however many events each has
  for (ledger::Event& event : events) {
    if (budget_.full() && !budget_.is_free(ledger_, event)) {
      refused.emplace(event.repo, event.user, event.kind);
      incomplete.insert(event.repo);
      continue;
    }
    switch (ledger_.insert(event)) {
      case ledger::Insertion::kKnown:
        ++receipt.events_known;
        continue;
      case ledger::Insertion::kNew:
      case ledger::Insertion::kTooOld:
        ++receipt.events_new;
        break;
      case ledger::Insertion::kChanged:
        ++receipt.events_changed;
        break;
    }
    changes.events.push_back(std::move(event));
    follow_ledger();
  }
  receipt.series_refused += refused.size();
  return incomplete;
}

void MemoryStore::apply_value_sets(std::vector<ValueSet>& sets, Receipt& receipt, ChangeSet& changes) {
  for (ValueSet& set : sets) {
    std::vector<metrics::Sample>& known = value_sets_[set.slot];
    const std::size_t allowed = known.size() + budget_.room();
    if (set.samples.size() > allowed) {
      receipt.series_refused += set.samples.size() - allowed;
      set.samples.resize(allowed);
    }
    budget_.replace(known.size(), set.samples.size());
    known = set.samples;
    if (known.empty()) value_sets_.erase(set.slot);
    changes.value_sets.push_back(std::move(set));
  }
}

void MemoryStore::apply_increments(const std::vector<metrics::Sample>& increments, ChangeSet& changes) {
  for (const metrics::Sample& increment : increments) {
    double& value = counters_[increment.key];
    value += increment.value;
    changes.counters.push_back({increment.key, value});
  }
}

void MemoryStore::follow_ledger() {
  for (const ledger::RowIndex index : ledger_.take_changed()) budget_.follow(index, ledger_.row(index));
}

Task<Result<Receipt>> MemoryStore::commit(Batch batch, Authority authority) {
  if (const Status allowed = check_authority(batch, authority, epoch_); !allowed) {
    co_return fail(allowed.error());
  }
  const TimePoint now = clock_.now();
  ledger_.advance(now);
  follow_ledger();
  Receipt receipt;
  ChangeSet changes;
  apply_repositories(batch.repositories, changes);
  const auto incomplete = apply_events(batch.events, receipt, changes);
  apply_value_sets(batch.value_sets, receipt, changes);
  apply_increments(batch.increments, changes);
  for (const Checkpoint& checkpoint : batch.checkpoints) {
    if (incomplete.contains(checkpoint.repo)) continue;  // a checkpoint never moves without its data
    Progress& progress = progress_[{checkpoint.repo, checkpoint.family}];
    progress.collected_until = std::max(progress.collected_until, checkpoint.collected_until);
    progress.renewed = now;
  }
  publish(std::move(changes));
  co_return receipt;
}

void MemoryStore::publish(ChangeSet set) {
  const std::size_t items = item_count(set);
  if (items == 1) return;
  feed_.push_back({++position_, std::move(set)});
  feed_items_ += items;
  while (feed_items_ > options_.feed_length && !feed_.empty()) {
    feed_items_ -= item_count(feed_.front().set);
    feed_begin_ = feed_.front().position;
    feed_.pop_front();
  }
  changed_.bump();
}

Task<Result<Snapshot>> MemoryStore::snapshot() {
  Snapshot out{.set = {}, .next = {incarnation_, position_}};
  for (const auto& [id, name] : repositories_) out.set.repositories.push_back(name);
  ledger_.for_each_event([&](const ledger::Event& event) { out.set.events.push_back(event); });
  ledger_.for_each_forgotten([&](RepoId repo, std::string_view user, TimePoint at) {
    out.set.last_events.push_back({repo, std::string(user), at});
  });
  for (const auto& [slot, samples] : value_sets_) out.set.value_sets.push_back({slot, samples});
  for (const auto& [key, value] : counters_) out.set.counters.push_back({key, value});
  co_return out;
}

Task<Result<std::variant<Changes, Resync>>> MemoryStore::changes(Cursor after) {
  using Answer = std::variant<Changes, Resync>;
  if (after.incarnation != incarnation_ || after.position < feed_begin_ || after.position > position_) {
    co_return Answer(Resync{});
  }
  Changes out{.set = {}, .next = {incarnation_, position_}};
  for (auto it = feed_.rbegin(); it != feed_.rend(); ++it) {
    if (it->position > after.position) continue;
    for (auto next = it.base(); next != feed_.end(); ++next) append(out.set, next->set);
    co_return Answer(std::move(out));
  }
  for (const FeedEntry& entry : feed_) append(out.set, entry.set);
  co_return Answer(std::move(out));
}

Task<Status> MemoryStore::wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) {
  if (after.incarnation != incarnation_ || after.position < position_) co_return Status{};
  const auto waited = co_await changed_.wait_beyond(changed_.version(), timeout);
  if (!waited && waited.error().code == ErrorCode::kCancelled) co_return waited;
  co_return Status{};
}

Task<Result<std::vector<Checkpoint>>> MemoryStore::checkpoints(std::vector<RepoId> repositories) {
  std::vector<Checkpoint> out;
  for (const RepoId repo : repositories) {
    for (auto it = progress_.lower_bound({repo, CollectionFamily{}}); it != progress_.end() && it->first.first == repo;
         ++it) {
      out.push_back({repo, it->first.second, it->second.collected_until});
    }
  }
  co_return out;
}

Task<Status> MemoryStore::collect_garbage(TimePoint now, Authority authority) {
  if (const Status allowed = check_authority({}, authority, epoch_); !allowed) co_return allowed;
  ledger_.advance(now);
  follow_ledger();
  std::unordered_set<RepoId> renewed;
  std::erase_if(progress_, [&](const auto& entry) {
    if (entry.second.renewed + options_.retention <= now) return true;
    renewed.insert(entry.first.first);
    return false;
  });
  // A name is needed as long as the repository is collected or has rows; rows end within retention, too.
  ledger_.for_each_forgotten([&](RepoId repo, std::string_view, TimePoint) { renewed.insert(repo); });
  ledger_.for_each_event([&](const ledger::Event& event) { renewed.insert(event.repo); });
  std::erase_if(repositories_, [&](const auto& entry) { return !renewed.contains(entry.first); });
  co_return Status{};
}

StoreHealth MemoryStore::health() const {
  return {.healthy = true, .reason = {}, .active_series = budget_.used(), .budget_full = budget_.full()};
}

}  // namespace

std::unique_ptr<MetricStore> make_memory_store(boost::asio::any_io_executor executor, const Clock& clock,
                                               MemoryStoreOptions options) {
  return std::make_unique<MemoryStore>(std::move(executor), clock, options);
}

}  // namespace ghstats::store
