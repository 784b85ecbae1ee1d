#include "store/redis/codec.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "ledger/event_table.h"
#include "store/redis/wire_bytes.h"
#include "store/series_budget.h"

namespace ghstats::store {
namespace {

using ledger::Event;
using ledger::EventKind;

constexpr int kSeconds = 5;  // bytes of a time in whole seconds
constexpr std::string_view kDigits = "0123456789abcdef";

// Bytes in Redis outlive versions of the program.
static_assert(static_cast<int>(LocMode::kStatsContributors) == 0 &&
              static_cast<int>(LocMode::kSampledCommitStats) == 1 && static_cast<int>(LocMode::kCommitHistory) == 2);
static_assert(static_cast<int>(LocPhase::kWarming) == 0 && static_cast<int>(LocPhase::kReady) == 1 &&
              static_cast<int>(LocPhase::kFallback) == 2);

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::kInvalidData, "what Redis holds is no " + std::string(what));
}

// The ledger's times end in 2106, too.
constexpr std::uint64_t kLastSecond = std::numeric_limits<std::uint32_t>::max();

std::uint64_t seconds_of(TimePoint at) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(to_unix_seconds(at), 0, kLastSecond));
}

TimePoint read_seconds(WireReader& reader) {
  return from_unix_seconds(static_cast<std::int64_t>(std::min(reader.number(kSeconds), kLastSecond)));
}

std::string sha_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<std::uint8_t>(c) >> 4U];
    out += kDigits[static_cast<std::uint8_t>(c) & 15U];
  }
  return out;
}

}  // namespace

std::string pack_event_field(const Event& event) {
  const ledger::EventKey key = ledger::make_key(event, 0);
  std::string out;
  WireWriter writer(out);
  writer.number(static_cast<std::uint64_t>(key.kind), 1);
  if (const auto number = ledger::number_in(key)) {
    writer.number(*number, 8);
  } else {
    out.append(key.id.begin(), key.id.end());
  }
  return out;
}

std::string pack_event_value(const Event& event) {
  std::string out;
  out.reserve(2 * kSeconds + event.user.size());
  WireWriter writer(out);
  writer.number(seconds_of(event.version), kSeconds);
  writer.number(seconds_of(event.at), kSeconds);
  out += event.user.substr(0, std::numeric_limits<std::uint16_t>::max() - std::size_t{2 * kSeconds});
  return out;
}

Result<std::optional<Event>> parse_event(RepoId repo, std::string_view field, std::string_view value) {
  WireReader identity(field);
  const std::uint64_t kind = identity.number(1);
  if (identity.ok() && kind >= ledger::kEventKinds) return std::nullopt;
  const bool numbered = field.size() == 1 + 8;
  const bool hashed = field.size() == 1 + 20;
  if ((!numbered && !hashed) || value.size() < 2 * kSeconds) return broken("event");
  Event event;
  event.repo = repo;
  event.kind = static_cast<EventKind>(kind);
  event.id = numbered ? std::to_string(identity.number(8)) : sha_text(identity.bytes(20));
  WireReader reader(value);
  event.version = read_seconds(reader);
  event.at = read_seconds(reader);
  event.user = value.substr(2 * kSeconds);
  return event;
}

std::string pack_name(const RepositoryName& name) {
  std::string out;
  WireWriter writer(out);
  writer.text(name.org, 2);
  writer.text(name.name, 2);
  return out;
}

Result<RepositoryName> parse_name(RepoId id, std::string_view bytes) {
  WireReader reader(bytes);
  RepositoryName out{.id = id, .org = std::string(reader.text(2)), .name = std::string(reader.text(2))};
  if (!reader.ok()) return broken("repository name");
  return out;
}

