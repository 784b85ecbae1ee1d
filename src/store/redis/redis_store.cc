#include "store/redis/redis_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <unordered_set>
#include <utility>

#include "redis/reply.h"
#include "store/counter_merge.h"
#include "store/own_totals.h"
#include "store/redis/admission.h"
#include "store/redis/claims.h"
#include "store/redis/codec.h"
#include "store/redis/commit.h"
#include "store/redis/feed.h"
#include "store/redis/garbage.h"
#include "store/redis/integrity.h"
#include "store/redis/link.h"
#include "store/redis/lookup.h"
#include "store/redis/snapshot.h"

namespace ghstats::store {

using namespace std::chrono_literals;
using async::Task;
using redis::Command;
using redis::Reply;

namespace {

constexpr auto kPollInterval = 250ms;
constexpr std::chrono::milliseconds kLongestBlock = 5s;  // then look whether it is still the same data
constexpr std::size_t kFeedPage = 64;
constexpr int kSnapshotAttempts = 3;
constexpr std::string_view kFlushed = "Redis was flushed in the middle of a batch";

// Some have a thousand organisations.
std::string excerpt(const std::string& environment) {
  constexpr std::size_t kLongest = 300;
  return environment.size() <= kLongest ? environment : environment.substr(0, kLongest) + "...";
}

class RedisStore final : public MetricStore {
 public:
  RedisStore(const Clock& clock, redis::Client& client, redis::Client* waiting, RedisStoreOptions options)
      : clock_(clock),
        options_(std::move(options)),
        link_(client, RedisKeys{options_.prefix}, options_.timeout),
        waiting_(waiting),
        reader_name_(random_name()),
        own_(new_instance()) {}

  Task<Result<std::uint64_t>> begin_leadership() override;
  Task<Result<Receipt>> commit(Batch batch, Authority authority) override;
  Task<Result<Snapshot>> snapshot() override;
  Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override;
  Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override;
  Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override {
    return read_checkpoints(link_, std::move(repositories));
  }
  Task<Result<CoverageRecord>> coverage(std::string org) override { return read_coverage(link_, std::move(org)); }
  Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override {
    return read_loc_records(link_, std::move(repositories));
  }
  Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) override {
    return read_editions(link_, std::move(prefix));
  }
  Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override {
    return redis_claim(link_, std::move(key), ttl, clock_.now());
  }
  Task<Status> release(std::string key) override { return redis_release(link_, std::move(key)); }
  Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override {
    return redis_draw(link_, std::move(allowance), wanted, clock_.now());
  }
  Task<Result<std::optional<Notice>>> admit(Admission admission) override {
    return redis_admit(link_, std::move(admission));
  }
  Task<Status> announce(Notice notice) override { return redis_announce(link_, std::move(notice)); }
  Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) override {
    return redis_announced(link_, std::move(names));
  }
  Task<Status> collect_garbage(TimePoint now, Authority authority) override;
  Task<Result<bool>> mend(Authority authority) override;
  [[nodiscard]] StoreHealth health() const override;

 private:
  using Answer = std::variant<Changes, Resync>;

  const RedisKeys& keys() const { return link_.keys(); }
  std::string random_name() { return fmt::format("{:016x}", random_()); }
  std::string new_instance() { return options_.instance + "-" + random_name(); }
  CallContext context(const Authority& authority, TimePoint now);
  Cursor cursor(const ServerIdentity& server, std::uint64_t position) const;

  Task<Result<CallAnswer>> write(const CommitPlan& plan, Authority authority, std::string instance);
  Result<CallAnswer> accept(Result<CallAnswer> answer, const Authority& authority);
  AcceptAnswer accepting(Authority authority);
  Task<Result<FeedPage>> read_page(std::uint64_t after, std::size_t count);
  Task<Result<Answer>> read_changes(Cursor after, CounterMerge& counters);
  Task<Status> wait_a_while(Cursor after, std::chrono::milliseconds most);
  Task<Status> restore_counters(std::vector<std::string> folded, std::vector<InstanceTotal> totals);
  void note_write(const Status& written);
  [[nodiscard]] std::string describe_mixture() const;

  const Clock& clock_;
  const RedisStoreOptions options_;
  RedisLink link_;
  Integrity integrity_{link_, clock_};
  redis::Client* waiting_;
  std::mt19937_64 random_{std::random_device{}()};
  const std::string reader_name_;
  OwnTotals own_;
  CounterMerge counters_;
  std::size_t feed_page_ = kFeedPage;
  std::size_t series_ = 0;
  std::vector<std::string> other_environments_;  // as the last heartbeat was told
  std::optional<Error> write_failure_;           // of the last commit, unless it was refused by our own rules
};

