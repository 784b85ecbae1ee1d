#include "ledger/ledger.h"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "ledger/event_table.h"
#include "ledger/row_table.h"
#include "ledger/timeline.h"

namespace ghstats::ledger {
namespace {

// Steps of the clock that are rare enough to look at every row.
constexpr std::int64_t kJumpSeconds = 3600;

std::uint32_t clamp_seconds(TimePoint t) {
  const std::int64_t s = to_unix_seconds(t);
  if (s < 1) return 1;
  if (s > std::numeric_limits<std::uint32_t>::max()) return std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(s);
}

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
  std::vector<RowIndex> take_changed() { return rows_.take_changed(); }
  [[nodiscard]] Row row(RowIndex index) const;
  void remember_last(RepoId repo, std::string_view user, TimePoint at);
  [[nodiscard]] bool contains(const Event& event) const;
  [[nodiscard]] std::optional<RowIndex> find_row(RepoId repo, std::string_view user) const {
    return rows_.find(repo, user);
  }
  void for_each_event(const std::function<void(const Event&)>& visit) const;
  void for_each_forgotten(const std::function<void(RepoId, std::string_view, TimePoint)>& visit) const;

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] std::size_t event_count() const { return table_.size(); }
  [[nodiscard]] std::size_t row_count() const { return rows_.size(); }

 private:
  // Where the windows begin (exclusive) when their end is `now_s`.
  [[nodiscard]] std::int64_t window_begin(std::int64_t now_s) const { return now_s - options_.window.count(); }
  [[nodiscard]] std::int64_t linger_begin(std::int64_t now_s) const {
    return window_begin(now_s) - options_.linger.count();
  }
  [[nodiscard]] std::int64_t horizon() const { return linger_begin(settled_s_) - options_.memory.count(); }

  Insertion retell(EventTable::Index index, RowIndex owner, std::uint32_t at_s, std::uint32_t version_s);
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
  RowTable rows_;  // scheduled for when their last event leaves retention, or earlier
};

Insertion Ledger::Impl::insert(const Event& event) {
  const std::uint32_t at_s = clamp_seconds(event.at);
  const std::uint32_t version_s = clamp_seconds(event.version);
  const RowIndex owner = rows_.find_or_add(event.repo, event.user);
  rows_[owner].retired = false;
  const EventKey key = make_key(event, rows_[owner].repo);
  if (at_s <= horizon()) {
    const auto known = table_.find(key);
    if (known) return retell(*known, owner, at_s, version_s);
    if (event.at == kTakenBack) {
      schedule_retirement(owner);  // the row may have been made just for this telling
      return Insertion::kKnown;
    }
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
  const auto told = std::tuple(version_s, at_s, rows_.user(owner));
  if (told < std::tuple(record.version_s, record.at_s, rows_.user(record.owner))) {
    schedule_retirement(owner);  // the row may have been made just for this telling
    return Insertion::kKnown;
  }
  record.version_s = version_s;
  replace(index, owner, at_s);
  return Insertion::kChanged;
}

void Ledger::Impl::remember_last(RepoId repo, std::string_view user, TimePoint at) {
  const RowIndex index = rows_.find_or_add(repo, user);
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
  rows_.mark_changed(index);
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
    rows_.mark_changed(record.owner);
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
    rows_.mark_changed(record.owner);
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
  rows_.mark_changed(index);
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
    rows_.mark_changed(index);
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
        rows_.mark_changed(record.owner);
      });
}

// After a jump: the newest event of every row at or before now, and what is within retention by now.
void Ledger::Impl::recompute_every_last(std::int64_t before) {
  std::vector<std::uint32_t> known(rows_.index_end());
  for (RowIndex index = 0; index < rows_.index_end(); ++index) {
    RowState& row = rows_[index];
    known[index] = std::exchange(row.last, row.forgotten <= now_s_ ? row.forgotten : kNever);
    row.at_last = 0;
  }
  table_.for_each([&](EventTable::Index, const EventRecord& record) {
    RowState& row = rows_[record.owner];
    if (record.at_s > now_s_ || record.at_s < row.last) return;
    row.at_last = record.at_s == row.last ? row.at_last + 1 : 1;
    row.last = record.at_s;
  });
  const auto shown = [this](std::uint32_t at_s, std::int64_t now_s) {
    return at_s != kNever && at_s + options_.retention.count() > now_s;
  };
  for (RowIndex index = 0; index < rows_.index_end(); ++index) {
    const std::uint32_t last = rows_[index].last;
    if (known[index] != last || shown(known[index], before) != shown(last, now_s_)) rows_.mark_changed(index);
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
  const RowState& row = rows_[index];
  if (row.scheduled) return;
  rows_.schedule(
      index, std::max<std::int64_t>(std::max(row.last, row.forgotten) + options_.retention.count(), settled_s_ + 1));
}

void Ledger::Impl::retire_due_rows() {
  for (const RowIndex index : rows_.take_due(settled_s_)) {
    RowState& row = rows_[index];
    const std::uint32_t newest = std::max(row.last, row.forgotten);
    const bool over = newest == kNever || newest + options_.retention.count() <= settled_s_;
    if (over) rows_.mark_changed(index);
    if (over && row.events == 0) {
      row.retired = true;
      row.last = row.forgotten = kNever;
    } else {
      schedule_retirement(index);
    }
  }
}

Row Ledger::Impl::row(RowIndex index) const {
  const RowState& state = rows_[index];
  Row row;
  row.repo = rows_.repo(index);
  row.user = rows_.user(index);
  row.count = state.count;
  for (std::size_t i = 0; i < kEventKinds; ++i) row.exported[i] = state.lingering[i] > 0;
  if (state.last != kNever && state.last + options_.retention.count() > now_s_) {
    row.last_event = from_unix_seconds(state.last);
  }
  return row;
}

bool Ledger::Impl::contains(const Event& event) const {
  const auto repo = rows_.number_of(event.repo);
  return repo && table_.find(make_key(event, *repo)).has_value();
}

void Ledger::Impl::for_each_event(const std::function<void(const Event&)>& visit) const {
  table_.for_each([&](EventTable::Index, const EventRecord& record) {
    visit(Event{record.kind, rows_.repo(record.owner), id_text(record), std::string(rows_.user(record.owner)),
                from_unix_seconds(record.at_s), from_unix_seconds(record.version_s)});
  });
}

void Ledger::Impl::for_each_forgotten(const std::function<void(RepoId, std::string_view, TimePoint)>& visit) const {
  rows_.for_each([&](RowIndex index) {
    const std::uint32_t forgotten = rows_[index].forgotten;
    if (forgotten != kNever) visit(rows_.repo(index), rows_.user(index), from_unix_seconds(forgotten));
  });
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
