#include "store/redis/lookup.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "store/redis/codec.h"
#include "store/redis/coverage_codec.h"
#include "store/redis/value_codec.h"

namespace ghstats::store {

using async::Task;
using redis::Command;

Task<Result<std::vector<Checkpoint>>> read_checkpoints(RedisLink& link, std::vector<RepoId> repositories) {
  constexpr int kFamilies = kinds::kCollectionFamilies;
  constexpr std::size_t kTimeBytes = 8;
  std::vector<Checkpoint> out;
  if (repositories.empty()) co_return out;
  Command command("HMGET", link.keys().checkpoints());
  for (const RepoId repo : repositories) {
    for (int family = 0; family < kFamilies; ++family) command.add(fmt::format("{}:{}", to_text(repo), family));
  }
  const auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("read checkpoints"));
  const auto* values = reply->array();
  if (values == nullptr || values->size() != repositories.size() * kFamilies) {
    co_return fail(ErrorCode::kInvalidData, "read checkpoints: HMGET answered " + reply->kind());
  }
  for (std::size_t i = 0; i < values->size(); ++i) {
    const std::string* value = (*values)[i].string();
    if (value == nullptr || value->size() < kTimeBytes) continue;  // damaged: as if there were none
    out.push_back({repositories[i / kFamilies], static_cast<CollectionFamily>(i % kFamilies), parse_time(*value)});
  }
  co_return out;
}

namespace {

using Header = std::pair<std::string, std::string>;  // as it is stored, and the name of the data

Task<Result<Header>> read_header(RedisLink& link, std::string org) {
  std::vector<Command> commands;
  commands.emplace_back("HGET", link.keys().coverage(), org);
  commands.emplace_back("HGET", link.keys().meta(), "incarnation");
  const auto replies = co_await link.ask(std::move(commands));
  if (!replies) co_return fail(replies.error());
  const auto text = [&](std::size_t i) {
    const std::string* value = (*replies)[i].string();
    return value == nullptr ? std::string() : *value;
  };
  co_return Header{text(0), text(1)};
}

}  // namespace

Task<Result<CoverageRecord>> read_coverage(RedisLink& link, std::string org) {
  constexpr int kAttempts = 5;
  auto header = co_await read_header(link, org);
  for (int attempt = 1; header && attempt <= kAttempts; ++attempt) {
    auto record = parse_coverage(header->first, header->second);
    if (!record) co_return CoverageRecord{};
    const Status scanned = co_await link.scan(link.keys().members(org), [&](std::string& field, std::string& value) {
      const auto repo = parse_repo(field);
      const auto member = parse_member(value);
      if (repo && member) record->coverage.members.insert_or_assign(*repo, *member);
    });
    if (!scanned) co_return fail(scanned.error().with_context("read coverage"));
    // Every change of members but an incomplete batch's is seen in the header.
    auto after = co_await read_header(link, org);
    if (after && *after == *header) co_return *std::move(record);
    header = std::move(after);
  }
  if (!header) co_return fail(header.error().with_context("read coverage"));
  co_return fail(ErrorCode::kUnavailable, "read coverage: it changes faster than it can be read");
}

Task<Result<std::vector<LocRecord>>> read_loc_records(RedisLink& link, std::vector<RepoId> repositories) {
  std::vector<LocRecord> out;
  if (repositories.empty()) co_return out;
  Command command("HMGET", link.keys().loc());
  for (const RepoId repo : repositories) command.add(to_text(repo));
  const auto reply = co_await link.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("read lines of code"));
  const auto* values = reply->array();
  if (values == nullptr || values->size() != repositories.size()) {
    co_return fail(ErrorCode::kInvalidData, "read lines of code: HMGET answered " + reply->kind());
  }
  for (std::size_t i = 0; i < values->size(); ++i) {
    const std::string* value = (*values)[i].string();
    if (value == nullptr) continue;
    auto record = parse_loc(repositories[i], *value);
    // What cannot be read counts as never asked for; the view says so.
    if (record && *record) out.push_back(std::move(**record));
  }
  co_return out;
}

Task<Result<std::vector<SlotEdition>>> read_editions(RedisLink& link, std::string prefix) {
  std::map<std::string, SlotEdition> found;  // scanning may tell a field twice
  const Status read = co_await link.scan(link.keys().slots(), [&](std::string& slot, std::string& value) {
    if (slot.starts_with(prefix)) found[slot] = parse_slot(slot, value);
  });
  if (!read) co_return fail(read.error().with_context("read editions"));
  std::vector<SlotEdition> out;
  for (auto& [slot, edition] : found) {
    if (edition.edition || edition.series > 0) out.push_back(std::move(edition));
  }
  co_return out;
}

}  // namespace ghstats::store