CallContext RedisStore::context(const Authority& authority, TimePoint now) {
  const bool fenced = authority.source == Source::kLeaderScrape;
  return {.epoch = fenced ? std::to_string(authority.epoch) : std::string(),
          .instance = own_.instance(),
          .incarnation = random_name(),
          .beats = authority.source == Source::kReplicaCounters,
          .environment = options_.environment,
          .now = now,
          .zero_linger = options_.zero_linger,
          .retention = options_.retention,
          .max_series_budget = options_.max_series_budget,
          .feed_length = options_.feed_length};
}

Cursor RedisStore::cursor(const ServerIdentity& server, std::uint64_t position) const {
  return {.incarnation = server.incarnation + "/" + server.run_id + "/" + reader_name_, .position = position};
}

Task<Result<std::uint64_t>> RedisStore::begin_leadership() {
  // No epoch comes twice, even when Redis forgets: it is not below the time in milliseconds.
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock_.now().time_since_epoch()).count();
  Command command = RedisLink::function("begin", {keys().prefix});
  command.add(random_name()).add(now).add(options_.environment);
  auto reply = co_await link_.ask(std::move(command));
  if (!reply) co_return fail(reply.error().with_context("begin leadership"));
  const auto text = redis::take_string(std::move(*reply));
  if (!text) co_return fail(text.error().with_context("begin leadership"));
  const auto epoch = parse_number(*text, "the epoch that was granted");
  if (!epoch) co_return fail(epoch.error().with_context("begin leadership"));
  // Before anybody asks for checkpoints. What fails now is done by the next mend().
  co_await mend({.role = Role::kLeader, .source = Source::kLeaderScrape, .epoch = *epoch});
  co_return *epoch;
}

// Refusals as errors; otherwise remembers how many series there are.
Result<CallAnswer> RedisStore::accept(Result<CallAnswer> answer, const Authority& authority) {
  if (!answer) return answer;
  if (answer->outcome == CallAnswer::Outcome::kSuperseded) {
    return fail(ErrorCode::kSuperseded,
                fmt::format("epoch {} was superseded by epoch {}", authority.epoch, answer->current_epoch));
  }
  if (answer->outcome == CallAnswer::Outcome::kFlushed) {
    return fail(ErrorCode::kUnavailable, std::string(kFlushed));
  }
  if (answer->outcome == CallAnswer::Outcome::kDone) series_ = answer->series;
  return answer;
}

AcceptAnswer RedisStore::accepting(Authority authority) {
  return [this, authority](Result<CallAnswer> answer) -> Status {
    const auto accepted = accept(std::move(answer), authority);
    if (!accepted) return fail(accepted.error());
    return {};
  };
}

Task<Result<CallAnswer>> RedisStore::write(const CommitPlan& plan, Authority authority, std::string instance) {
  CallContext about = context(authority, clock_.now());
  about.instance = std::move(instance);
  Receipt sum;
  std::unordered_set<std::string> incomplete;
  const auto note = [&](const CallAnswer& answer) {
    add_to(sum, answer.receipt);
    incomplete.insert(answer.rest.begin(), answer.rest.end());
  };
  const std::uint64_t connection = link_.connection();
  auto early = plan.early(keys(), about);
  const bool in_steps = !early.empty();
  if (in_steps) {
    const auto replies = co_await link_.ask(std::move(early));
    if (!replies) co_return fail(replies.error());
    for (const Reply& reply : *replies) {
      auto answer = accept(parse_commit_answer(reply), authority);
      if (!answer || answer->outcome != CallAnswer::Outcome::kDone) co_return answer;
      note(*answer);
      const bool flushed = !about.expected.empty() && about.expected != answer->incarnation;
      if (flushed) co_return fail(ErrorCode::kUnavailable, std::string(kFlushed));
      about.expected = answer->incarnation;
    }
  }
  Command last = plan.last(keys(), about, incomplete);
  // Another server might not have what the early calls brought.
  Result<Reply> reply;
  if (in_steps) {
    reply = co_await link_.ask_over(connection, std::move(last));
  } else {
    reply = co_await link_.ask(std::move(last));
  }
  if (!reply) co_return fail(std::move(reply).error());
  auto answer = accept(parse_commit_answer(*reply), authority);
  if (!answer) co_return answer;
  note(*answer);
  answer->receipt = sum;
  co_return answer;
}

