#include "exposition/view.h"

#include <algorithm>
#include <utility>

namespace ghstats::exposition {
namespace {

using metrics::Family;
using metrics::FamilyInfo;
using metrics::Format;
using metrics::Sample;
using metrics::Scope;
using metrics::Type;

// Between two flushes nothing limits what is put but this.
constexpr std::size_t kMaxPendingBytes = 8UL << 20U;

std::size_t index_of(Family family) {
  return static_cast<std::size_t>(family);
}

bool is_activity(Family family) {
  return index_of(family) < ActivitySeries::kFamilies;
}

// Made here from records.
bool is_loc(Family family) {
  return family == Family::kActivityLocAdded || family == Family::kActivityLocRemoved ||
         family == Family::kLocSourceMode || family == Family::kLocFallbackIncomplete;
}

bool is_stored(const Sample& sample, bool histogram) {
  if (index_of(sample.key.family) >= metrics::kFamilyCount) return false;
  if (is_activity(sample.key.family) || is_loc(sample.key.family)) return false;
  const FamilyInfo& family = metrics::info(sample.key.family);
  return family.scope == Scope::kShared && (family.type == Type::kHistogram) == histogram &&
         sample.key.labels.size() == family.labels.size() + (histogram ? 1 : 0);
}

bool is_stored_gauge(const Sample& sample) {
  return is_stored(sample, false);
}

ChunkPtr make_header(const FamilyInfo& family, Format format) {
  std::string text;
  metrics::append_header(text, family, format);
  return std::make_shared<const Chunk>(std::move(text));
}

std::vector<SeriesText> make_families() {
  std::vector<SeriesText> families;
  for (const FamilyInfo& family : metrics::catalogue()) families.emplace_back(family.name);
  return families;
}

// As it was before label_text().
Sample told(Family family, std::string_view labels, double value) {
  return {{family, metrics::label_values(metrics::info(family).labels, labels)}, value};
}

std::string label_text(const Sample& sample) {
  std::string labels;
  metrics::append_labels(labels, metrics::info(sample.key.family).labels, sample.key.labels);
  return labels;
}

}  // namespace

View::View(ledger::Ledger::Options windows, TimePoint now, kinds::FamilySwitches collected)
    : windows_(windows),
      families_(make_families()),
      activity_(windows_, now, ActivitySeries::Families(families_.data(), ActivitySeries::kFamilies), collected),
      loc_(windows.linger) {
  for (const FamilyInfo& family : metrics::catalogue()) {
    if (family.type == Type::kHistogram) histograms_.emplace(family.id, family);
    for (const Format format : {Format::kText004, Format::kOpenMetrics100}) {
      headers_[static_cast<std::size_t>(format)].push_back(make_header(family, format));
    }
  }
}

void View::settle(TimePoint settled) {
  settled_ = settled;
  activity_.settle(settled);
}

void View::load(const store::ChangeSet& snapshot, TimePoint now, SnapshotOf what) {
  ++changes_under_way_;
  for (const FamilyInfo& family : metrics::catalogue()) {
    if (!is_activity(family.id) && !is_loc(family.id)) families_[index_of(family.id)].clear();
  }
  for (auto& [family, histogram] : histograms_) histogram.clear();
  forget_slots(snapshot, what);
  for (const auto& [name, slot] : slots_) put_samples(slot);
  loc_.end_asked_before(std::min(now, settled_) - windows_.retention);
  apply(snapshot);
  advance(now);
  --changes_under_way_;
}

store::ChangeSet View::remembered() const {
  store::ChangeSet out = activity_.remembered();
  out.loc_records = loc_.records();
  for (const auto& [name, slot] : slots_) {
    if (!slot.edition) continue;
    store::ValueSet& set = out.value_sets.emplace_back(store::ValueSet{name, {}, slot.edition});
    set.samples.reserve(slot.samples.size());
    for (const SlotSample& sample : slot.samples)
      set.samples.push_back(told(sample.family, sample.labels, sample.value));
  }
  return out;
}

void View::apply(const store::ChangeSet& changes) {
  ++changes_under_way_;
  for (const store::RepositoryName& repository : changes.repositories) {
    activity_.name_repository(repository);
    loc_.name_repository(repository);
  }
  for (const ledger::Event& event : changes.events) activity_.insert(event);
  for (const store::LastEvent& last : changes.last_events) activity_.remember_last(last);
  for (const store::LocRecord& record : changes.loc_records) loc_.put(record);
  for (const RepoId repo : changes.ended_loc) loc_.end(repo);
  take_value_sets(changes.value_sets);
  for (const Sample& sample : changes.counters) put_counter(sample);

  std::size_t pending = 0;
  for (const SeriesText& family : families_) pending += family.pending_bytes();
  if (pending > kMaxPendingBytes) flush();
  --changes_under_way_;
}

View::Slot View::slot_of(const store::ValueSet& set, bool (*is_welcome)(const Sample&)) {
  Slot slot{.samples = {}, .edition = set.edition};
  slot.samples.reserve(set.samples.size());
  for (const Sample& sample : set.samples) {
    if (is_welcome(sample)) slot.samples.push_back({sample.key.family, label_text(sample), sample.value});
  }
  // A series told twice in one set would be a mistake; the greater value makes it the same on every replica.
  std::ranges::sort(slot.samples, std::ranges::greater{},
                    [](const SlotSample& s) { return std::pair(s.key(), s.value); });
  const auto repeated = std::ranges::unique(slot.samples, {}, &SlotSample::key);
  slot.samples.erase(repeated.begin(), repeated.end());
  std::ranges::reverse(slot.samples);
  return slot;
}

std::vector<View::SlotSample> View::replace(Slot& slot, Slot next) {
  std::vector<SlotSample> ended;
  auto at = next.samples.begin();
  for (SlotSample& sample : slot.samples) {
    while (at != next.samples.end() && at->key() < sample.key()) ++at;
    if (at == next.samples.end() || at->key() != sample.key()) ended.push_back(std::move(sample));
  }
  slot = std::move(next);
  return ended;
}

void View::put_samples(const Slot& slot) {
  for (const SlotSample& sample : slot.samples) families_[index_of(sample.family)].put(sample.labels, sample.value);
}

void View::put_slot(Slots& slots, const std::string& name) {
  const auto slot = slots.find(name);
  if (slot == slots.end()) return;  // named twice in one change set
  put_samples(slot->second);
  if (slot->second.samples.empty() && !slot->second.edition) slots.erase(slot);
}

// All that ends is ended before anything is put: a series may go from one slot to another.
void View::take_value_sets(const std::vector<store::ValueSet>& sets) {
  std::vector<SlotSample> ended;
  for (const store::ValueSet& told : sets) {
    Slot& slot = slots_[told.slot];
    if (store::is_outdated(told.edition, slot.edition)) continue;
    std::ranges::move(replace(slot, slot_of(told, is_stored_gauge)), std::back_inserter(ended));
  }
  for (const SlotSample& sample : ended) end_sample(sample);
  for (const store::ValueSet& set : sets) put_slot(slots_, set.slot);
}

// What stays outlives the snapshot.
void View::forget_slots(const store::ChangeSet& snapshot, SnapshotOf what) {
  if (what == SnapshotOf::kSameData) slots_.clear();
  std::erase_if(slots_, [](const auto& entry) { return !entry.second.edition; });
  for (const store::ValueSet& set : snapshot.value_sets) {
    const auto known = slots_.find(set.slot);
    if (known != slots_.end() && !store::is_outdated(set.edition, known->second.edition)) slots_.erase(known);
  }
}

void View::take_loc_sets(const std::vector<store::ValueSet>& sets) {
  for (const store::ValueSet& set : sets) {
    Slot next = slot_of(set, [](const Sample&) { return true; });
    const std::vector<SlotSample> ended = replace(loc_slots_[set.slot], std::move(next));
    for (const SlotSample& sample : ended) families_[index_of(sample.family)].erase(sample.labels);
    put_slot(loc_slots_, set.slot);
  }
}

void View::end_sample(const SlotSample& sample) {
  SeriesText& family = families_[index_of(sample.family)];
  for (const auto& [name, slot] : slots_) {
    const auto other = std::ranges::lower_bound(slot.samples, sample.key(), {}, &SlotSample::key);
    if (other != slot.samples.end() && other->key() == sample.key()) {
      family.put(other->labels, other->value);
      return;
    }
  }
  family.erase(sample.labels);
}

void View::put_counter(const Sample& sample) {
  if (is_stored(sample, true)) {
    histograms_.at(sample.key.family).put(sample.key.labels, sample.value);
  } else if (is_stored_gauge(sample)) {
    families_[index_of(sample.key.family)].put(label_text(sample), sample.value);
  }
}

void View::advance(TimePoint now) {
  ++changes_under_way_;
  activity_.advance(now, std::min(now, settled_));
  take_loc_sets(loc_.advance(now));
  flush();
  --changes_under_way_;
}

void View::flush() {
  for (SeriesText& family : families_) family.flush();
  for (auto& [family, histogram] : histograms_) histogram.flush();
}

const std::vector<ChunkPtr>& View::chunks(Family family) const {
  const auto histogram = histograms_.find(family);
  return histogram == histograms_.end() ? families_[index_of(family)].chunks() : histogram->second.chunks();
}

std::size_t View::size(Family family) const {
  const auto histogram = histograms_.find(family);
  return histogram == histograms_.end() ? families_[index_of(family)].size() : histogram->second.size();
}

std::size_t View::series_count() const {
  std::size_t count = 0;
  for (const FamilyInfo& family : metrics::catalogue()) count += size(family.id);
  return count;
}

// In the order of the page.
std::vector<Sample> View::own_samples(const std::vector<Sample>& own) const {
  std::vector<Sample> samples;
  for (const Sample& sample : own) {
    const FamilyInfo& family = metrics::info(sample.key.family);
    const bool welcome = family.scope == Scope::kReplica && family.id != Family::kSeriesLoaded &&
                         family.type != Type::kHistogram && sample.key.labels.size() == family.labels.size();
    if (welcome) samples.push_back(sample);
  }
  for (const FamilyInfo& family : metrics::catalogue()) {
    const std::size_t loaded = size(family.id);
    if (loaded == 0) continue;
    samples.push_back({{Family::kSeriesLoaded, {std::string(family.name)}}, static_cast<double>(loaded)});
  }
  std::ranges::sort(samples, {}, &Sample::key);
  return samples;
}

Page View::render(TimePoint now, Format format, const std::vector<Sample>& own) {
  advance(now);
  return compose(format, own);
}

Page View::compose(Format format, const std::vector<Sample>& own) const {
  const std::vector<ChunkPtr>& headers = headers_[static_cast<std::size_t>(format)];
  const std::vector<Sample> samples = own_samples(own);
  auto sample = samples.begin();
  Page page;
  std::string fresh;  // of this page only
  const auto push_fresh = [&] {
    if (!fresh.empty()) page.chunks.push_back(std::make_shared<const Chunk>(std::exchange(fresh, {})));
  };
  for (const FamilyInfo& family : metrics::catalogue()) {
    const std::vector<ChunkPtr>& shared = chunks(family.id);
    if (!shared.empty()) {
      push_fresh();
      page.chunks.push_back(headers[index_of(family.id)]);
      page.chunks.insert(page.chunks.end(), shared.begin(), shared.end());
    } else if (sample != samples.end() && sample->key.family == family.id) {
      fresh += headers[index_of(family.id)]->text();
    }
    for (; sample != samples.end() && sample->key.family == family.id; ++sample) {
      metrics::append_sample(fresh, family.name, label_text(*sample), sample->value);
    }
  }
  fresh += page_end(format);
  push_fresh();
  return page;
}

}  // namespace ghstats::exposition
