#include "store/memory_store.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "async/watch.h"
#include "base/remote_clock.h"
#include "ledger/ledger.h"
#include "store/counter_merge.h"
#include "store/memory_admission.h"
#include "store/memory_coverage.h"
#include "store/series_budget.h"
#include "store/value_slots.h"

namespace ghstats::store {
namespace {

using async::Task;

struct FeedEntry {
  std::uint64_t position = 0;
  ChangeSet set;  // without value sets
  std::vector<SharedSet> value_sets;
};

std::size_t item_count(const FeedEntry& entry) {
  const ChangeSet& set = entry.set;
  std::size_t items = set.repositories.size() + set.events.size() + set.last_events.size() + set.counters.size() +
                      set.loc_records.size() + set.ended_loc.size() + 1;
  for (const SharedSet& told : entry.value_sets) items += told->samples.size() + 1;
  return items;
}

void append(ChangeSet& to, const FeedEntry& entry) {
  const ChangeSet& from = entry.set;
  to.repositories.insert(to.repositories.end(), from.repositories.begin(), from.repositories.end());
  to.events.insert(to.events.end(), from.events.begin(), from.events.end());
  to.last_events.insert(to.last_events.end(), from.last_events.begin(), from.last_events.end());
  for (const SharedSet& told : entry.value_sets) to.value_sets.push_back(*told);
  to.counters.insert(to.counters.end(), from.counters.begin(), from.counters.end());
  // A record that ended and came again, or the other way round: of one repository only the last word counts.
  for (const RepoId repo : from.ended_loc)
    std::erase_if(to.loc_records, [&](const LocRecord& r) { return r.repo == repo; });
  for (const LocRecord& record : from.loc_records) std::erase(to.ended_loc, record.repo);
  to.loc_records.insert(to.loc_records.end(), from.loc_records.begin(), from.loc_records.end());
  to.ended_loc.insert(to.ended_loc.end(), from.ended_loc.begin(), from.ended_loc.end());
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
  Task<Result<CoverageRecord>> coverage(std::string org) override { co_return coverage_.read(org); }
  Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override;
  Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) override { co_return slots_.editions(prefix); }
  Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override;
  Task<Status> release(std::string key) override;
  Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override;
  Task<Result<std::optional<Notice>>> admit(Admission admission) override {
    co_return admission_.admit(admission, clock_.steady_now());
  }
  Task<Status> announce(Notice notice) override {
    admission_.announce(std::move(notice), clock_.steady_now());
    co_return Status{};
  }
  Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) override {
    co_return admission_.announced(names, clock_.steady_now());
  }
  Task<Status> collect_garbage(TimePoint now, Authority authority) override;
  Task<Result<bool>> mend(Authority authority) override;
  [[nodiscard]] StoreHealth health() const override;

 private:
  struct Progress {
    TimePoint collected_until;
    TimePoint renewed;
  };
  struct Drawn {
    std::int64_t period = 0;  // number of the period since 1970
    std::int64_t amount = 0;
  };
  using ProgressKey = std::pair<RepoId, CollectionFamily>;

  void apply_repositories(std::vector<RepositoryName>& names, ChangeSet& changes);
  // Returns the repositories of which something was refused.
  std::unordered_set<RepoId> apply_events(std::vector<ledger::Event>& events, Receipt& receipt, ChangeSet& changes);
  void apply_last_events(std::vector<LastEvent>& last_events, Receipt& receipt, ChangeSet& changes);
  void apply_increments(const std::vector<metrics::Sample>& increments, ChangeSet& changes);
  void apply_loc_records(std::vector<LocRecord>& records, Receipt& receipt, ChangeSet& changes);
  void apply_checkpoints(const std::vector<Checkpoint>& checkpoints, const std::unordered_set<RepoId>& incomplete,
                         TimePoint now);
  void collect_loc_garbage(TimePoint now);
  void follow_ledger();
  void publish(ChangeSet set, std::vector<SharedSet> value_sets = {});