Task<Result<Receipt>> RedisStore::commit(Batch batch, Authority authority) {
  // Redis compares the epochs.
  const Status allowed = check_authority(batch, authority, authority.epoch);
  if (!allowed) co_return fail(allowed.error());
  const std::vector<metrics::Sample> increments = batch.increments;
  CommitPlan plan(std::move(batch), options_.items_per_call);
  const Status fits = plan.check_size();
  if (!fits) co_return fail(fits.error().with_context("commit"));
  for (int attempt = 1;; ++attempt) {
    const std::string instance = own_.instance();
    auto totals = own_.add(increments);
    plan.set_totals(totals);
    const auto answer = co_await write(plan, authority, instance);
    note_write(answer ? Status{} : fail(answer.error()));
    if (answer && answer->outcome == CallAnswer::Outcome::kDone) {
      if (authority.source == Source::kReplicaCounters) other_environments_ = answer->environments;
      for (metrics::Sample& total : totals) counters_.merge({instance, std::move(total.key), total.value});
      co_return answer->receipt;
    }
    own_.take_off(instance, increments);
    if (!answer) co_return fail(answer.error().with_context("commit"));
    // Silent for so long that its totals went over to the past.
    if (attempt > 1) co_return fail(ErrorCode::kInternal, "commit: a new instance was folded at once");
    if (instance == own_.instance()) own_.rename(new_instance());
  }
}

Task<Result<FeedPage>> RedisStore::read_page(std::uint64_t after, std::size_t count) {
  auto commands = read_feed(keys(), after, count);
  commands.emplace_back("TIME");
  const SteadyPoint asked = clock_.steady_now();
  auto replies = co_await link_.execute(std::move(commands));
  if (!replies) {
    // Some entries hold whole reports. The next try asks for one at a time.
    if (replies.error().code == ErrorCode::kTooLarge) feed_page_ = 1;
    co_return fail(std::move(replies).error());
  }
  const auto time = parse_server_time(replies->back());
  if (time && options_.on_server_time) options_.on_server_time(*time, asked, clock_.steady_now());
  replies->pop_back();
  auto page = parse_feed(std::move(*replies), keys(), link_.connection());
  if (page) series_ = page->series;
  co_return page;
}

// From `after` to where the feed ended when the first piece was read.
Task<Result<RedisStore::Answer>> RedisStore::read_changes(Cursor after, CounterMerge& counters) {
  FeedReader reader(counters, options_.on_skipped);
  std::optional<std::uint64_t> end;
  std::uint64_t at = after.position;
  for (;;) {
    auto page = co_await read_page(at, feed_page_);
    if (!page) co_return fail(std::move(page).error());
    if (cursor(page->server, 0).incarnation != after.incarnation || at > page->position) co_return Answer(Resync{});
    if (!end) end = page->position;
    for (const FeedEntry& entry : page->entries) {
      if (entry.before != at) co_return Answer(Resync{});  // what lies between has left the feed
      const Status added = reader.add(entry.items);
      if (!added) co_return fail(added.error());
      at = entry.position;
    }
    if (at >= *end) break;
    if (page->entries.empty()) co_return Answer(Resync{});
  }
  feed_page_ = std::min(kFeedPage, feed_page_ * 2);
  co_return Answer(Changes{.set = reader.take(), .next = {after.incarnation, at}});
}

Task<Result<std::variant<Changes, Resync>>> RedisStore::changes(Cursor after) {
  auto answer = co_await read_changes(std::move(after), counters_);
  // What nobody can read is not worth waiting for: loading everything leads past it.
  if (!answer && answer.error().code == ErrorCode::kInvalidData) co_return Answer(Resync{});
  if (!answer) co_return fail(answer.error().with_context("read changes"));
  co_return answer;
}

Task<Status> RedisStore::wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(timeout);
  co_await integrity_.look_at_eviction();
  for (;;) {
    const auto head = co_await read_page(0, 0);
    if (!head) co_return fail(head.error().with_context("wait for changes"));
    const bool same = cursor(head->server, 0).incarnation == after.incarnation && head->position == after.position;
    if (!same || left.count() <= 0) co_return Status{};
    const auto most = std::min(left, kLongestBlock);
    const Status waited = co_await wait_a_while(after, most);
    if (!waited) co_return waited;
    left -= most;
  }
}

// At most `most`; less when the feed moves. Only cancellation is an error.
Task<Status> RedisStore::wait_a_while(Cursor after, std::chrono::milliseconds most) {
  if (waiting_ != nullptr && waiting_->state().connected) {
    const std::string last = std::to_string(after.position) + "-1";
    const auto reply = co_await waiting_->execute(
        Command("XREAD", "COUNT", 1, "BLOCK", most.count(), "STREAMS", keys().tick(), last), most + options_.timeout);
    if (reply) co_return Status{};
    if (reply.error().code == ErrorCode::kCancelled) co_return fail(reply.error());
  }
  for (auto left = most; left.count() > 0; left -= kPollInterval) {
    const Status slept = co_await async::sleep_for(std::min<std::chrono::milliseconds>(left, kPollInterval));
    if (!slept) co_return slept;
    const auto head = co_await read_page(0, 0);
    if (!head || head->position != after.position) co_return Status{};  // the caller looks for itself
  }
  co_return Status{};
}

