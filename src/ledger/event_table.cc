#include "ledger/event_table.h"

#include <charconv>
#include <cstring>

namespace ghstats::ledger {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool read_sha(std::string_view text, std::array<std::uint8_t, 20>& out) {
  if (text.size() != 40) return false;
  std::array<std::uint8_t, 20> bytes{};
  for (std::size_t i = 0; i < 20; ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  out = bytes;
  return true;
}

bool read_number(std::string_view text, std::array<std::uint8_t, 20>& out) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return false;
  std::memcpy(out.data(), &value, sizeof(value));
  return true;
}

constexpr std::uint64_t mix(std::uint64_t x) {  // SplitMix64's finaliser
  x ^= x >> 30U;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27U;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::uint64_t fnv(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return mix(hash);
}

// 128 bits of hash and a mark in the last bytes that no number has.
void fold(std::string_view text, std::array<std::uint8_t, 20>& out) {
  const std::uint64_t a = fnv(text, 0);
  const std::uint64_t b = fnv(text, 0x9e3779b97f4a7c15ULL);
  std::memcpy(out.data(), &a, 8);
  std::memcpy(out.data() + 8, &b, 8);
  std::memset(out.data() + 16, 0xff, 4);
}

bool is_folded(const std::array<std::uint8_t, 20>& id) {
  return id[16] == 0xff && id[17] == 0xff && id[18] == 0xff && id[19] == 0xff;
}

}  // namespace

EventKey make_key(const Event& event, std::uint32_t repo) {
  EventKey key;
  key.repo = repo;
  key.kind = event.kind;
  const bool number = event.kind != EventKind::kCommit && read_number(event.id, key.id);
  if (!number && !read_sha(event.id, key.id)) fold(event.id, key.id);
  return key;
}

std::optional<std::uint64_t> number_in(const EventKey& key) {
  if (key.kind == EventKind::kCommit || is_folded(key.id)) return std::nullopt;
  std::uint64_t value = 0;
  std::memcpy(&value, key.id.data(), sizeof(value));
  return value;
}

std::string id_text(const EventRecord& record) {
  if (const auto number = number_in({.id = record.id, .kind = record.kind})) return std::to_string(*number);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : record.id) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::uint64_t hash_of(const EventKey& key, const HashKey& secret) {
  // The id and three bytes for the rest: one step less than all of it. Repositories that share them are a million
  // apart.
  constexpr std::size_t kLength = sizeof(key.id) + 3;
  static_assert(kEventKinds <= 16);
  const std::uint64_t rest = (std::uint64_t{key.repo} << 4U | static_cast<std::uint64_t>(key.kind)) & 0xffffffU;
  std::array<std::uint64_t, 3> words{};
  std::memcpy(words.data(), key.id.data(), key.id.size());
  TableHash hash(secret);
  hash.add(words[0]);
  hash.add(words[1]);
  return hash.finish(words[2] | rest << 32U, kLength);
}

std::optional<EventTable::Index> EventTable::find(const EventKey& key) const {
  const auto it = index_.find(key);
  if (it == index_.end()) return std::nullopt;
  return *it;
}

// What the set would do by itself, but reading the records in their order instead of at random.
void EventTable::grow() {
  IndexSet larger(2 * index_.size() + 64, Hash{&records_}, Equal{&records_});
  for_each([&](Index i, const EventRecord&) { larger.insert(i); });
  index_.swap(larger);
}

EventTable::Found EventTable::find_or_insert(const EventKey& key, std::uint32_t owner, std::uint32_t at_s,
                                             std::uint32_t version_s) {
  if (index_.size() >= index_.max_load()) grow();
  // The record is written first and then looked up by its index, so that one probe does both.
  const bool reused = !free_.empty();
  const Index index = reused ? free_.back() : static_cast<Index>(records_.size());
  if (reused) {
    free_.pop_back();
  } else {
    records_.emplace_back();
  }
  records_[index] = EventRecord{.id = key.id,
                                .repo = key.repo,
                                .owner = owner,
                                .at_s = at_s,
                                .version_s = version_s,
                                .kind = key.kind,
                                .alive = true};
  const auto [place, inserted] = index_.insert(index);
  if (!inserted) {
    records_[index].alive = false;
    free_.push_back(index);
  }
  return {*place, inserted};
}

void EventTable::erase(Index index) {
  index_.erase(index);
  records_[index].alive = false;
  free_.push_back(index);
}

}  // namespace ghstats::ledger