  const Clock& clock_;
  MemoryStoreOptions options_;
  ledger::Ledger ledger_;
  SeriesBudget budget_;
  std::string incarnation_;
  std::uint64_t epoch_ = 0;
  std::unordered_map<RepoId, RepositoryName> repositories_;
  ValueSlots slots_;
  std::unordered_map<metrics::SeriesKey, double, metrics::SeriesKeyHash> counters_;
  std::map<ProgressKey, Progress> progress_;
  MemoryCoverage coverage_;
  std::unordered_map<RepoId, LocRecord> loc_;
  std::unordered_map<std::string, SteadyPoint> claims_;  // until when
  std::unordered_map<std::string, Drawn> drawn_;         // by the allowance's name
  MemoryAdmission admission_;
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

void MemoryStore::apply_last_events(std::vector<LastEvent>& last_events, Receipt& receipt, ChangeSet& changes) {
  for (LastEvent& last : last_events) {
    if (last.at + options_.retention <= ledger_.now()) continue;
    const auto index = ledger_.find_row(last.repo, last.user);
    const bool shown = index && ledger_.row(*index).last_event;
    if (budget_.full() && !shown) {
      ++receipt.series_refused;
      continue;
    }
    ledger_.remember_last(last.repo, last.user, last.at);
    changes.last_events.push_back(std::move(last));
    follow_ledger();
  }
}

void MemoryStore::apply_increments(const std::vector<metrics::Sample>& increments, ChangeSet& changes) {
  for (const metrics::Sample& increment : increments) {
    double& value = counters_[increment.key];
    value += to_counter_grain(increment.value);  // as the shared store does, which may take over these sums
    changes.counters.push_back({increment.key, value});
  }
}

void MemoryStore::apply_loc_records(std::vector<LocRecord>& records, Receipt& receipt, ChangeSet& changes) {
  for (LocRecord& record : records) {
    const auto known = loc_.find(record.repo);
    if (known != loc_.end() && !replaces(record, known->second)) continue;
    const std::size_t before = known != loc_.end() ? series_of(known->second) : 0;
    const std::size_t after = series_of(record);
    if (after > before && after - before > budget_.room()) {
      receipt.series_refused += after - before;
      continue;
    }
    budget_.replace(before, after);
    changes.loc_records.push_back(record);
    loc_[record.repo] = std::move(record);
  }
}

void MemoryStore::apply_checkpoints(const std::vector<Checkpoint>& checkpoints,
                                    const std::unordered_set<RepoId>& incomplete, TimePoint now) {
  for (const Checkpoint& checkpoint : checkpoints) {
    if (incomplete.contains(checkpoint.repo)) continue;  // a checkpoint never moves without its data
    const auto known = progress_.find({checkpoint.repo, checkpoint.family});
    const bool gap =
        checkpoint.continues && (known == progress_.end() || known->second.collected_until < *checkpoint.continues);
    if (gap) continue;
    TimePoint until = checkpoint.collected_until;
    const bool credible = known != progress_.end() && known->second.collected_until <= now + kSkewTolerance;
    if (credible) until = std::max(until, known->second.collected_until);
    progress_[{checkpoint.repo, checkpoint.family}] = {.collected_until = until, .renewed = now};
  }
}

void MemoryStore::follow_ledger() {
  for (const ledger::RowIndex index : ledger_.take_changed()) budget_.follow(index, ledger_.row(index));
}

Task<Result<Receipt>> MemoryStore::commit(Batch batch, Authority authority) {
  if (const Status allowed = check_authority(batch, authority, epoch_); !allowed) {
    co_return fail(allowed.error());
  }
  const Status fits = batch.coverage ? check_size(*batch.coverage) : Status{};
  if (!fits) co_return fail(fits.error().with_context("commit"));
  const TimePoint now = clock_.now();
  ledger_.advance(now);
  follow_ledger();
  Receipt receipt;
  ChangeSet changes;
  apply_repositories(batch.repositories, changes);
  const auto incomplete = apply_events(batch.events, receipt, changes);
  apply_last_events(batch.last_events, receipt, changes);
  std::vector<SharedSet> value_sets;
  for (ValueSet& set : batch.value_sets) {
    if (auto told = slots_.put(std::move(set), now, budget_, receipt)) value_sets.push_back(std::move(told));
  }
  apply_increments(batch.increments, changes);
  apply_loc_records(batch.loc_records, receipt, changes);
  apply_checkpoints(batch.checkpoints, incomplete, now);
  coverage_.end_memberships(incomplete);
  if (batch.coverage) coverage_.note(*std::move(batch.coverage), incomplete.empty(), now, receipt);
  publish(std::move(changes), std::move(value_sets));
  co_return receipt;
}

void MemoryStore::publish(ChangeSet set, std::vector<SharedSet> value_sets) {
  FeedEntry entry{.position = position_ + 1, .set = std::move(set), .value_sets = std::move(value_sets)};
  const std::size_t items = item_count(entry);
  if (items == 1) return;
  ++position_;
  feed_.push_back(std::move(entry));
  feed_items_ += items;
  while (feed_items_ > options_.feed_length && feed_.size() > 1) {
    feed_items_ -= item_count(feed_.front());
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
  out.set.value_sets = slots_.all();
  for (const auto& [key, value] : counters_) out.set.counters.push_back({key, value});
  for (const auto& [repo, record] : loc_) out.set.loc_records.push_back(record);
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
    for (auto next = it.base(); next != feed_.end(); ++next) append(out.set, *next);
    co_return Answer(std::move(out));
  }
  for (const FeedEntry& entry : feed_) append(out.set, entry);
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

Task<Result<std::vector<LocRecord>>> MemoryStore::loc_records(std::vector<RepoId> repositories) {
  std::vector<LocRecord> out;
  for (const RepoId repo : repositories) {
    const auto known = loc_.find(repo);
    if (known != loc_.end()) out.push_back(known->second);
  }
  co_return out;
}

Task<Result<bool>> MemoryStore::claim(std::string key, std::chrono::nanoseconds ttl) {
  const SteadyPoint now = clock_.steady_now();
  std::erase_if(claims_, [&](const auto& claim) { return claim.second <= now; });
  co_return claims_.try_emplace(std::move(key), now + ttl).second;
}

Task<Status> MemoryStore::release(std::string key) {
  claims_.erase(key);
  co_return Status{};
}

Task<Result<std::int64_t>> MemoryStore::draw(Allowance allowance, std::int64_t wanted) {
  const std::int64_t period = to_unix_seconds(clock_.now()) / allowance.period.count();
  Drawn& drawn = drawn_[allowance.name];
  if (drawn.period != period) drawn = {.period = period, .amount = 0};
  const std::int64_t granted = std::clamp<std::int64_t>(allowance.limit - drawn.amount, 0, wanted);
  drawn.amount += granted;
  co_return granted;
}

void MemoryStore::collect_loc_garbage(TimePoint now) {
  ChangeSet changes;
  std::erase_if(loc_, [&](const auto& entry) {
    const auto& [repo, record] = entry;
    if (record.asked_at + options_.retention > now) return false;
    budget_.replace(series_of(record), 0);
    changes.ended_loc.push_back(repo);
    return true;
  });
  publish(std::move(changes));
}

// Loses nothing.
Task<Result<bool>> MemoryStore::mend(Authority authority) {
  if (const Status allowed = check_authority({}, authority, epoch_); !allowed) co_return fail(allowed.error());
  co_return false;
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
  coverage_.forget(now - options_.retention);
  collect_loc_garbage(now);
  publish({}, slots_.end_editions(now - options_.retention, budget_));
  for (const auto& [repo, record] : loc_) renewed.insert(repo);
  // A name is needed as long as the repository is collected or has rows; rows end within retention, too.
  ledger_.for_each_forgotten([&](RepoId repo, std::string_view, TimePoint) { renewed.insert(repo); });
  ledger_.for_each_event([&](const ledger::Event& event) { renewed.insert(event.repo); });
  std::erase_if(repositories_, [&](const auto& entry) {
    return !renewed.contains(entry.first) && !coverage_.is_member(entry.second.org, entry.first);
  });
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
