// What /metrics answers, always rendered: a replica's copy of the store's series as text.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "exposition/activity_series.h"
#include "exposition/histogram_text.h"
#include "exposition/loc_series.h"
#include "exposition/page.h"
#include "exposition/series_text.h"
#include "exposition/served_view.h"
#include "ledger/ledger.h"
#include "metrics/encoder.h"
#include "metrics/series.h"
#include "store/store.h"

namespace ghstats::exposition {

// Belongs to one thread, the one that serves (docs/adr/0004-view-on-the-serving-thread.md); pages may leave it.
// Of a change set, samples that are not the store's to tell are ignored: of a replica's own families, of the activity
// and lines-of-code families (these come from events and records), or with another number of labels than the catalogue
// says.
// load(), apply(), advance() and render() may throw std::bad_alloc. When that left something half taken in, intact() is
// false from then on: nothing of this view may be shown any more.
class View {
 public:
  // Shows no activity but what is `collected`.
  View(ledger::Ledger::Options windows, TimePoint now, kinds::FamilySwitches collected = kinds::kEveryFamily);
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  // Takes in a snapshot. Events, last events and lines of code that it lacks are kept, because they are true and end by
  // themselves; of what both know the later telling counts. So are, of other data, value sets with an edition that the
  // snapshot lacks or has an older edition of. Everything else becomes what the snapshot says.
  void load(const store::ChangeSet& snapshot, TimePoint now, SnapshotOf what = SnapshotOf::kOtherData);

  // Names, events, last events, lines of code and value sets with an edition, also empty ones, for a store that may
  // have lost them (store::retell).
  [[nodiscard]] store::ChangeSet remembered() const;

  // Takes in what changed. A repository's events and its name may come in any order. A series belongs to one slot.
  // Outdated value sets are left out, as a store does (store::is_outdated).
  void apply(const store::ChangeSet& changes);

  // What has passed by every clock: nothing later is forgotten, however far `now` goes, so that a clock that was wrong
  // and is right again finds everything there. Never told: `now` is.
  void settle(TimePoint settled);

  // Moves the 24 h windows to `now` (in either direction) and renders what changed. render() does it too; doing it
  // between scrapes leaves a scrape less to do.
  void advance(TimePoint now);

  // The page at `now`: O(what changed + chunks). `own`: this replica's samples of families with Scope::kReplica, at
  // most one per series; gh_exporter_metrics_series_loaded is answered by the view itself.
  Page render(TimePoint now, metrics::Format format, const std::vector<metrics::Sample>& own);

  [[nodiscard]] bool intact() const { return changes_under_way_ == 0; }

  // Sample lines of shared families, as of the last advance() or render().
  [[nodiscard]] std::size_t series_count() const;

 private:
  struct SlotSample {
    metrics::Family family{};
    std::string labels;
    double value = 0;
    [[nodiscard]] auto key() const { return std::pair<metrics::Family, std::string_view>(family, labels); }
  };
  struct Slot {
    std::vector<SlotSample> samples;  // sorted by key
    std::optional<store::Edition> edition;
  };
  using Slots = std::map<std::string, Slot>;

  void take_value_sets(const std::vector<store::ValueSet>& sets);
  void take_loc_sets(const std::vector<store::ValueSet>& sets);
  void forget_slots(const store::ChangeSet& snapshot, SnapshotOf what);
  static Slot slot_of(const store::ValueSet& set, bool (*is_welcome)(const metrics::Sample&));
  // Returns what ended.
  static std::vector<SlotSample> replace(Slot& slot, Slot next);
  void put_samples(const Slot& slot);
  void put_slot(Slots& slots, const std::string& name);
  void end_sample(const SlotSample& sample);
  void put_counter(const metrics::Sample& sample);
  void flush();
  [[nodiscard]] const std::vector<ChunkPtr>& chunks(metrics::Family family) const;
  [[nodiscard]] std::size_t size(metrics::Family family) const;
  [[nodiscard]] std::vector<metrics::Sample> own_samples(const std::vector<metrics::Sample>& own) const;

  [[nodiscard]] Page compose(metrics::Format format, const std::vector<metrics::Sample>& own) const;

  ledger::Ledger::Options windows_;
  int changes_under_way_ = 0;  // begun and not ended; an exception leaves its own
  TimePoint settled_ = TimePoint::max();
  std::vector<SeriesText> families_;  // by Family; unused for histograms
  std::map<metrics::Family, HistogramText> histograms_;
  std::array<std::vector<ChunkPtr>, 2> headers_;  // by Format, then Family
  Slots slots_;                                   // the store's
  Slots loc_slots_;                               // made here; no series is in two of them
  ActivitySeries activity_;                       // into families_
  LocSeries loc_;
};

}  // namespace ghstats::exposition
