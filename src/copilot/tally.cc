#include "copilot/tally.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace ghstats::copilot {
namespace {

// Never in UTF-8, so never in a part.
constexpr char kSeparator = '\xff';

struct KeyParts {
  std::string_view user{};
  std::string_view day{};
  Labels labels{};
};

void write_key(std::string& out, const KeyParts& parts) {
  out.assign(parts.user);
  for (const std::string_view part :
       {parts.day, parts.labels.ide, parts.labels.feature, parts.labels.language, parts.labels.model}) {
    out += kSeparator;
    out += part;
  }
}

KeyParts parts_of(std::string_view key) {
  KeyParts parts;
  for (std::string_view* part : {&parts.user, &parts.day, &parts.labels.ide, &parts.labels.feature,
                                 &parts.labels.language, &parts.labels.model}) {
    const auto end = key.find(kSeparator);
    *part = key.substr(0, end);
    key.remove_prefix(end == std::string_view::npos ? key.size() : end + 1);
  }
  return parts;
}

// How many series came with it.
template <std::size_t kSize>
std::size_t add_to(Counts<kSize>& sum, const Counts<kSize>& counts) {
  const int before = std::popcount(sum.told);
  sum.add(counts);
  return static_cast<std::size_t>(std::popcount(sum.told) - before);
}

template <std::size_t kSize>
void append_samples(const std::array<CounterRow, kSize>& families, const Counts<kSize>& counts,
                    const std::vector<std::string>& labels, std::vector<metrics::Sample>& out) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (counts.has(i)) out.push_back({{families[i].family, labels}, static_cast<double>(counts.values[i])});
  }
}

}  // namespace

Tally::Tally(ReportKind kind, std::string org, ReportOptions options)
    : report_(row(kind)), org_(std::move(org)), options_(std::move(options)) {}

std::optional<DropReason> Tally::add(const Record& record) {
  if (is_full()) return DropReason::kRecordLimit;
  const std::string_view name = name_of(record);
  if (report_.shape == Shape::kUser) {
    if (options_.user_label != UserLabel::kNone && name.empty()) return DropReason::kMissingField;
    if (!admits(name, record)) return DropReason::kUserLimit;
  }
  ++taken_;
  see_days(record);
  for (const Usage& usage : record.usages) add_usage(name, usage);
  return std::nullopt;
}

// Hashes are made for samples(): a user has up to 28 records.
std::string_view Tally::name_of(const Record& record) const {
  if (report_.shape != Shape::kUser) return {};
  switch (options_.user_label) {
    case UserLabel::kLogin:
    case UserLabel::kHashed:
      return record.user_login;
    case UserLabel::kId:
      return record.user_id;
    case UserLabel::kNone:
      return {};
  }
  return {};
}

bool Tally::admits(std::string_view name, const Record& record) {
  if (options_.max_users == 0) return true;
  if (name.empty()) name = record.user_id.empty() ? record.user_login : record.user_id;
  if (known_users_.contains(name)) return true;
  if (known_users_.size() >= options_.max_users) return false;
  known_users_.emplace(name);
  return true;
}

void Tally::add_usage(std::string_view name, const Usage& usage) {
  const std::string_view day = options_.day_label ? usage.day : std::string_view{};
  rows_.clear();
  split(usage, options_.breakdowns, rows_);
  for (const UsageRow& row : rows_) {
    write_key(key_, {.user = name, .day = day, .labels = row.labels});
    auto it = counters_.find(std::string_view(key_));
    if (it == counters_.end()) it = counters_.emplace(key_, Counters{}).first;
    series_ += add_to(it->second, row.counters);
  }
  if (!options_.pull_requests || usage.pull_requests.told == 0) return;
  auto it = pull_requests_.find(day);
  if (it == pull_requests_.end()) it = pull_requests_.emplace(std::string(day), PullRequests{}).first;
  series_ += add_to(it->second, usage.pull_requests);
}

void Tally::see_days(const Record& record) {
  const auto see = [](std::string_view day, std::string& seen, bool is_further) {
    if (!day.empty() && (seen.empty() || is_further)) seen = day;
  };
  const auto see_both = [&](std::string_view first, std::string_view last) {
    see(first, first_day_, first < first_day_);
    see(last, last_day_, last > last_day_);
  };
  see_both(record.report_start_day, record.report_end_day);
  for (const Usage& usage : record.usages) {
    see_both(record.report_start_day.empty() ? usage.day : std::string_view{},
             record.report_end_day.empty() ? usage.day : std::string_view{});
  }
}

std::vector<metrics::Sample> Tally::samples() const {
  std::vector<std::pair<std::string_view, const Counters*>> rows;
  rows.reserve(counters_.size());
  for (const auto& [key, counters] : counters_) rows.emplace_back(key, &counters);
  std::ranges::sort(rows, {}, [](const auto& row) { return row.first; });

  std::vector<metrics::Sample> out;
  out.reserve(series_);
  const auto labels = [&](std::string user, const Labels& of, std::string_view day) {
    return std::vector<std::string>{org_,
                                    "*",
                                    std::move(user),
                                    std::string(report_.scope),
                                    std::string(report_.window),
                                    std::string(of.ide),
                                    std::string(of.feature),
                                    std::string(of.language),
                                    std::string(of.model),
                                    std::string(day)};
  };
  std::string_view hashed;  // whose hash `user` is
  std::string user;
  for (const auto& [key, counters] : rows) {
    const KeyParts parts = parts_of(key);
    if (options_.user_label != UserLabel::kHashed || parts.user.empty()) {
      user = parts.user;
    } else if (user.empty() || hashed != parts.user) {
      user = hashed_user(options_.hash_key, std::string(parts.user));
      hashed = parts.user;
    }
    append_samples(kCounters, *counters, labels(user, parts.labels, parts.day), out);
  }
  for (const auto& [day, counts] : pull_requests_)
    append_samples(kPullRequestCounters, counts, labels({}, {}, day), out);
  return out;
}

}  // namespace ghstats::copilot
