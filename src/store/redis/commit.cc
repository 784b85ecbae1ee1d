#include "store/redis/commit.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/remote_clock.h"
#include "ledger/ledger.h"
#include "redis/decoder.h"
#include "store/redis/codec.h"
#include "store/redis/coverage_codec.h"
#include "store/redis/link.h"

namespace ghstats::store {

using redis::Command;
using redis::Reply;

namespace {

constexpr ledger::Ledger::Options kLedger{};  // what must be known here is what a view's ledger can still use

// With all that may come in the same entry of the feed.
static_assert(kMostValueBytes <= redis::ReplyLimits{}.max_bytes / 4 * 3);

std::string digest_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return pack_real(std::bit_cast<double>(hash));
}

std::unexpected<Error> strange(const Reply& reply) {
  return fail(ErrorCode::kInvalidData, "a function of the store answered " + reply.kind());
}

Result<std::size_t> count_in(const Reply& reply) {
  if (reply.integer() == nullptr) return strange(reply);
  return static_cast<std::size_t>(std::max<std::int64_t>(*reply.integer(), 0));
}

// The outcome and the number of series, which all answers begin with.
Result<CallAnswer> parse_head(const Reply& reply) {
  const auto* items = reply.array();
  if (items == nullptr || items->empty() || items->front().string() == nullptr) return strange(reply);
  const std::string& word = *items->front().string();
  CallAnswer answer;
  if (word == "folded") {
    answer.outcome = CallAnswer::Outcome::kInstanceFolded;
    return answer;
  }
  if (word == "flushed") {
    answer.outcome = CallAnswer::Outcome::kFlushed;
    return answer;
  }
  if (items->size() < 2) return strange(reply);
  if (word == "superseded") {
    answer.outcome = CallAnswer::Outcome::kSuperseded;
    if ((*items)[1].string() != nullptr) answer.current_epoch = *(*items)[1].string();
    return answer;
  }
  const auto series = count_in((*items)[1]);
  if (!series) return std::unexpected(series.error());
  answer.series = *series;
  return answer;
}

std::vector<std::string> texts_in(std::span<const Reply> items) {
  std::vector<std::string> out;
  for (const Reply& item : items) {
    if (item.string() != nullptr) out.push_back(*item.string());
  }
  return out;
}

}  // namespace

Command function_call(std::string_view function, const RedisKeys& keys, const CallContext& context) {
  const std::int64_t now = to_unix_seconds(context.now);
  const std::int64_t shown_after = now - kLedger.window.count() - context.zero_linger.count();
  Command command = RedisLink::function(function, {keys.prefix});
  command.add(context.epoch).add(context.instance).add(context.incarnation).add(now);
  command.add(shown_after - kLedger.memory.count()).add(shown_after);
  command.add(now - context.retention.count()).add(context.max_series_budget).add(context.feed_length);
  command.add(context.expected).add(context.beats ? 1 : 0).add(context.environment);
  return command;
}

CommitPlan::CommitPlan(Batch batch, std::size_t items_per_call) : batch_(std::move(batch)) {
  divide(items_per_call);
  pack_slots();
}

// Once, however often they are sent; of a whole report the bytes are a tenth.
void CommitPlan::pack_slots() {
  for (ValueSet& set : std::exchange(batch_.value_sets, {})) {
    PackedSet packed = pack_set(set);
    slots_.push_back({std::move(set.slot), std::move(set.edition), set.samples.size(), std::move(packed)});
  }
}

Status CommitPlan::check_size() const {
  std::size_t sum = 0;
  for (const Slot& slot : slots_) sum += slot.packed.bytes.size();
  if (sum <= kMostValueBytes) return batch_.coverage ? store::check_size(*batch_.coverage) : Status{};
  return fail(ErrorCode::kTooLarge, "value sets of " + std::to_string(sum) + " bytes, more than the " +
                                        std::to_string(kMostValueBytes) + " that can be read at once");
}

void CommitPlan::divide(std::size_t items_per_call) {
  parts_.emplace_back();
  const auto room = [this, items_per_call]() -> Part& {
    if (parts_.back().items >= items_per_call) parts_.emplace_back();
    ++parts_.back().items;
    return parts_.back();
  };
  for (const RepositoryName& name : batch_.repositories) room().names.push_back(&name);
  std::vector<const ledger::Event*> events;
  events.reserve(batch_.events.size());
  for (const ledger::Event& event : batch_.events) events.push_back(&event);
  // The order of telling stays inside a repository.
  std::ranges::sort(events, {}, [](const ledger::Event* event) { return std::pair(event->repo, event); });
  for (const ledger::Event* event : events) {
    auto& groups = room().groups;
    if (groups.empty() || groups.back().front()->repo != event->repo) groups.emplace_back();
    groups.back().push_back(event);
  }
  for (const LastEvent& last : batch_.last_events) room().last_events.push_back(&last);
}

