#include "store/redis/feed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "store/redis/codec.h"
#include "store/redis/wire_bytes.h"

namespace ghstats::store {

using redis::Command;
using redis::Reply;

namespace {

std::unexpected<Error> strange() {
  return fail(ErrorCode::kInvalidData, "the store's change feed in Redis does not parse");
}

std::uint64_t to_position(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string run_id_in(std::string_view info) {
  constexpr std::string_view kName = "run_id:";
  const auto at = info.find(kName);
  if (at == std::string_view::npos) return {};
  const auto rest = info.substr(at + kName.size());
  return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

// ["7-1", ["p", "6", "d", items]]
Result<FeedEntry> parse_entry(Reply& reply) {
  auto* parts = reply.array();
  if (parts == nullptr || parts->size() != 2 || (*parts)[0].string() == nullptr) return strange();
  auto* fields = (*parts)[1].array();
  if (fields == nullptr || fields->size() != 4) return strange();
  for (const Reply& field : *fields) {
    if (field.string() == nullptr) return strange();
  }
  return FeedEntry{.before = to_position(*(*fields)[1].string()),
                   .position = to_position(*(*parts)[0].string()),
                   .items = std::move(*(*fields)[3].string())};
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

Result<FeedPage> parse_feed(std::vector<Reply> replies, std::uint64_t connection) {
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
  if (const auto* text = (*meta)[1].string()) page.position = to_position(*text);
  if (const auto* text = (*meta)[2].string()) page.series = to_position(*text);
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
    const auto type = static_cast<char>(reader.number(1));
    const std::string_view first = reader.text(4);
    const bool has_second = type == 'N' || type == 'E' || type == 'V' || type == 'L' || type == 'C' || type == 'R';
    const std::string_view second = has_second ? reader.text(4) : std::string_view();
    const std::string_view third = type == 'C' ? reader.text(4) : std::string_view();
    if (!reader.ok()) return strange();
    if (type == 'V') {
      auto samples = parse_samples(second);
      if (!samples) return fail(samples.error());
      set_.value_sets.push_back({std::string(first), std::move(*samples)});
    } else if (type == 'C') {
      const Status added = add_total(std::string(first), second, third);
      if (!added) return added;
    } else if (type == 'F') {
      counters_.fold(std::string(first));  // moves no sum: the past's totals come with it
    } else {
      const auto repo = parse_repo(first);
      if (!repo) return fail(repo.error());
      Status added;
      if (type == 'N') {
        auto name = parse_name(*repo, second);
        if (!name) return fail(name.error());
        set_.repositories.push_back(std::move(*name));
      } else if (type == 'E') {
        added = add_events(*repo, second);
      } else if (type == 'R') {
        auto last = parse_last_event(*repo, second);
        if (!last) return fail(last.error());
        set_.last_events.push_back(std::move(*last));
      } else if (type == 'L') {
        auto record = parse_loc(*repo, second);
        if (!record) return fail(record.error());
        add_loc(std::move(*record));
      } else if (type == 'X') {
        end_loc(*repo);
      } else {
        return strange();
      }
      if (!added) return added;
    }
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
    if (!event) return fail(event.error());
    set_.events.push_back(std::move(*event));
  }
  return {};
}

Status FeedReader::add_total(std::string instance, std::string_view key, std::string_view total) {
  auto series = parse_series(key);
  if (!series) return fail(series.error());
  const auto value = parse_real(total);
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
