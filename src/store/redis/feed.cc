#include "store/redis/feed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "store/redis/codec.h"
#include "store/redis/link.h"
#include "store/redis/value_codec.h"
#include "store/redis/wire_bytes.h"

namespace ghstats::store {

using redis::Command;
using redis::Reply;

namespace {

std::unexpected<Error> strange() {
  return fail(ErrorCode::kInvalidData, "the store's change feed in Redis does not parse");
}

constexpr std::string_view kPositionInFeed = "a position in the change feed";

// How many texts an item of this type has; 0 for a type of a later version, which says it itself in one byte.
std::size_t texts_of(char type) {
  switch (type) {
    case 'X':
    case 'F':
      return 1;
    case 'N':
    case 'E':
    case 'R':
    case 'V':
    case 'L':
      return 2;
    case 'C':
      return 3;
    default:
      return 0;
  }
}

// A field of meta; 0 when there is none.
Result<std::uint64_t> number_in(const Reply& field, std::string_view name, const RedisKeys& keys) {
  if (field.string() == nullptr) return std::uint64_t{0};
  auto number = parse_number(*field.string(), std::string(name) + " of " + keys.meta());
  if (!number) return fail(number.error().with_context(kDamaged));
  return number;
}

std::string run_id_in(std::string_view info) {
  constexpr std::string_view kName = "run_id:";
  const auto at = info.find(kName);
  if (at == std::string_view::npos) return {};
  const auto rest = info.substr(at + kName.size());
  return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

// ["7-1", ["p", "6", "d", items]]; later versions may have more fields.
Result<FeedEntry> parse_entry(Reply& reply) {
  auto* parts = reply.array();
  if (parts == nullptr || parts->size() != 2 || (*parts)[0].string() == nullptr) return strange();
  auto* fields = (*parts)[1].array();
  if (fields == nullptr) return strange();
  const std::string* before_text = nullptr;
  std::string* items = nullptr;
  for (std::size_t i = 0; i + 1 < fields->size(); i += 2) {
    const std::string* name = (*fields)[i].string();
    std::string* value = (*fields)[i + 1].string();
    if (name == nullptr || value == nullptr) return strange();
    if (*name == "p") before_text = value;
    if (*name == "d") items = value;
  }
  if (before_text == nullptr || items == nullptr) return strange();
  const std::string_view id = *(*parts)[0].string();
  const auto before = parse_number(*before_text, kPositionInFeed);
  if (!before) return fail(before.error());
  const auto position = parse_number(id.substr(0, id.find('-')), kPositionInFeed);
  if (!position) return fail(position.error());
  return FeedEntry{.before = *before, .position = *position, .items = std::move(*items)};
}

}  // namespace

std::optional<TimePoint> parse_server_time(const Reply& reply) {
  const auto* parts = reply.array();
  if (parts == nullptr || parts->size() != 2) return std::nullopt;
  std::array<std::int64_t, 2> numbers{};  // seconds, microseconds
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto* text = (*parts)[i].string();
    if (text == nullptr) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), numbers[i]);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  }
  constexpr std::int64_t kLastSecond = 7'258'118'400;  // 2200
  if (numbers[0] < 0 || numbers[0] > kLastSecond) return std::nullopt;
  return from_unix_seconds(numbers[0]) + std::chrono::microseconds{std::clamp<std::int64_t>(numbers[1], 0, 999'999)};
}

std::vector<Command> read_feed(const RedisKeys& keys, std::uint64_t after, std::size_t count) {
  std::vector<Command> out;
  out.emplace_back("INFO", "server");
  out.emplace_back("HMGET", keys.meta(), "incarnation", "position", "series");
  if (count > 0) {
    out.emplace_back("XRANGE", keys.feed(), "(" + std::to_string(after) + "-1", "+", "COUNT", count);
  }
  return out;
}

Result<FeedPage> parse_feed(std::vector<Reply> replies, const RedisKeys& keys, std::uint64_t connection) {
  FeedPage page;
  // An ACL may forbid INFO; every connection then counts as another server.
  page.server.run_id = replies[0].string() != nullptr ? run_id_in(*replies[0].string()) : std::string();
  if (page.server.run_id.empty()) page.server.run_id = "connection-" + std::to_string(connection);
  for (std::size_t i = 1; i < replies.size(); ++i) {
    const Status good = redis::check(replies[i]);
    if (!good) return std::unexpected(good.error());
  }
  const auto* meta = replies[1].array();
  if (meta == nullptr || meta->size() != 3) return strange();
  if (const auto* text = (*meta)[0].string()) page.server.incarnation = *text;
  const auto position = number_in((*meta)[1], "position", keys);
  if (!position) return fail(position.error());
  const auto series = number_in((*meta)[2], "series", keys);
  if (!series) return fail(series.error());
  page.position = *position;
  page.series = static_cast<std::size_t>(*series);
  if (replies.size() < 3) return page;
  auto* entries = replies[2].array();
  if (entries == nullptr) return strange();
  for (Reply& reply : *entries) {
    auto entry = parse_entry(reply);
    if (!entry) return std::unexpected(entry.error());
    page.entries.push_back(std::move(*entry));
  }
  return page;
}

Status FeedReader::add(std::string_view items) {
  WireReader reader(items);
  while (!reader.at_end()) {
    Item item{.type = static_cast<char>(reader.number(1))};
    const std::size_t known = texts_of(item.type);
    const std::size_t count = known != 0 ? known : reader.number(1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view text = reader.text(4);
      if (i < known) item.texts[i] = text;
    }
    if (!reader.ok()) return strange();
    if (known == 0) {
      skipped_({SkippedItem::Reason::kUnknown, kFeedItem, std::string(1, item.type)});
      continue;
    }
    const Status taken = take_item(item);
    if (!taken) skipped_({SkippedItem::Reason::kDamaged, kFeedItem, std::string(1, item.type)});
  }
  return {};
}

Status FeedReader::take_item(const Item& item) {
  const auto& [first, second, third] = item.texts;
  if (item.type == 'V') {
    auto set = parse_set(std::string(first), second);
    if (!set) return fail(set.error());
    set_.value_sets.push_back(*std::move(set));
    return {};
  }
  if (item.type == 'C') return add_total(std::string(first), second, third);
  if (item.type == 'F') {
    counters_.fold(std::string(first));  // moves no sum: the past's totals come with it
    return {};
  }
  const auto repo = parse_repo(first);
  if (!repo) return fail(repo.error());
  return take_of_repository(*repo, item);
}

Status FeedReader::take_of_repository(RepoId repo, const Item& item) {
  const std::string_view text = item.texts[1];
  if (item.type == 'N') {
    auto name = parse_name(repo, text);
    if (!name) return fail(name.error());
    set_.repositories.push_back(std::move(*name));
  } else if (item.type == 'E') {
    return add_events(repo, text);
  } else if (item.type == 'R') {
    auto last = parse_last_event(repo, text);
    if (!last) return fail(last.error());
    set_.last_events.push_back(std::move(*last));
  } else if (item.type == 'L') {
    auto record = parse_loc(repo, text);
    if (!record) return fail(record.error());
    if (*record) {
      add_loc(std::move(**record));
    } else {
      skipped_({SkippedItem::Reason::kUnknown, kLocItem, to_text(repo)});
    }
  } else {
    end_loc(repo);
  }
  return {};
}

Status FeedReader::add_events(RepoId repo, std::string_view bytes) {
  WireReader reader(bytes);
  while (!reader.at_end()) {
    const std::string_view field = reader.text(2);
    const std::string_view value = reader.text(2);
    if (!reader.ok()) return strange();
    auto event = parse_event(repo, field, value);
    if (event && *event) {
      set_.events.push_back(std::move(**event));
    } else {
      const auto reason = event ? SkippedItem::Reason::kUnknown : SkippedItem::Reason::kDamaged;
      skipped_({reason, kEventItem, to_text(repo)});
    }
  }
  return {};
}

Status FeedReader::add_total(std::string instance, std::string_view key, std::string_view total) {
  auto series = parse_series(key);
  if (!series) return fail(series.error());
  const auto value = parse_total(total);
  if (!value) return fail(value.error());
  if (!*series) return {};
  counters_.merge({std::move(instance), **series, *value});
  counted_.insert(**series);  // also when it was known: the last try may have failed before anybody was told
  return {};
}

void FeedReader::add_loc(LocRecord record) {
  std::erase(set_.ended_loc, record.repo);
  set_.loc_records.push_back(std::move(record));
}

void FeedReader::end_loc(RepoId repo) {
  std::erase_if(set_.loc_records, [&](const LocRecord& record) { return record.repo == repo; });
  set_.ended_loc.push_back(repo);
}

ChangeSet FeedReader::take() {
  for (const auto& key : counted_) set_.counters.push_back({key, counters_.sum(key)});
  counted_.clear();
  return std::exchange(set_, {});
}

}  // namespace ghstats::store