void CommitPlan::add_part(Command& command, const Part& part) {
  command.add(part.names.size());
  for (const RepositoryName* name : part.names) command.add(to_text(name->id)).add(pack_name(*name));
  command.add(part.groups.size());
  for (const auto& group : part.groups) {
    command.add(to_text(group.front()->repo)).add(group.size());
    for (const ledger::Event* event : group) command.add(pack_event_field(*event)).add(pack_event_value(*event));
  }
  command.add(part.last_events.size());
  for (const LastEvent* last : part.last_events) command.add(to_text(last->repo)).add(pack_last_event(*last));
}

std::vector<Command> CommitPlan::early(const RedisKeys& keys, const CallContext& context) const {
  std::vector<Command> out;
  for (std::size_t i = 0; i + 1 < parts_.size(); ++i) {
    Command& command = out.emplace_back(function_call("commit", keys, context));
    add_part(command, parts_[i]);
    command.add(0).add(0).add(0).add(0);
    add_note(command, {}, true, context.now);
  }
  return out;
}

Command CommitPlan::last(const RedisKeys& keys, const CallContext& context,
                         const std::unordered_set<std::string>& incomplete) const {
  Command command = function_call("commit", keys, context);
  add_part(command, parts_.back());
  command.add(slots_.size());
  for (const Slot& slot : slots_) {
    command.add(slot.name).add(pack_edition(slot.edition)).add(slot.samples).add(digest_of(slot.packed.bytes));
    command.add(slot.packed.ends).add(slot.packed.bytes);
  }
  command.add(batch_.loc_records.size());
  for (const LocRecord& record : batch_.loc_records) command.add(to_text(record.repo)).add(pack_loc(record));
  command.add(totals_.size());
  for (const metrics::Sample& total : totals_) command.add(pack_series(total.key)).add(pack_real(total.value));
  std::vector<const Checkpoint*> moved;
  for (const Checkpoint& checkpoint : batch_.checkpoints) {
    if (!incomplete.contains(to_text(checkpoint.repo))) moved.push_back(&checkpoint);
  }
  command.add(moved.size());
  if (!moved.empty()) command.add(pack_time(context.now + kSkewTolerance));
  for (const Checkpoint* checkpoint : moved) {
    command.add(to_text(checkpoint->repo)).add(static_cast<int>(checkpoint->family));
    command.add(pack_time(checkpoint->collected_until));
    command.add(checkpoint->continues ? pack_time(*checkpoint->continues) : std::string());
  }
  add_note(command, batch_.coverage, incomplete.empty(), context.now);
  return command;
}

Result<CallAnswer> parse_commit_answer(const Reply& reply) {
  auto answer = parse_head(reply);
  if (!answer || answer->outcome != CallAnswer::Outcome::kDone) return answer;
  const std::span<const Reply> items = *reply.array();
  constexpr std::size_t kHead = 11;
  if (items.size() < kHead || items[7].string() == nullptr) return strange(reply);
  std::size_t Receipt::* const fields[] = {&Receipt::events_new, &Receipt::events_changed, &Receipt::events_known,
                                           &Receipt::series_refused, &Receipt::sets_outdated};
  for (std::size_t i = 0; i < std::size(fields); ++i) {
    const auto count = count_in(items[i + 2]);
    if (!count) return std::unexpected(count.error());
    answer->receipt.*fields[i] = *count;
  }
  answer->incarnation = *items[7].string();
  const auto serial = count_in(items[8]);
  const auto refused = count_in(items[9]);
  const auto environments = count_in(items[10]);
  if (!serial || !refused || !environments || *environments > items.size() - kHead) return strange(reply);
  answer->receipt.coverage_serial = *serial;
  answer->receipt.claim_refused = *refused != 0;
  answer->environments = texts_in(items.subspan(kHead, *environments));
  answer->rest = texts_in(items.subspan(kHead + *environments));
  return answer;
}

void add_to(Receipt& sum, const Receipt& later) {
  sum.events_new += later.events_new;
  sum.events_changed += later.events_changed;
  sum.events_known += later.events_known;
  sum.series_refused += later.series_refused;
  sum.sets_outdated += later.sets_outdated;
  sum.coverage_serial = later.coverage_serial;
  sum.claim_refused = later.claim_refused;
}

Result<CallAnswer> parse_collect_answer(const Reply& reply) {
  auto answer = parse_head(reply);
  if (answer && answer->outcome == CallAnswer::Outcome::kDone)
    answer->rest = texts_in(std::span(*reply.array()).subspan(2));
  return answer;
}

}  // namespace ghstats::store
