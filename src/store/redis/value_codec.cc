#include "store/redis/value_codec.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "store/redis/wire_bytes.h"

namespace ghstats::store {
namespace {

constexpr int kRankBytes = 8;
constexpr std::size_t kDigestBytes = 8;
constexpr std::size_t kLongestShort = 60'000;  // texts of a series that certainly fit into one label

// A family without a name is a form of ours: how many labels it has says which one. Before there were editions such a
// series was skipped like any other of an unknown family.
constexpr std::uint64_t kShortSeries = 1;  // label: the family's name and the labels, by number
constexpr std::uint64_t kEdition = 2;      // labels: rank and note

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::kInvalidData, "what Redis holds is no " + std::string(what));
}

std::optional<metrics::Family> family_named(std::string_view name) {
  static const auto kByName = [] {
    std::unordered_map<std::string_view, metrics::Family> out;
    for (const metrics::FamilyInfo& family : metrics::catalogue()) out.emplace(family.name, family.id);
    return out;
  }();
  const auto it = kByName.find(name);
  if (it == kByName.end()) return std::nullopt;
  return it->second;
}

void write_series(WireWriter& writer, const metrics::SeriesKey& key) {
  writer.text(metrics::info(key.family).name, 1);
  writer.number(key.labels.size(), 1);
  for (const std::string& label : key.labels) writer.text(label, 2);
}

// Seven bits a byte, the lowest first; the last byte is below 128.
void write_short_number(std::string& out, std::size_t number) {
  for (; number >= 0x80; number >>= 7U) out += static_cast<char>(number | 0x80U);
  out += static_cast<char>(number);
}

std::size_t read_short_number(WireReader& reader) {
  std::size_t out = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const std::uint64_t byte = reader.number(1);
    out |= static_cast<std::size_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) break;
  }
  return out;
}

// Texts by number: 0 comes before one that is new, which gets the next number, from 1 on.
class TextWriter {
 public:
  // `column`: which text of its series it is; mostly the one of the series before, or known from further back.
  void write(std::string& out, std::size_t column, std::string_view text) {
    if (column >= last_.size()) last_.resize(column + 1);
    auto& [last, number] = last_[column];
    if (number == 0 || last != text) {
      const auto [known, is_new] = numbers_.try_emplace(std::string(text), numbers_.size() + 1);
      last = text;
      number = known->second;
      if (is_new) {
        write_short_number(out, 0);
        write_short_number(out, text.size());
        out += text;
        return;
      }
    }
    write_short_number(out, number);
  }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::pair<std::string, std::size_t>> last_;
};

class TextReader {
 public:
  std::optional<std::string_view> read(WireReader& reader) {
    const std::size_t number = read_short_number(reader);
    if (number > 0 && number <= texts_.size()) return texts_[number - 1];
    if (number > 0) return std::nullopt;
    texts_.push_back(reader.bytes(read_short_number(reader)));
    return texts_.back();
  }

 private:
  std::vector<std::string_view> texts_;
};

void write_short_series(std::string& out, TextWriter& texts, const metrics::SeriesKey& key) {
  std::string shortened;
  std::size_t column = 0;
  texts.write(shortened, column++, metrics::info(key.family).name);
  for (const std::string& label : key.labels) texts.write(shortened, column++, label);
  WireWriter writer(out);
  writer.text("", 1);
  writer.number(kShortSeries, 1);
  writer.text(shortened, 2);
}

bool is_shortened(const metrics::SeriesKey& key) {
  std::size_t size = 0;
  for (const std::string& label : key.labels) size += label.size() + 5;
  return size < kLongestShort;
}

// Bytes sort as ranks do.
void write_rank(WireWriter& writer, std::int64_t rank) {
  writer.number(static_cast<std::uint64_t>(rank) ^ WireWriter::kSign, kRankBytes);
}

std::int64_t read_rank(WireReader& reader) {
  return static_cast<std::int64_t>(reader.number(kRankBytes) ^ WireWriter::kSign);
}

// Of a set's bytes, from the first one on.
class SetReader {
 public:
  explicit SetReader(std::string_view bytes) : reader_(bytes) {}

