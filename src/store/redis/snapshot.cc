#include "store/redis/snapshot.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "store/redis/codec.h"
#include "store/redis/value_codec.h"

namespace ghstats::store {

using async::Task;
using redis::Command;
using redis::Reply;

namespace {

// How many fields of hashes are asked for in one round trip, and beyond which a hash is read in pages of its own.
constexpr std::size_t kFieldsPerTrip = 20'000;
constexpr std::size_t kHashesPerTrip = 500;

struct Repository {
  std::string id;
  RepoId repo{};
  std::size_t fields = 0;
};

class SnapshotReader {
 public:
  SnapshotReader(RedisLink& link, CounterMerge& counters, const OnSkipped& skipped)
      : link_(link), counters_(counters), skipped_(skipped) {}

  Task<Result<ChangeSet>> read();

 private:
  const RedisKeys& keys() const { return link_.keys(); }
  Task<Status> read_names();
  Task<Status> read_values();
  Task<Status> read_slots(std::vector<std::string> slots);
  Task<Status> read_loc();
  Task<Status> read_counters();
  Task<Result<std::vector<std::string>>> list(Command command);
  Task<Result<std::vector<Repository>>> list_repositories();
  Task<Status> read_repositories(std::vector<Repository> repositories);
  Task<Status> read_large(Repository repository);
  void take_event(RepoId repo, const std::string& field, const std::string& value);
  void take_row(RepoId repo, const std::string& user, const std::string& value);
  void take_total(const std::string& instance, const std::string& field, const std::string& value);
  void damaged(std::string_view what, std::string where) {
    skipped_({SkippedItem::Reason::kDamaged, what, std::move(where)});
  }

