#include "activity/changes/changes_strategy.h"

#include <optional>
#include <utility>

#include "activity/changes/delivery.h"
#include "activity/changes/fast_cycle.h"
#include "activity/changes/reconcile.h"

namespace ghstats::activity {
namespace {

using async::Task;

class ChangesStrategy final : public Strategy {
 public:
  ChangesStrategy(ChangesEnvironment environment, ChangesSettings settings)
      : environment_(environment), settings_(std::move(settings)), memory_(settings_.reconcile_interval) {}

  Task<CycleReport> bring_up_to_date() override;

 private:
  void remember_failure(const CycleReport& report);
  [[nodiscard]] bool reconcile_is_due() const {
    return memory_.timing.is_due(environment_.api.transport().clock().steady_now());
  }

  ChangesEnvironment environment_;
  const ChangesSettings settings_;
  ChangesMemory memory_;
  std::optional<CycleReport> failed_;  // how the last reconcile went, of which nothing could be claimed
};

// What was missed was said then.
void ChangesStrategy::remember_failure(const CycleReport& report) {
  failed_ = report;
  failed_->stored = {};
  failed_->misses.clear();
}

Task<CycleReport> ChangesStrategy::bring_up_to_date() {
  auto record = co_await environment_.store.coverage(settings_.org.org);
  if (!record) {
    const bool stop = record.error().code == ErrorCode::kCancelled;
    co_return CycleReport{.result = stop ? CycleResult::kCancelled : CycleResult::kFailure,
                          .store_failed = true,
                          .failure = record.error().with_context("read coverage of '" + settings_.org.org + "'")};
  }
  // Nobody else writes it, so the store has lost something since.
  if (*record != memory_.claimed) memory_.timing.on_doubt();
  CycleReport told;
  // Before a first reconcile nobody knows whose events are wanted.
  if (!reconcile_is_due() && !memory_.reconciled() && failed_) co_return *failed_;
  if (!reconcile_is_due()) {
    told = co_await fast_cycle(environment_, settings_, memory_);
    if (told.result == CycleResult::kCancelled || told.store_failed || !reconcile_is_due()) co_return told;
  }
  CycleReport out = co_await reconcile(environment_, settings_, memory_, *std::move(record));
  if (!memory_.reconciled() && out.result != CycleResult::kCancelled) remember_failure(out);
  add_sums(out.stored, told.stored);
  co_return out;
}

}  // namespace

bool rejects_changes(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kPermissionDenied ||
         error.code == ErrorCode::kInvalidData;
}

std::unique_ptr<Strategy> make_changes_strategy(ChangesEnvironment environment, ChangesSettings settings) {
  return std::make_unique<ChangesStrategy>(environment, std::move(settings));
}

}  // namespace ghstats::activity