  Status read_into(ValueSet& set) {
    while (!reader_.at_end()) {
      auto key = read_key(set);
      const double value = reader_.real();
      if (!reader_.ok() || damaged_) return broken("value set");
      if (key) set.samples.push_back({std::move(*key), value});
    }
    return {};
  }

 private:
  // None: of an unknown family, or no series at all.
  std::optional<metrics::SeriesKey> read_key(ValueSet& set) {
    const std::string_view name = reader_.text(1);
    const std::uint64_t labels = reader_.number(1);
    if (name.empty() && labels == kShortSeries) return read_short(reader_.text(2));
    if (name.empty() && labels == kEdition) {
      WireReader rank(reader_.text(2));
      set.edition = Edition{.rank = read_rank(rank), .note = std::string(reader_.text(2))};
      return std::nullopt;
    }
    metrics::SeriesKey key;
    key.labels.resize(labels);
    for (std::string& label : key.labels) label = reader_.text(2);
    return with_family(name, std::move(key));
  }

  std::optional<metrics::SeriesKey> read_short(std::string_view shortened) {
    WireReader reader(shortened);
    const auto name = texts_.read(reader);
    metrics::SeriesKey key;
    while (!reader.at_end()) {
      const auto label = texts_.read(reader);
      damaged_ = damaged_ || !label;
      key.labels.emplace_back(label.value_or(""));
    }
    damaged_ = damaged_ || !name || !reader.ok();
    if (damaged_) return std::nullopt;
    return with_family(*name, std::move(key));
  }

  static std::optional<metrics::SeriesKey> with_family(std::string_view name, metrics::SeriesKey key) {
    const auto family = family_named(name);
    if (!family) return std::nullopt;
    key.family = *family;
    return key;
  }

  WireReader reader_;
  TextReader texts_;
  bool damaged_ = false;
};

}  // namespace

std::string pack_series(const metrics::SeriesKey& key) {
  std::string out;
  WireWriter writer(out);
  write_series(writer, key);
  return out;
}

Result<std::optional<metrics::SeriesKey>> parse_series(std::string_view bytes) {
  WireReader reader(bytes);
  const auto family = family_named(reader.text(1));
  metrics::SeriesKey key;
  key.labels.resize(reader.number(1));
  for (std::string& label : key.labels) label = reader.text(2);
  if (!reader.ok() || !reader.at_end()) return broken("series");
  if (!family) return std::nullopt;
  key.family = *family;
  return key;
}

PackedSet pack_set(const ValueSet& set) {
  PackedSet out;
  WireWriter bytes(out.bytes);
  WireWriter ends(out.ends);
  if (set.edition) {
    bytes.text("", 1);
    bytes.number(kEdition, 1);
    bytes.number(kRankBytes, 2);
    write_rank(bytes, set.edition->rank);
    bytes.text(set.edition->note, 2);
    bytes.real(0);
  }
  ends.number(out.bytes.size(), 4);
  TextWriter texts;
  for (const metrics::Sample& sample : set.samples) {
    if (set.edition && is_shortened(sample.key)) {
      write_short_series(out.bytes, texts, sample.key);
    } else {
      write_series(bytes, sample.key);
    }
    bytes.real(sample.value);
    ends.number(out.bytes.size(), 4);
  }
  return out;
}

Result<ValueSet> parse_set(std::string slot, std::string_view bytes) {
  ValueSet set{.slot = std::move(slot), .samples = {}};
  const Status read = SetReader(bytes).read_into(set);
  if (!read) return fail(read.error());
  return set;
}

std::string pack_edition(const std::optional<Edition>& edition) {
  std::string out;
  if (!edition) return out;
  WireWriter writer(out);
  write_rank(writer, edition->rank);
  out += edition->note;
  return out;
}

SlotEdition parse_slot(std::string slot, std::string_view bytes) {
  constexpr int kSeconds = 5;
  SlotEdition out{.slot = std::move(slot)};
  WireReader reader(bytes);
  reader.number(kSeconds);
  const auto series = static_cast<std::size_t>(reader.number(4));
  if (!reader.ok()) return out;
  out.series = series;
  reader.bytes(kDigestBytes);
  const std::int64_t rank = read_rank(reader);
  if (reader.ok()) out.edition = Edition{.rank = rank, .note = std::string(reader.rest())};
  return out;
}

}  // namespace ghstats::store