  RedisLink& link_;
  CounterMerge& counters_;
  const OnSkipped& skipped_;
  ChangeSet out_;
};

template <class Item, class Same>
void replace_or_add(std::vector<Item>& items, Item item, Same same) {
  const auto it = std::ranges::find_if(items, [&](const Item& other) { return same(other, item); });
  if (it != items.end()) {
    *it = std::move(item);
  } else {
    items.push_back(std::move(item));
  }
}

// Calls visit(field, value) for an answer of HGETALL.
template <class Visitor>
Status for_each_field(const Reply& hash, Visitor visit) {
  const auto* items = hash.array();
  if (items == nullptr) return fail(ErrorCode::kInvalidData, "HGETALL answered " + hash.kind());
  for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
    const std::string* field = (*items)[i].string();
    const std::string* value = (*items)[i + 1].string();
    if (field == nullptr || value == nullptr) continue;
    visit(*field, *value);
  }
  return {};
}

Task<Status> SnapshotReader::read_names() {
  std::map<RepoId, RepositoryName> names;  // scanning may tell a field twice
  const Status read = co_await link_.scan(keys().names(), [&](std::string& field, std::string& value) {
    const auto repo = parse_repo(field);
    auto name = repo ? parse_name(*repo, value) : fail(repo.error());
    if (!name) return damaged(kNameItem, field);
    names[*repo] = std::move(*name);
  });
  for (auto& [repo, name] : names) out_.repositories.push_back(std::move(name));
  co_return read;
}

// Small ones together, but some hold a whole report.
Task<Status> SnapshotReader::read_values() {
  std::vector<std::string> together;
  std::size_t samples = 0;
  std::map<std::string, std::size_t> slots;
  const Status listed = co_await link_.scan(
      keys().slots(), [&](std::string& slot, std::string& value) { slots[slot] = parse_slot(slot, value).series; });
  if (!listed) co_return listed;
  for (const auto& [slot, size] : slots) {
    together.push_back(slot);
    samples += size;
    if (samples < kFieldsPerTrip && together.size() < kHashesPerTrip) continue;
    const Status read = co_await read_slots(std::exchange(together, {}));
    if (!read) co_return read;
    samples = 0;
  }
  const Status read = co_await read_slots(std::move(together));
  co_return read;
}

Task<Status> SnapshotReader::read_slots(std::vector<std::string> slots) {
  if (slots.empty()) co_return Status{};
  Command command("HMGET", keys().values());
  for (const std::string& slot : slots) command.add(slot);
  const auto reply = co_await link_.ask(std::move(command));
  if (!reply) co_return fail(reply.error());
  const auto* values = reply->array();
  if (values == nullptr || values->size() != slots.size()) {
    co_return fail(ErrorCode::kInvalidData, "HMGET answered " + reply->kind());
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::string* value = (*values)[i].string();
    if (value == nullptr) continue;  // ended meanwhile
    auto set = parse_set(slots[i], *value);
    if (!set) {
      damaged(kValueItem, slots[i]);
      continue;
    }
    out_.value_sets.push_back(*std::move(set));
  }
  co_return Status{};
}

Task<Status> SnapshotReader::read_loc() {
  std::map<RepoId, LocRecord> records;
  const Status read = co_await link_.scan(keys().loc(), [&](std::string& field, std::string& value) {
    const auto repo = parse_repo(field);
    auto record = repo ? parse_loc(*repo, value) : fail(repo.error());
    if (!record) return damaged(kLocItem, field);
    if (!*record) return skipped_({SkippedItem::Reason::kUnknown, kLocItem, field});
    records[*repo] = std::move(**record);
  });
  for (auto& [repo, record] : records) out_.loc_records.push_back(std::move(record));
  co_return read;
}

Task<Status> SnapshotReader::read_counters() {
  auto folded = co_await list(Command("HKEYS", keys().folded()));
  if (!folded) co_return fail(folded.error());
  for (const std::string& instance : *folded) counters_.fold(instance);
  auto instances = co_await list(Command("HKEYS", keys().instances()));
  if (!instances) co_return fail(instances.error());
  instances->emplace_back(kPastInstance);
  for (std::size_t first = 0; first < instances->size(); first += 20) {
    const std::size_t end = std::min(first + 20, instances->size());
    std::vector<Command> commands;
    for (std::size_t i = first; i < end; ++i) commands.emplace_back("HGETALL", keys().totals((*instances)[i]));
    const auto replies = co_await link_.ask(std::move(commands));
    if (!replies) co_return fail(replies.error());
    for (std::size_t i = first; i < end; ++i) {
      Status taken = for_each_field((*replies)[i - first], [&](const std::string& field, const std::string& value) {
        take_total((*instances)[i], field, value);
      });
      if (!taken) co_return taken;
    }
  }
  co_return Status{};
}

Task<Result<std::vector<std::string>>> SnapshotReader::list(Command command) {
  auto reply = co_await link_.ask(std::move(command));
  if (!reply) co_return fail(std::move(reply).error());
  std::vector<std::string> out;
  if (reply->array() == nullptr) co_return out;
  for (Reply& item : *reply->array()) {
    if (item.string() != nullptr) out.push_back(std::move(*item.string()));
  }
  co_return out;
}

Task<Result<std::vector<Repository>>> SnapshotReader::list_repositories() {
  auto ids = co_await list(Command("SMEMBERS", keys().repositories()));
  if (!ids) co_return fail(std::move(ids).error());
  std::vector<Repository> out;
  std::erase_if(*ids, [&](const std::string& id) {
    if (parse_repo(id)) return false;
    damaged(kRepositoryItem, id);
    return true;
  });
  for (std::size_t first = 0; first < ids->size(); first += kHashesPerTrip) {
    const std::size_t end = std::min(first + kHashesPerTrip, ids->size());
    std::vector<Command> commands;
    for (std::size_t i = first; i < end; ++i) {
      commands.emplace_back("HLEN", keys().events((*ids)[i]));
      commands.emplace_back("HLEN", keys().rows((*ids)[i]));
    }
    const auto replies = co_await link_.ask(std::move(commands));
    if (!replies) co_return fail(replies.error());
    const auto length = [&](std::size_t at) {
      const auto* number = (*replies)[at].integer();
      return number == nullptr ? 0 : static_cast<std::size_t>(*number);
    };
    for (std::size_t i = first; i < end; ++i) {
      const RepoId repo = *parse_repo((*ids)[i]);
      out.push_back({std::move((*ids)[i]), repo, length(2 * (i - first)) + length(2 * (i - first) + 1)});
    }
  }
  co_return out;
}

void SnapshotReader::take_event(RepoId repo, const std::string& field, const std::string& value) {
  auto event = parse_event(repo, field, value);
  if (!event) return damaged(kEventItem, to_text(repo));
  if (!*event) return skipped_({SkippedItem::Reason::kUnknown, kEventItem, to_text(repo)});
  out_.events.push_back(std::move(**event));
}

void SnapshotReader::take_row(RepoId repo, const std::string& user, const std::string& value) {
  const auto forgotten = parse_forgotten(value);
  if (!forgotten) return damaged(kRowItem, to_text(repo));
  if (*forgotten) out_.last_events.push_back({repo, user, **forgotten});
}

void SnapshotReader::take_total(const std::string& instance, const std::string& field, const std::string& value) {
  const auto key = parse_series(field);
  const auto total = parse_total(value);
  if (!key || !total) return damaged(kTotalItem, instance);
  if (*key) counters_.merge({instance, **key, *total});
}

// Rows after events: what garbage collection took from the events in between is in the rows.
Task<Status> SnapshotReader::read_repositories(std::vector<Repository> repositories) {
  std::vector<Command> commands;
  for (const Repository& repository : repositories) {
    commands.emplace_back("HGETALL", keys().events(repository.id));
    commands.emplace_back("HGETALL", keys().rows(repository.id));
  }
  const auto replies = co_await link_.ask(std::move(commands));
  if (!replies) co_return fail(replies.error());
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    const RepoId repo = repositories[i].repo;
    Status taken = for_each_field(
        (*replies)[2 * i], [&](const std::string& field, const std::string& value) { take_event(repo, field, value); });
    if (!taken) co_return taken;
    taken = for_each_field((*replies)[2 * i + 1],
                           [&](const std::string& user, const std::string& value) { take_row(repo, user, value); });
    if (!taken) co_return taken;
  }
  co_return Status{};
}

