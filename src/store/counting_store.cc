#include "store/counting_store.h"

#include <utility>

namespace ghstats::store {
namespace {

using async::Task;

class CountingStore final : public MetricStore {
 public:
  CountingStore(MetricStore& inner, metrics::Recorder& recorder) : inner_(inner), recorder_(recorder) {}

  Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    auto receipt = co_await inner_.commit(std::move(batch), authority);
    if (authority.source != Source::kReplicaCounters) count(authority.source, receipt);
    co_return receipt;
  }

  Task<Result<std::uint64_t>> begin_leadership() override { return inner_.begin_leadership(); }
  Task<Result<Snapshot>> snapshot() override { return inner_.snapshot(); }
  Task<Result<std::variant<Changes, Resync>>> changes(Cursor after) override {
    return inner_.changes(std::move(after));
  }
  Task<Status> wait_for_changes(Cursor after, std::chrono::nanoseconds timeout) override {
    return inner_.wait_for_changes(std::move(after), timeout);
  }
  Task<Result<std::vector<Checkpoint>>> checkpoints(std::vector<RepoId> repositories) override {
    return inner_.checkpoints(std::move(repositories));
  }
  Task<Result<std::vector<LocRecord>>> loc_records(std::vector<RepoId> repositories) override {
    return inner_.loc_records(std::move(repositories));
  }
  Task<Result<bool>> claim(std::string key, std::chrono::nanoseconds ttl) override {
    return inner_.claim(std::move(key), ttl);
  }
  Task<Status> release(std::string key) override { return inner_.release(std::move(key)); }
  Task<Result<std::int64_t>> draw(Allowance allowance, std::int64_t wanted) override {
    return inner_.draw(std::move(allowance), wanted);
  }
  Task<Status> collect_garbage(TimePoint now, Authority authority) override {
    return inner_.collect_garbage(now, authority);
  }
  Task<Result<bool>> mend(Authority authority) override { return inner_.mend(authority); }
  [[nodiscard]] StoreHealth health() const override { return inner_.health(); }

 private:
  void count(Source source, const Result<Receipt>& receipt) {
    const auto add = [&](const char* result, double delta) {
      if (delta > 0) recorder_.add(metrics::Family::kStoreWrites, {std::string(to_string(source)), result}, delta);
    };
    if (receipt) {
      add("success", 1);
      add("refused", static_cast<double>(receipt->series_refused));
      return;
    }
    const ErrorCode code = receipt.error().code;
    if (code == ErrorCode::kCancelled) return;
    const bool refused = code == ErrorCode::kPermissionDenied || code == ErrorCode::kSuperseded;
    add(refused ? "refused" : "failure", 1);
  }

  MetricStore& inner_;
  metrics::Recorder& recorder_;
};

}  // namespace

std::unique_ptr<MetricStore> make_counting_store(MetricStore& inner, metrics::Recorder& recorder) {
  return std::make_unique<CountingStore>(inner, recorder);
}

}  // namespace ghstats::store
