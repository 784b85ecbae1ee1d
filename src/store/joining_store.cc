#include "store/joining_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "async/watch.h"

namespace ghstats::store {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr auto kFirstInterval = 100ms;     // between two attempts while everybody waits
constexpr auto kLongestWaitInMemory = 1s;  // so that a reader notices that the store was joined

class JoiningStoreImpl final : public JoiningStore {
 public:
  JoiningStoreImpl(const boost::asio::any_io_executor& executor, const Clock& clock, MetricStore& shared,
                   MetricStore& memory, JoiningOptions options)
      : clock_(clock),
        shared_(shared),
        memory_(memory),
        options_(std::move(options)),
        moved_(executor),
        left_memory_(executor) {}

  Task<> run() override;

  Task<Result<std::uint64_t>> begin_leadership() override;
  Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    return call<Receipt>([batch = std::move(batch),
                          authority](MetricStore& store) mutable { return store.commit(std::move(batch), authority); },
                         authority);
  }
  Task<Result<Snapshot>> snapshot() override {
    return call<Snapshot>([](MetricStore& store) { return store.snapshot(); });
  }
  Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override {
    return call<std::variant<Changes, Resync>>(
        [after = std::move(after)](MetricStore& store) { return store.changes(after); });
  }
  Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override;
  Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override {
    return call<std::vector<Checkpoint>>(
        [ids = std::move(repositories)](MetricStore& store) { return store.checkpoints(ids); });
  }
  Task<Result<CoverageRecord>> coverage(std::string org) override {
    return call<CoverageRecord>([org = std::move(org)](MetricStore& store) { return store.coverage(org); });
  }
  Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override {
    return call<std::vector<LocRecord>>(
        [ids = std::move(repositories)](MetricStore& store) { return store.loc_records(ids); });
  }
  Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) override {
    return call<std::vector<SlotEdition>>(
        [prefix = std::move(prefix)](MetricStore& store) { return store.editions(prefix); });
  }
  Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override {
    return call<bool>([key = std::move(key), ttl](MetricStore& store) { return store.claim(key, ttl); });
  }
  Task<Status> release(std::string key) override {
    return call<void>([key = std::move(key)](MetricStore& store) { return store.release(key); });
  }
  Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override {
    return call<std::int64_t>(
        [allowance = std::move(allowance), wanted](MetricStore& store) { return store.draw(allowance, wanted); });
  }
  Task<Result<std::optional<Notice>>> admit(Admission admission) override {
    return call<std::optional<Notice>>(
        [admission = std::move(admission)](MetricStore& store) { return store.admit(admission); });
  }
  Task<Status> announce(Notice notice) override {
    return call<void>([notice = std::move(notice)](MetricStore& store) { return store.announce(notice); });
  }
  Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) override {
    return call<std::vector<Notice>>([names = std::move(names)](MetricStore& store) { return store.announced(names); });
  }
  Task<Status> collect_garbage(TimePoint now, Authority authority) override {
    return call<void>([now, authority](MetricStore& store) { return store.collect_garbage(now, authority); },
                      authority);
  }
  Task<Result<bool>> mend(Authority authority) override {
    return call<bool>([authority](MetricStore& store) { return store.mend(authority); }, authority);
  }
  [[nodiscard]] StoreHealth health() const override;

 private:
  enum class Phase : std::uint8_t { kUndecided, kMemory, kJoining, kShared };

  template <class T>
  Task<Result<T>> call(std::function<Task<Result<T>>(MetricStore&)> ask, Authority authority = {});
  Task<Result<std::uint64_t>> begin_in_memory();
  Task<Status> decided();
  void enter(Phase phase);
  [[nodiscard]] Status judge(const Authority& authority) const;

  Task<> find_out();
  Task<Status> probe();
  Task<Status> join();
  Task<Status> add_counters();

  const Clock& clock_;
  MetricStore& shared_;
  MetricStore& memory_;
  const JoiningOptions options_;
  Phase phase_ = Phase::kUndecided;
  Error why_not_shared_{ErrorCode::kUnavailable, "not reached yet"};
  std::size_t in_memory_ = 0;       // calls that memory is answering
  std::uint64_t memory_epoch_ = 0;  // the last one that memory granted; none: 0
  async::Watch moved_;
  async::Watch left_memory_;
};

// Returns once it is known whom to ask; only cancellation is an error.
Task<Status> JoiningStoreImpl::decided() {
  while (phase_ == Phase::kUndecided || phase_ == Phase::kJoining) {
    const Status waited = co_await moved_.wait_beyond(moved_.version());
    if (!waited) co_return waited;
  }
  co_return Status{};
}

