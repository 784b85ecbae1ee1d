#include "ledger/ledger.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "ledger/event_table.h"
#include "ledger/interner.h"
#include "ledger/slab.h"
#include "ledger/timeline.h"

namespace ghstats::ledger {
namespace {

// Steps of the clock that are rare enough to look at every row.
constexpr std::int64_t kJumpSeconds = 3600;

constexpr std::uint32_t kNever = 0;  // no GitHub event happened in the first second of 1970

std::uint32_t clamp_seconds(TimePoint t) {
  const std::int64_t s = to_unix_seconds(t);
  if (s < 1) return 1;
  if (s > std::numeric_limits<std::uint32_t>::max()) return std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(s);
}

struct RowState {
  std::uint32_t repo = 0;
  std::uint32_t user = 0;
  std::array<std::uint32_t, kEventKinds> count{};      // in the window
  std::array<std::uint32_t, kEventKinds> lingering{};  // in the window lengthened by the linger time
  std::uint32_t events = 0;                            // in the table
  std::uint32_t last = kNever;                         // newest time <= now
  std::uint32_t at_last = 0;                           // events in the table that happened then
  std::uint32_t forgotten = kNever;                    // newest time of an event that is no longer in the table
  std::uint32_t place = 0;                             // in retirement_, while `scheduled`
  std::int64_t due = 0;                                // when to look whether the row is over, while `scheduled`
  bool scheduled = false;
  bool told_changed = false;
  bool retired = false;  // over, but not yet told
};

std::size_t slot(EventKind kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

class Ledger::Impl {
 public:
  Impl(Options options, TimePoint now)
      : options_(options), now_(now), now_s_(to_unix_seconds(now)), settled_s_(now_s_) {}

  Insertion insert(const Event& event);
  void advance(TimePoint now, TimePoint settled);
  std::vector<RowIndex> take_changed();
  [[nodiscard]] Row row(RowIndex index) const;
  void remember_last(RepoId repo, std::string_view user, TimePoint at);
  [[nodiscard]] bool contains(const Event& event) const;
  [[nodiscard]] std::optional<RowIndex> find_row(RepoId repo, std::string_view user) const;
  void for_each_event(const std::function<void(const Event&)>& visit) const;
  void for_each_forgotten(const std::function<void(RepoId, std::string_view, TimePoint)>& visit) const;

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] std::size_t event_count() const { return table_.size(); }
  [[nodiscard]] std::size_t row_count() const { return row_index_.size(); }

 private:
  // Where the windows begin (exclusive) when their end is `now_s`.
  [[nodiscard]] std::int64_t window_begin(std::int64_t now_s) const { return now_s - options_.window.count(); }
  [[nodiscard]] std::int64_t linger_begin(std::int64_t now_s) const {
    return window_begin(now_s) - options_.linger.count();
  }
  [[nodiscard]] std::int64_t horizon() const { return linger_begin(settled_s_) - options_.memory.count(); }

  Insertion retell(EventTable::Index index, RowIndex owner, std::uint32_t at_s, std::uint32_t version_s);
  std::uint32_t number_of(RepoId repo);
  RowIndex find_or_add_row(RepoId repo, std::string_view user);
  void mark(RowIndex index);
  void count_in(EventTable::Index index);
  void count_out(EventTable::Index index);
  void replace(EventTable::Index index, RowIndex owner, std::uint32_t at_s);
  void forget_old_events();
  void move_last_events(std::int64_t before, std::int64_t after);
  void recompute_last(const std::unordered_set<RowIndex>& rows);
  void recompute_every_last(std::int64_t before);
  void find_last(RowIndex index);
  void note_last(RowIndex index, std::uint32_t at_s, std::uint32_t events);
  [[nodiscard]] auto event_places() {
    return [this](Timeline::Item i) -> std::uint32_t& { return table_[i].place; };
  }
  [[nodiscard]] auto row_places() {
    return [this](Timeline::Item i) -> std::uint32_t& { return rows_[i].place; };
  }
  void schedule_retirement(RowIndex index);
  void retire_due_rows();
  void shift(std::int64_t from, std::int64_t to, int direction,
             std::array<std::uint32_t, kEventKinds> RowState::* field);

  Options options_;
  TimePoint now_;
  std::int64_t now_s_;
  std::int64_t settled_s_;  // <= now_s_, but where now stepped back since
  EventTable table_;        // owner = row
  Timeline timeline_;
  Interner users_;
  std::vector<RepoId> repos_;
  std::uint32_t last_repo_ = 0;                                         // index of the one asked for last
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> repo_index_;  // by RepoId
  Slab<RowState> rows_;
  std::vector<RowIndex> free_rows_;
  boost::unordered_flat_map<std::uint64_t, RowIndex> row_index_;  // by repo << 32 | user
  std::vector<RowIndex> changed_;
  Timeline retirement_;  // rows by the time at which their last event leaves retention, or earlier
};

// Collectors tell one repository after the other, so that the last one is mostly the next.
std::uint32_t Ledger::Impl::number_of(RepoId repo) {
  if (last_repo_ < repos_.size() && repos_[last_repo_] == repo) return last_repo_;
  const auto [it, inserted] = repo_index_.try_emplace(to_number(repo), static_cast<std::uint32_t>(repos_.size()));
  if (inserted) repos_.push_back(repo);
  last_repo_ = it->second;
  return last_repo_;
}

RowIndex Ledger::Impl::find_or_add_row(RepoId repo, std::string_view user) {
  const std::uint32_t repo_number = number_of(repo);
  const std::uint32_t user_number = users_.intern(user);
  const std::uint64_t key = std::uint64_t{repo_number} << 32U | user_number;
  const auto [it, inserted] = row_index_.try_emplace(key, 0);
  if (!inserted) return it->second;
  RowIndex index = 0;
  if (free_rows_.empty()) {
    index = static_cast<RowIndex>(rows_.size());
    rows_.emplace_back();
  } else {
    index = free_rows_.back();
    free_rows_.pop_back();
  }
  rows_[index] = RowState{.repo = repo_number, .user = user_number};
  it->second = index;
  return index;
}

void Ledger::Impl::mark(RowIndex index) {
  if (rows_[index].told_changed) return;
  rows_[index].told_changed = true;
  changed_.push_back(index);
}

Insertion Ledger::Impl::insert(const Event& event) {
  const std::uint32_t at_s = clamp_seconds(event.at);
  const std::uint32_t version_s = clamp_seconds(event.version);
  const RowIndex owner = find_or_add_row(event.repo, event.user);
  rows_[owner].retired = false;
  const EventKey key = make_key(event, rows_[owner].repo);
  if (at_s <= horizon()) {
    const auto known = table_.find(key);
    if (known) return retell(*known, owner, at_s, version_s);
    remember_last(event.repo, event.user, event.at);
    return Insertion::kTooOld;
  }
  const auto [index, inserted] = table_.find_or_insert(key, owner, at_s, version_s);
  if (!inserted) return retell(index, owner, at_s, version_s);
  count_in(index);
  return Insertion::kNew;
}

// An event that is known already. Not only the version but the whole telling is ordered, so that the result never
// depends on who came first.
Insertion Ledger::Impl::retell(EventTable::Index index, RowIndex owner, std::uint32_t at_s, std::uint32_t version_s) {
  EventRecord& record = table_[index];
  const bool same = record.owner == owner && record.at_s == at_s;
  if (same) {
    record.version_s = std::max(record.version_s, version_s);
    return Insertion::kKnown;
  }
  const auto user_of = [this](RowIndex row) { return std::string_view(users_[rows_[row].user]); };
  const auto told = std::tuple(version_s, at_s, user_of(owner));
  if (told < std::tuple(record.version_s, record.at_s, user_of(record.owner))) {
    schedule_retirement(owner);  // the row may have been made just for this telling
    return Insertion::kKnown;
  }
  record.version_s = version_s;
  replace(index, owner, at_s);
  return Insertion::kChanged;
}

void Ledger::Impl::remember_last(RepoId repo, std::string_view user, TimePoint at) {
  const RowIndex index = find_or_add_row(repo, user);
  RowState& row = rows_[index];
  row.retired = false;
  row.forgotten = std::max(row.forgotten, clamp_seconds(at));
  note_last(index, clamp_seconds(at), 0);
  schedule_retirement(index);
}

// `events`: how many of the table happened then that the row did not count yet.
void Ledger::Impl::note_last(RowIndex index, std::uint32_t at_s, std::uint32_t events) {
  RowState& row = rows_[index];
  if (at_s > now_s_ || at_s < row.last) return;
  if (at_s == row.last) {
    row.at_last += events;
    return;
  }
  row.last = at_s;
  row.at_last = events;
  mark(index);
}

// Adds a record to its row and to the timeline.
void Ledger::Impl::count_in(EventTable::Index index) {
  const EventRecord& record = table_[index];
  RowState& row = rows_[record.owner];
  timeline_.add(record.at_s, index, event_places());
  ++row.events;
  if (record.at_s <= now_s_) {
    if (record.at_s > window_begin(now_s_)) ++row.count[slot(record.kind)];
    if (record.at_s > linger_begin(now_s_)) ++row.lingering[slot(record.kind)];
    mark(record.owner);
    note_last(record.owner, record.at_s, 1);
  }
  schedule_retirement(record.owner);
}

// The reverse; what the row's last event is when this was the only one at its time is for the caller to find.
void Ledger::Impl::count_out(EventTable::Index index) {
  EventRecord& record = table_[index];
  RowState& row = rows_[record.owner];
  timeline_.remove(record.at_s, index, event_places());
  --row.events;
  if (record.at_s <= now_s_) {
    if (record.at_s == row.last) --row.at_last;
    if (record.at_s > window_begin(now_s_)) --row.count[slot(record.kind)];
    if (record.at_s > linger_begin(now_s_)) --row.lingering[slot(record.kind)];
    mark(record.owner);
  }
}

void Ledger::Impl::replace(EventTable::Index index, RowIndex owner, std::uint32_t at_s) {
  const RowIndex before = table_[index].owner;
  const bool was_last = table_[index].at_s == rows_[before].last;
  count_out(index);
  table_[index].owner = owner;
  table_[index].at_s = at_s;
  if (was_last && rows_[before].at_last == 0) find_last(before);
  schedule_retirement(before);
  count_in(index);
}

// The row's newest event at or before now, looked for from its last one backwards: the next is rarely far. People who
// change their login have all their commits told again, so this must not cost a look at every event.
void Ledger::Impl::find_last(RowIndex index) {
  RowState& row = rows_[index];
  const std::uint32_t before = row.last;
  row.last = row.forgotten <= now_s_ ? row.forgotten : kNever;
  row.at_last = 0;
  mark(index);
  std::uint32_t left = row.events;
  if (left == 0) return;
  timeline_.walk_back(
      before,
      [&](Timeline::Item i) {
        const EventRecord& record = table_[i];
        if (record.owner != index) return;
        --left;
        note_last(index, record.at_s, 1);
      },
      [&](std::int64_t reached) { return left > 0 && row.last < reached; });
}

void Ledger::Impl::recompute_last(const std::unordered_set<RowIndex>& rows) {
  if (rows.empty()) return;
  for (const RowIndex index : rows) {
    rows_[index].last = rows_[index].forgotten <= now_s_ ? rows_[index].forgotten : kNever;
    rows_[index].at_last = 0;
    mark(index);
  }
  table_.for_each([&](EventTable::Index, const EventRecord& record) {
    if (record.at_s <= now_s_ && rows.contains(record.owner)) note_last(record.owner, record.at_s, 1);
  });
}

// Events that pass one edge of a window when it moves from `from` to `to`.
void Ledger::Impl::shift(std::int64_t from, std::int64_t to, int direction,
                         std::array<std::uint32_t, kEventKinds> RowState::* field) {
  const int step = to > from ? direction : -direction;
  timeline_.for_each_in(
      std::min(from, to), std::max(from, to), [this](Timeline::Item i) { return std::int64_t{table_[i].at_s}; },
      [&](Timeline::Item i) {
        const EventRecord& record = table_[i];
        (rows_[record.owner].*field)[slot(record.kind)] += static_cast<std::uint32_t>(step);
        mark(record.owner);
      });
}

// After a jump: the newest event of every row at or before now, and what is within retention by now.
void Ledger::Impl::recompute_every_last(std::int64_t before) {
  std::vector<std::uint32_t> last(rows_.size(), kNever);
  for (RowIndex index = 0; index < rows_.size(); ++index) {
    if (rows_[index].forgotten <= now_s_) last[index] = rows_[index].forgotten;
  }
  table_.for_each([&](EventTable::Index, const EventRecord& record) {
    if (record.at_s <= now_s_) last[record.owner] = std::max(last[record.owner], record.at_s);
  });
  const auto shown = [this](std::uint32_t at_s, std::int64_t now_s) {
    return at_s != kNever && at_s + options_.retention.count() > now_s;
  };
  for (RowIndex index = 0; index < rows_.size(); ++index) {
    const std::uint32_t known = std::exchange(rows_[index].last, last[index]);
    if (known != last[index] || shown(known, before) != shown(known, now_s_)) mark(index);
  }
}

void Ledger::Impl::move_last_events(std::int64_t before, std::int64_t after) {
  if (std::max(before, after) - std::min(before, after) > kJumpSeconds) return recompute_every_last(before);
  std::unordered_set<RowIndex> stepped_back;
  timeline_.for_each_in(
      std::min(before, after), std::max(before, after),
      [this](Timeline::Item i) { return std::int64_t{table_[i].at_s}; },
      [&](Timeline::Item i) {
        if (after > before) {
          note_last(table_[i].owner, table_[i].at_s, 1);
        } else {
          stepped_back.insert(table_[i].owner);
        }
      });
  recompute_last(stepped_back);
}

void Ledger::Impl::advance(TimePoint now, TimePoint settled) {
  const std::int64_t before = now_s_;
  const std::int64_t after = to_unix_seconds(now);
  const std::int64_t settled_before = std::exchange(settled_s_, std::min(to_unix_seconds(settled), after));
  now_ = now;
  if (after != before) {
    now_s_ = after;
    shift(before, after, +1, &RowState::count);
    shift(before, after, +1, &RowState::lingering);
    shift(window_begin(before), window_begin(after), -1, &RowState::count);
    shift(linger_begin(before), linger_begin(after), -1, &RowState::lingering);
    move_last_events(before, after);
  }
  if (settled_s_ == settled_before) return;
  forget_old_events();
  retire_due_rows();
}

void Ledger::Impl::forget_old_events() {
  timeline_.forget_until(horizon(), [this](Timeline::Item i) {
    RowState& row = rows_[table_[i].owner];
    --row.events;
    if (table_[i].at_s == row.last) --row.at_last;
    row.forgotten = std::max(row.forgotten, table_[i].at_s);
    table_.erase(i);
  });
}

void Ledger::Impl::schedule_retirement(RowIndex index) {
  RowState& row = rows_[index];
  if (row.scheduled) return;
  row.scheduled = true;
  row.due = std::max<std::int64_t>(std::max(row.last, row.forgotten) + options_.retention.count(), settled_s_ + 1);
  retirement_.add(row.due, index, row_places());
}

void Ledger::Impl::retire_due_rows() {
  std::vector<RowIndex> due;
  retirement_.for_each_in(
      std::numeric_limits<std::int64_t>::min() / 2, settled_s_, [this](Timeline::Item i) { return rows_[i].due; },
      [&](Timeline::Item i) { due.push_back(i); });
  for (const RowIndex index : due) {
    RowState& row = rows_[index];
    retirement_.remove(row.due, index, row_places());
    row.scheduled = false;
    const std::uint32_t newest = std::max(row.last, row.forgotten);
    const bool over = newest == kNever || newest + options_.retention.count() <= settled_s_;
    if (over) mark(index);
    if (over && row.events == 0) {
      row.retired = true;
      row.last = row.forgotten = kNever;
    } else {
      schedule_retirement(index);
    }
  }
}

std::vector<RowIndex> Ledger::Impl::take_changed() {
  for (const RowIndex index : changed_) {
    RowState& row = rows_[index];
    row.told_changed = false;
    if (!row.retired) continue;
    row_index_.erase(std::uint64_t{row.repo} << 32U | row.user);
    free_rows_.push_back(index);
    row.retired = false;
  }
  return std::exchange(changed_, {});
}

Row Ledger::Impl::row(RowIndex index) const {
  const RowState& state = rows_[index];
  Row row;
  row.repo = repos_[state.repo];
  row.user = users_[state.user];
  row.count = state.count;
  for (std::size_t i = 0; i < kEventKinds; ++i) row.exported[i] = state.lingering[i] > 0;
  if (state.last != kNever && state.last + options_.retention.count() > now_s_) {
    row.last_event = from_unix_seconds(state.last);
  }
  return row;
}

bool Ledger::Impl::contains(const Event& event) const {
  const auto repo = repo_index_.find(to_number(event.repo));
  return repo != repo_index_.end() && table_.find(make_key(event, repo->second)).has_value();
}

std::optional<RowIndex> Ledger::Impl::find_row(RepoId repo, std::string_view user) const {
  const auto repo_it = repo_index_.find(to_number(repo));
  const auto user_number = users_.find(user);
  if (repo_it == repo_index_.end() || !user_number) return std::nullopt;
  const auto it = row_index_.find(std::uint64_t{repo_it->second} << 32U | *user_number);
  if (it == row_index_.end()) return std::nullopt;
  return it->second;
}

void Ledger::Impl::for_each_event(const std::function<void(const Event&)>& visit) const {
  table_.for_each([&](EventTable::Index, const EventRecord& record) {
    const RowState& row = rows_[record.owner];
    visit(Event{record.kind, repos_[row.repo], id_text(record), users_[row.user], from_unix_seconds(record.at_s),
                from_unix_seconds(record.version_s)});
  });
}

void Ledger::Impl::for_each_forgotten(const std::function<void(RepoId, std::string_view, TimePoint)>& visit) const {
  for (const auto& [key, index] : row_index_) {
    const RowState& row = rows_[index];
    if (row.forgotten != kNever) visit(repos_[row.repo], users_[row.user], from_unix_seconds(row.forgotten));
  }
}

Ledger::Ledger(Options options, TimePoint now) : impl_(std::make_unique<Impl>(options, now)) {}
Ledger::~Ledger() = default;

Insertion Ledger::insert(const Event& event) {
  return impl_->insert(event);
}
void Ledger::advance(TimePoint now, TimePoint settled) {
  impl_->advance(now, settled);
}
TimePoint Ledger::now() const {
  return impl_->now();
}
std::vector<RowIndex> Ledger::take_changed() {
  return impl_->take_changed();
}
Row Ledger::row(RowIndex index) const {
  return impl_->row(index);
}
void Ledger::remember_last(RepoId repo, std::string_view user, TimePoint at) {
  impl_->remember_last(repo, user, at);
}
bool Ledger::contains(const Event& event) const {
  return impl_->contains(event);
}
std::optional<RowIndex> Ledger::find_row(RepoId repo, std::string_view user) const {
  return impl_->find_row(repo, user);
}
void Ledger::for_each_event(const std::function<void(const Event&)>& visit) const {
  impl_->for_each_event(visit);
}
void Ledger::for_each_forgotten(const std::function<void(RepoId, std::string_view, TimePoint)>& visit) const {
  impl_->for_each_forgotten(visit);
}
std::size_t Ledger::event_count() const {
  return impl_->event_count();
}
std::size_t Ledger::row_count() const {
  return impl_->row_count();
}

}  // namespace ghstats::ledger