std::string pack_loc(const LocRecord& record) {
  std::string out;
  WireWriter writer(out);
  writer.time(record.asked_at);
  writer.number(series_of(record), 4);
  writer.number(static_cast<std::uint64_t>(record.mode), 1);
  writer.number(static_cast<std::uint64_t>(record.phase), 1);
  writer.number(record.incomplete ? 1 : 0, 1);
  writer.time(record.valid_until);
  writer.time(record.week);
  writer.time(record.refreshed_at);
  writer.number(static_cast<std::uint32_t>(record.zero_weeks), 4);
  writer.time(record.statistics_not_before);
  for (const UserLines& user : record.users) {
    writer.text(user.user, 2);
    writer.number(static_cast<std::uint64_t>(user.added), 8);
    writer.number(static_cast<std::uint64_t>(user.removed), 8);
    writer.number(user.gone_at ? 1 : 0, 1);
    if (user.gone_at) writer.time(*user.gone_at);
  }
  return out;
}

Result<std::optional<LocRecord>> parse_loc(RepoId repo, std::string_view bytes) {
  WireReader reader(bytes);
  LocRecord out;
  out.repo = repo;
  out.asked_at = reader.time();
  reader.number(4);
  const std::uint64_t mode = reader.number(1);
  const std::uint64_t phase = reader.number(1);
  out.incomplete = reader.number(1) != 0;
  out.valid_until = reader.time();
  out.week = reader.time();
  out.refreshed_at = reader.time();
  out.zero_weeks = static_cast<int>(static_cast<std::uint32_t>(reader.number(4)));
  out.statistics_not_before = reader.time();
  if (!reader.ok()) return broken("lines-of-code record");
  if (mode > static_cast<std::uint64_t>(LocMode::kCommitHistory)) return std::nullopt;
  if (phase > static_cast<std::uint64_t>(LocPhase::kFallback)) return std::nullopt;
  out.mode = static_cast<LocMode>(mode);
  out.phase = static_cast<LocPhase>(phase);
  while (reader.ok() && !reader.at_end()) {
    UserLines user;
    user.user = reader.text(2);
    user.added = static_cast<std::int64_t>(reader.number(8));
    user.removed = static_cast<std::int64_t>(reader.number(8));
    if (reader.number(1) != 0) user.gone_at = reader.time();
    out.users.push_back(std::move(user));
  }
  if (!reader.ok()) return broken("lines-of-code record");
  return out;
}

std::string pack_time(TimePoint at) {
  std::string out;
  WireWriter(out).time(at);
  return out;
}

TimePoint parse_time(std::string_view bytes) {
  return WireReader(bytes).time();
}

std::string pack_real(double value) {
  std::string out;
  WireWriter(out).real(value);
  return out;
}

Result<double> parse_real(std::string_view bytes) {
  if (bytes.size() != 8) return broken("number");
  return WireReader(bytes).real();
}

Result<double> parse_total(std::string_view bytes) {
  const auto total = parse_real(bytes);
  if (!total || (std::isfinite(*total) && *total >= 0)) return total;
  return broken("total");
}

std::string pack_last_event(const LastEvent& last) {
  std::string out;
  WireWriter writer(out);
  writer.number(seconds_of(last.at), kSeconds);
  out += last.user;
  return out;
}

Result<LastEvent> parse_last_event(RepoId repo, std::string_view bytes) {
  WireReader reader(bytes);
  const TimePoint at = read_seconds(reader);
  if (!reader.ok()) return broken("last event");
  return LastEvent{repo, std::string(bytes.substr(kSeconds)), at};
}

Result<std::optional<TimePoint>> parse_forgotten(std::string_view row) {
  WireReader reader(row);
  reader.number(1);
  const TimePoint at = read_seconds(reader);
  if (!reader.ok()) return broken("row");
  if (at == TimePoint{}) return std::nullopt;
  return at;
}

Result<std::uint64_t> parse_number(std::string_view text, std::string_view what) {
  constexpr std::uint64_t kTooGreat = std::uint64_t{1} << 53U;
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec == std::errc{} && end == text.data() + text.size() && number < kTooGreat) return number;
  return fail(ErrorCode::kInvalidData, std::string(what) + " is no whole number");
}

std::string to_text(RepoId repo) {
  return std::to_string(to_number(repo));
}

Result<RepoId> parse_repo(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return broken("repository id");
  return RepoId{number};
}

}  // namespace ghstats::store