Task<Status> SnapshotReader::read_large(Repository repository) {
  const RepoId repo = repository.repo;
  Status read = co_await link_.scan(keys().events(repository.id),
                                    [&](std::string& field, std::string& value) { take_event(repo, field, value); });
  if (!read) co_return read;
  read = co_await link_.scan(keys().rows(repository.id),
                             [&](std::string& user, std::string& value) { take_row(repo, user, value); });
  co_return read;
}

Task<Result<ChangeSet>> SnapshotReader::read() {
  for (const auto step : {&SnapshotReader::read_names, &SnapshotReader::read_values, &SnapshotReader::read_loc,
                          &SnapshotReader::read_counters}) {
    const Status read = co_await (this->*step)();
    if (!read) co_return fail(read.error());
  }
  auto repositories = co_await list_repositories();
  if (!repositories) co_return fail(std::move(repositories).error());
  std::vector<Repository> together;
  std::size_t fields = 0;
  for (Repository& repository : *repositories) {
    if (repository.fields > kFieldsPerTrip) {
      const Status read = co_await read_large(std::move(repository));
      if (!read) co_return fail(read.error());
      continue;
    }
    fields += repository.fields;
    together.push_back(std::move(repository));
    if (fields < kFieldsPerTrip && together.size() < kHashesPerTrip) continue;
    const Status read = co_await read_repositories(std::exchange(together, {}));
    if (!read) co_return fail(read.error());
    fields = 0;
  }
  if (!together.empty()) {
    const Status read = co_await read_repositories(std::move(together));
    if (!read) co_return fail(read.error());
  }
  co_return std::move(out_);
}

}  // namespace

void take_in_later(ChangeSet& snapshot, ChangeSet later) {
  for (RepositoryName& name : later.repositories) {
    replace_or_add(snapshot.repositories, std::move(name), [](const auto& a, const auto& b) { return a.id == b.id; });
  }
  // In whatever order an event is told, the same telling wins (ledger.h).
  std::ranges::move(later.events, std::back_inserter(snapshot.events));
  std::ranges::move(later.last_events, std::back_inserter(snapshot.last_events));
  for (ValueSet& set : later.value_sets) {
    replace_or_add(snapshot.value_sets, std::move(set), [](const auto& a, const auto& b) { return a.slot == b.slot; });
  }
  std::erase_if(snapshot.value_sets, [](const ValueSet& set) { return set.samples.empty() && !set.edition; });
  const std::unordered_set<RepoId> ended(later.ended_loc.begin(), later.ended_loc.end());
  std::erase_if(snapshot.loc_records, [&](const LocRecord& record) { return ended.contains(record.repo); });
  for (LocRecord& record : later.loc_records) {
    replace_or_add(snapshot.loc_records, std::move(record),
                   [](const auto& a, const auto& b) { return a.repo == b.repo; });
  }
}

Task<Result<ChangeSet>> read_everything(RedisLink& link, CounterMerge& counters, const OnSkipped& skipped) {
  SnapshotReader reader(link, counters, skipped);
  co_return co_await reader.read();
}

}  // namespace ghstats::store