Task<Result<Snapshot>> RedisStore::snapshot() {
  for (int attempt = 1; attempt <= kSnapshotAttempts; ++attempt) {
    const auto head = co_await read_page(0, 0);
    if (!head) co_return fail(head.error().with_context("load snapshot"));
    if (head->server.incarnation.empty()) {
      Command command = RedisLink::function("found", {keys().prefix});
      command.add(random_name());
      const auto named = co_await link_.ask(std::move(command));
      if (!named) co_return fail(named.error().with_context("load snapshot"));
      continue;
    }
    CounterMerge server;
    auto set = co_await read_everything(link_, server, options_.on_skipped);
    if (!set) co_return fail(set.error().with_context("load snapshot"));
    auto answer = co_await read_changes(cursor(head->server, head->position), server);
    if (!answer) co_return fail(answer.error().with_context("load snapshot"));
    auto* later = std::get_if<Changes>(&*answer);
    if (later == nullptr) continue;  // too much happened meanwhile, or it is another server
    take_in_later(*set, std::move(later->set));
    counters_.merge(server);
    const Status returned =
        co_await restore_counters(counters_.folded_unknown_to(server), counters_.missing_in(server));
    // A later version does not let this one write: it still reads.
    const bool only_reads = !returned && returned.error().code == ErrorCode::kConflict;
    if (!returned && !only_reads) co_return fail(returned.error().with_context("restore counters"));
    set->counters = counters_.sums();
    co_await integrity_.examine(context({}, clock_.now()), false, accepting({}));
    co_return Snapshot{.set = std::move(*set), .next = std::move(later->next)};
  }
  co_return fail(ErrorCode::kUnavailable, "load snapshot: the store changes faster than it can be read");
}

Task<Status> RedisStore::restore_counters(std::vector<std::string> folded, std::vector<InstanceTotal> totals) {
  for (std::size_t first = 0; first < totals.size() || !folded.empty(); first += kItemsPerCall) {
    const std::size_t end = std::min(first + kItemsPerCall, totals.size());
    Command command = function_call("restore", keys(), context({}, clock_.now()));
    command.add(folded.size());
    for (const std::string& instance : std::exchange(folded, {})) command.add(instance);
    command.add(end - first);
    for (std::size_t i = first; i < end; ++i) {
      command.add(totals[i].instance).add(pack_series(totals[i].key)).add(pack_real(totals[i].total));
    }
    const auto reply = co_await link_.ask(std::move(command));
    if (!reply) co_return fail(reply.error());
  }
  co_return Status{};
}

Task<Status> RedisStore::collect_garbage(TimePoint now, Authority authority) {
  const Status allowed = check_authority({}, authority, authority.epoch);
  if (!allowed) co_return allowed;
  const Status collected = co_await collect_redis_garbage(link_, context(authority, now), accepting(authority));
  if (!collected) co_return fail(collected.error().with_context("collect garbage"));
  co_return Status{};
}

Task<Result<bool>> RedisStore::mend(Authority authority) {
  const Status allowed = check_authority({}, authority, authority.epoch);
  if (!allowed) co_return fail(allowed.error());
  auto found = co_await integrity_.examine(context(authority, clock_.now()), true, accepting(authority));
  co_return found;
}

void RedisStore::note_write(const Status& written) {
  if (!written && written.error().code == ErrorCode::kCancelled) return;
  const bool taken = written || written.error().code == ErrorCode::kSuperseded;
  write_failure_ = taken ? std::optional<Error>() : written.error();
}

std::string RedisStore::describe_mixture() const {
  if (other_environments_.empty()) return {};
  std::string out = "this replica: " + excerpt(options_.environment);
  for (const std::string& other : other_environments_) out += "; another: " + excerpt(other);
  return out;
}

// A server that answers and takes no writes is of little use: out of memory, read-only, without the rights.
StoreHealth RedisStore::health() const {
  const redis::LinkState& state = link_.state();
  std::string reason;
  if (!state.connected) {
    reason = state.error.message;
  } else if (write_failure_) {
    reason = write_failure_->message;
  }
  return {.healthy = state.connected && !write_failure_,
          .reason = std::move(reason),
          .concern = integrity_.concern(),
          .active_series = series_,
          .budget_full = series_ >= options_.max_series_budget,
          .mixed = describe_mixture()};
}

}  // namespace

std::unique_ptr<MetricStore> make_redis_store(const Clock& clock, redis::Client& client, redis::Client* waiting,
                                              RedisStoreOptions options) {
  return std::make_unique<RedisStore>(clock, client, waiting, std::move(options));
}

}  // namespace ghstats::store