template <class T>
Task<Result<T>> JoiningStoreImpl::call(std::function<Task<Result<T>>(MetricStore&)> ask, Authority authority) {
  const Status known = co_await decided();
  if (!known) co_return fail(known.error());
  const Status allowed = judge(authority);
  if (!allowed) co_return fail(allowed.error());
  if (phase_ == Phase::kShared) {
    auto answer = co_await ask(shared_);
    co_return answer;
  }
  ++in_memory_;
  auto answer = co_await ask(memory_);
  --in_memory_;
  left_memory_.bump();
  co_return answer;
}

void JoiningStoreImpl::enter(Phase phase) {
  phase_ = phase;
  moved_.bump();
}

Status JoiningStoreImpl::judge(const Authority& authority) const {
  const bool fenced = authority.source == Source::kLeaderScrape && authority.role == Role::kLeader;
  if (phase_ != Phase::kShared || !fenced || authority.epoch > memory_epoch_) return {};
  return fail(ErrorCode::kUnavailable, "leadership " + std::to_string(authority.epoch) +
                                           " was of memory and ended with it: it has to begin anew");
}

Task<Result<std::uint64_t>> JoiningStoreImpl::begin_leadership() {
  return call<std::uint64_t>(
      [this](MetricStore& store) { return &store == &shared_ ? store.begin_leadership() : begin_in_memory(); });
}

Task<Result<std::uint64_t>> JoiningStoreImpl::begin_in_memory() {
  auto epoch = co_await memory_.begin_leadership();
  if (epoch) memory_epoch_ = *epoch;
  co_return epoch;
}

Task<Status> JoiningStoreImpl::wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) {
  const Status known = co_await decided();
  if (!known) co_return known;
  if (phase_ == Phase::kShared) {
    const Status waited = co_await shared_.wait_for_changes(std::move(after), timeout);
    co_return waited;
  }
  const auto most = std::min<std::chrono::nanoseconds>(timeout, kLongestWaitInMemory);
  const Status waited = co_await memory_.wait_for_changes(std::move(after), most);
  co_return waited;
}

StoreHealth JoiningStoreImpl::health() const {
  if (phase_ == Phase::kShared) return shared_.health();
  StoreHealth health = memory_.health();
  health.healthy = false;
  health.reason = why_not_shared_.message;
  health.fallback = phase_ != Phase::kUndecided;
  return health;
}

Task<> JoiningStoreImpl::run() {
  co_await find_out();
  while (phase_ != Phase::kShared) {
    const Status slept = co_await options_.sleep(options_.retry_interval);
    if (!slept) co_return;
    const Status joined = co_await join();
    if (!joined && joined.error().code == ErrorCode::kCancelled) co_return;
    if (!joined) why_not_shared_ = joined.error();
    if (joined && options_.on_joined) options_.on_joined();
  }
}

Task<> JoiningStoreImpl::find_out() {
  const SteadyPoint end = clock_.steady_now() + options_.patience;
  for (;;) {
    const Status reached = co_await probe();
    if (reached) co_return enter(Phase::kShared);
    if (reached.error().code == ErrorCode::kCancelled) co_return enter(Phase::kMemory);
    why_not_shared_ = reached.error();
    if (clock_.steady_now() >= end) break;
    const Status slept = co_await options_.sleep(kFirstInterval);
    if (!slept) co_return enter(Phase::kMemory);
  }
  enter(Phase::kMemory);
  if (options_.on_fallback) options_.on_fallback(why_not_shared_);
}

// More than being connected: a server that refuses to write is of no use.
Task<Status> JoiningStoreImpl::probe() {
  const auto drawn = co_await shared_.draw({.name = "probe", .limit = 1, .period = 1h}, 0);
  if (!drawn) co_return fail(drawn.error());
  co_return Status{};
}

Task<Status> JoiningStoreImpl::join() {
  const Status reached = co_await probe();
  if (!reached) co_return reached;
  enter(Phase::kJoining);
  Status added;
  while (added && in_memory_ > 0) added = co_await left_memory_.wait_beyond(left_memory_.version());
  if (added) added = co_await add_counters();
  enter(added ? Phase::kShared : Phase::kMemory);
  co_return added;
}

// What was counted may be added once only, so nothing that can fail comes after it.
Task<Status> JoiningStoreImpl::add_counters() {
  auto snapshot = co_await memory_.snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  Batch counted;
  counted.increments = std::move(snapshot->set.counters);
  const auto stored =
      co_await shared_.commit(std::move(counted), {.role = Role::kFollower, .source = Source::kReplicaCounters});
  if (!stored) co_return fail(stored.error());
  co_return Status{};
}

}  // namespace

std::unique_ptr<JoiningStore> make_joining_store(boost::asio::any_io_executor executor, const Clock& clock,
                                                 MetricStore& shared, MetricStore& memory, JoiningOptions options) {
  return std::make_unique<JoiningStoreImpl>(executor, clock, shared, memory, std::move(options));
}

}  // namespace ghstats::store
