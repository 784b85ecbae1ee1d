#include "store/counting_store.h"

#include <utility>

#include "store/forwarding_store.h"

namespace ghstats::store {
namespace {

using async::Task;

class CountingStore final : public ForwardingStore {
 public:
  CountingStore(MetricStore& inner, metrics::Recorder& recorder) : ForwardingStore(inner), recorder_(recorder) {}

  Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    const bool is_heartbeat = is_empty(batch);
    auto receipt = co_await inner().commit(std::move(batch), authority);
    if (authority.source != Source::kReplicaCounters && (!is_heartbeat || is_refused(receipt)))
      count(authority.source, receipt);
    co_return receipt;
  }

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
    if (receipt.error().code == ErrorCode::kCancelled) return;
    add(is_refused(receipt) ? "refused" : "failure", 1);
  }
  static bool is_refused(const Result<Receipt>& receipt) {
    if (receipt) return false;
    return receipt.error().code == ErrorCode::kPermissionDenied || receipt.error().code == ErrorCode::kSuperseded;
  }

  metrics::Recorder& recorder_;
};

}  // namespace

std::unique_ptr<MetricStore> make_counting_store(MetricStore& inner, metrics::Recorder& recorder) {
  return std::make_unique<CountingStore>(inner, recorder);
}

}  // namespace ghstats::store
