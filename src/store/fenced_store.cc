#include "store/fenced_store.h"

#include <utility>

#include "store/forwarding_store.h"

namespace ghstats::store {
namespace {

using async::Task;

class FencedStore final : public ForwardingStore {
 public:
  FencedStore(MetricStore& inner, std::function<void(const Error&)> on_superseded)
      : ForwardingStore(inner), on_superseded_(std::move(on_superseded)) {}

  Task<Result<Receipt>> commit(Batch batch, Authority authority) override {
    if (superseded_) co_return fail(over());
    auto receipt = co_await inner().commit(std::move(batch), authority);
    if (!receipt && ends(receipt.error())) co_return fail(over());
    co_return receipt;
  }

  Task<Status> collect_garbage(TimePoint now, Authority authority) override {
    if (superseded_) co_return fail(over());
    Status collected = co_await inner().collect_garbage(now, authority);
    if (!collected && ends(collected.error())) co_return fail(over());
    co_return collected;
  }

  Task<Result<bool>> mend(Authority authority) override {
    if (superseded_) co_return fail(over());
    auto lost = co_await inner().mend(authority);
    if (!lost && ends(lost.error())) co_return fail(over());
    co_return lost;
  }

 private:
  bool ends(const Error& error) {
    if (error.code != ErrorCode::kSuperseded) return false;
    if (!std::exchange(superseded_, true)) on_superseded_(error);
    return true;
  }
  static Error over() { return {ErrorCode::kCancelled, "the leadership is over"}; }

  const std::function<void(const Error&)> on_superseded_;
  bool superseded_ = false;
};

}  // namespace

std::unique_ptr<MetricStore> make_fenced_store(MetricStore& inner, std::function<void(const Error&)> on_superseded) {
  return std::make_unique<FencedStore>(inner, std::move(on_superseded));
}

}  // namespace ghstats::store
