#include "exposition/testing/naive_page.h"

#include <algorithm>
#include <optional>

namespace ghstats::exposition::testing {
namespace {

using metrics::Family;
using metrics::FamilyInfo;
using metrics::Format;
using metrics::Sample;

constexpr auto kLastEvent = static_cast<std::size_t>(Family::kActivityLastEvent);

std::string label_text(const FamilyInfo& family, const std::vector<std::string>& values) {
  std::string text;
  metrics::append_labels(text, family.labels, values);
  return text;
}

}  // namespace

void NaiveWorld::apply(const store::ChangeSet& changes) {
  for (const auto& name : changes.repositories) names_[name.id] = name;
  for (const ledger::Event& event : changes.events) {
    const auto [known, added] = events_.try_emplace({event.kind, event.repo, event.id}, event);
    const auto rank = [](const ledger::Event& e) { return std::tuple(e.version, e.at, e.user); };
    if (!added && rank(event) > rank(known->second)) known->second = event;
  }
  for (const auto& set : changes.value_sets) {
    const auto known = slots_.find(set.slot);
    const bool late = known != slots_.end() && known->second.edition && set.edition &&
                      known->second.edition->rank > set.edition->rank;
    if (!late) slots_[set.slot] = set;
  }
  for (const Sample& sample : changes.counters) counters_[sample.key] = sample.value;
}

store::ChangeSet NaiveWorld::snapshot() const {
  store::ChangeSet set;
  for (const auto& [id, name] : names_) set.repositories.push_back(name);
  for (const auto& [key, event] : events_) set.events.push_back(event);
  for (const auto& [slot, told] : slots_) set.value_sets.push_back(told);
  for (const auto& [key, value] : counters_) set.counters.push_back({key, value});
  return set;
}

NaiveWorld::Lines NaiveWorld::activity(Family family, TimePoint now) const {
  const auto index = static_cast<std::size_t>(family);
  Lines lines;
  for (const auto& [key, event] : events_) {
    const auto name = names_.find(event.repo);
    if (name == names_.end() || event.at > now) continue;
    const auto age = now - event.at;
    const std::string labels = label_text(metrics::info(family), {name->second.org, name->second.name, event.user});
    if (index == kLastEvent) {
      if (age >= windows_.retention) continue;
      double& last = lines[labels];
      last = std::max(last, static_cast<double>(to_unix_seconds(event.at)));
    } else if (static_cast<std::size_t>(event.kind) == index && age < windows_.window + windows_.linger) {
      lines[labels] += age < windows_.window ? 1 : 0;
    }
  }
  return lines;
}

NaiveWorld::Lines NaiveWorld::stored(Family family) const {
  Lines lines;
  for (const auto& [slot, told] : slots_) {
    for (const Sample& sample : told.samples) {
      if (sample.key.family == family) lines[label_text(metrics::info(family), sample.key.labels)] = sample.value;
    }
  }
  for (const auto& [key, value] : counters_) {
    if (key.family == family) lines[label_text(metrics::info(family), key.labels)] = value;
  }
  return lines;
}

std::string NaiveWorld::histogram(const FamilyInfo& family) const {
  std::map<std::vector<std::string>, std::map<std::string, double>> parts;
  for (const auto& [key, value] : counters_) {
    if (key.family != family.id) continue;
    const std::vector<std::string> labels(key.labels.begin(), key.labels.end() - 1);
    parts[labels][key.labels.back()] = value;
  }
  std::string text;
  for (auto& [labels, values] : parts) {
    std::vector<double> cumulative;
    double smaller = 0;
    for (const double bound : family.buckets) {
      smaller = std::max(smaller, values[metrics::bucket_bound(bound)]);
      cumulative.push_back(smaller);
    }
    cumulative.push_back(std::max(smaller, values["+Inf"]));
    metrics::append_histogram(text, family, labels, cumulative, values["sum"]);
  }
  return text;
}

std::string NaiveWorld::body(const FamilyInfo& family, TimePoint now) const {
  if (family.type == metrics::Type::kHistogram) return histogram(family);
  std::string text;
  const Lines lines = static_cast<std::size_t>(family.id) <= kLastEvent ? activity(family.id, now) : stored(family.id);
  for (const auto& [labels, value] : lines) metrics::append_sample(text, family.name, labels, value);
  return text;
}

std::string NaiveWorld::page(TimePoint now, Format format) const {
  std::map<std::string_view, std::size_t> loaded;
  std::map<Family, std::string> bodies;
  for (const FamilyInfo& family : metrics::catalogue()) {
    const std::string& lines = bodies[family.id] = body(family, now);
    if (!lines.empty()) loaded[family.name] = static_cast<std::size_t>(std::ranges::count(lines, '\n'));
  }
  std::string page;
  for (const FamilyInfo& family : metrics::catalogue()) {
    std::string lines = bodies[family.id];
    if (family.id == Family::kSeriesLoaded) {
      for (const auto& [name, count] : loaded) {
        metrics::append_sample(lines, family.name, label_text(family, {std::string(name)}), static_cast<double>(count));
      }
    }
    if (lines.empty()) continue;
    metrics::append_header(page, family, format);
    page += lines;
  }
  return page + std::string(metrics::page_end(format));
}

}  // namespace ghstats::exposition::testing
