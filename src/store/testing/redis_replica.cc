#include "store/testing/redis_replica.h"

#include <atomic>
#include <stdexcept>
#include <utility>

#include "async/testing/run.h"

namespace ghstats::store::testing {
namespace {

using async::Task;
using async::testing::run;

redis::ClientOptions quick() {
  redis::ClientOptions options;
  options.backoff.initial_backoff = Duration{5};
  options.backoff.max_backoff = Duration{50};
  return options;
}

class OwningStore final : public MetricStore {
 public:
  explicit OwningStore(std::unique_ptr<RedisReplica> replica) : replica_(std::move(replica)) {}

  Task<Result<std::uint64_t>> begin_leadership() override { return inner().begin_leadership(); }
  Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    return inner().commit(std::move(batch), authority);
  }
  Task<Result<Snapshot>> snapshot() override { return inner().snapshot(); }
  Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override {
    return inner().changes(std::move(after));
  }
  Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override {
    return inner().wait_for_changes(std::move(after), timeout);
  }
  Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override {
    return inner().checkpoints(std::move(repositories));
  }
  Task<Result<CoverageRecord>> coverage(std::string org) override { return inner().coverage(std::move(org)); }
  Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override {
    return inner().loc_records(std::move(repositories));
  }
  Task<Result<std::vector<SlotEdition>>> editions(std::string prefix) override {
    return inner().editions(std::move(prefix));
  }
  Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override {
    return inner().claim(std::move(key), ttl);
  }
  Task<Status> release(std::string key) override { return inner().release(std::move(key)); }
  Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override {
    return inner().draw(std::move(allowance), wanted);
  }
  Task<Result<std::optional<Notice>>> admit(Admission admission) override {
    return inner().admit(std::move(admission));
  }
  Task<Status> announce(Notice notice) override { return inner().announce(std::move(notice)); }
  Task<Result<std::vector<Notice>>> announced(std::vector<std::string> names) override {
    return inner().announced(std::move(names));
  }
  Task<Status> collect_garbage(TimePoint now, Authority authority) override {
    return inner().collect_garbage(now, authority);
  }
  Task<Result<bool>> mend(Authority authority) override { return inner().mend(authority); }
  [[nodiscard]] StoreHealth health() const override { return replica_->store().health(); }

 private:
  MetricStore& inner() { return replica_->store(); }
  std::unique_ptr<RedisReplica> replica_;
};

}  // namespace

redis::testing::RedisServer& shared_redis() {
  static redis::testing::RedisServer server;
  return server;
}

std::string fresh_prefix() {
  static std::atomic<int> count = 0;
  return "test" + std::to_string(++count) + ":";
}

RedisReplica::RedisReplica(boost::asio::io_context& io, const Clock& clock, const net::Endpoint& server,
                           RedisStoreOptions options)
    : RedisReplica(
          io, clock, [&] { return std::make_unique<redis::StandaloneResolver>(server); }, std::move(options)) {}

RedisReplica::RedisReplica(boost::asio::io_context& io, const Clock& clock, const MakeResolver& resolver,
                           RedisStoreOptions options)
    : io_(io),
      client_(io.get_executor(), quick(), resolver()),
      waiting_(io.get_executor(), quick(), resolver()),
      store_(make_redis_store(clock, client_, &waiting_, std::move(options))) {
  wait_connected();
}

RedisReplica::~RedisReplica() {
  store_.reset();
  run(io_, client_.stop());
  run(io_, waiting_.stop());
}

void RedisReplica::wait_connected() {
  for (redis::Client* client : {&client_, &waiting_}) {
    const Status connected = run(io_, client->wait_connected(std::chrono::seconds{10}));
    if (!connected) throw std::runtime_error(connected.error().message);
  }
}

std::unique_ptr<MetricStore> make_owning_store(std::unique_ptr<RedisReplica> replica) {
  return std::make_unique<OwningStore>(std::move(replica));
}

}  // namespace ghstats::store::testing
