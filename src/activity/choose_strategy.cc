#include "activity/choose_strategy.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "activity/changes/changes_strategy.h"
#include "activity/sweep_strategy.h"
#include "github/graphql/probe.h"

namespace ghstats::activity {
namespace {

using async::Task;

constexpr std::chrono::hours kAskAgain{1};

std::unique_ptr<Strategy> make_sweep(ChangesEnvironment environment, const ChangesSettings& settings) {
  return make_sweep_strategy({environment.inventory, environment.store, environment.authority}, settings.org);
}

class AutoStrategy final : public Strategy {
 public:
  AutoStrategy(ChangesEnvironment environment, ChangesSettings settings, log::Logger logger)
      : environment_(environment), settings_(std::move(settings)), logger_(std::move(logger)) {}

  Task<CycleReport> bring_up_to_date() override;

 private:
  Task<> choose();
  void sweep_because(const std::string& why);
  void say_changes();
  [[nodiscard]] SteadyPoint now() const { return environment_.api.transport().clock().steady_now(); }

  ChangesEnvironment environment_;
  const ChangesSettings settings_;
  log::Logger logger_;
  std::unique_ptr<Strategy> changes_;  // null: not chosen
  std::unique_ptr<Strategy> sweep_;    // made when it is needed first
  std::optional<SteadyPoint> refused_;
  std::string told_;  // why not, as it was said last
  bool said_changes_ = false;
};

void AutoStrategy::sweep_because(const std::string& why) {
  changes_.reset();
  said_changes_ = false;
  refused_ = now();
  if (why == told_) return;
  told_ = why;
  logger_.info("activity is collected by asking every repository", {{"org", settings_.org.org}, {"why", why}});
}

// Once it is known to work.
void AutoStrategy::say_changes() {
  told_.clear();
  if (std::exchange(said_changes_, true)) return;
  logger_.info("activity is collected by asking what changed", {{"org", settings_.org.org}});
}

Task<> AutoStrategy::choose() {
  if (changes_ || (refused_ && now() - *refused_ < kAskAgain)) co_return;
  const auto probe = co_await github::probe_graphql(environment_.api);
  if (!probe) {
    if (rejects_changes(probe.error())) sweep_because(probe.error().message);
    co_return;
  }
  const auto listed = co_await environment_.inventory.list();
  if (!listed) co_return;  // the cycle will say why
  const std::size_t visible = environment_.inventory.visible();
  if (probe->repositories != visible) {
    // One may have been made or deleted while they were listed.
    const auto again = co_await github::probe_graphql(environment_.api);
    if (!again) co_return;
    if (again->repositories != visible) {
      sweep_because(fmt::format("GraphQL shows {} repositories, REST {}", again->repositories, visible));
      co_return;
    }
  }
  changes_ = make_changes_strategy(environment_, settings_);
}

Task<CycleReport> AutoStrategy::bring_up_to_date() {
  co_await choose();
  if (changes_) {
    CycleReport report = co_await changes_->bring_up_to_date();
    const bool barred = report.failure && !report.store_failed && rejects_changes(*report.failure);
    if (!barred) {
      if (report.listed) say_changes();
      co_return report;
    }
    sweep_because(report.failure->message);
  }
  if (!sweep_) sweep_ = make_sweep(environment_, settings_);
  co_return co_await sweep_->bring_up_to_date();
}

}  // namespace

std::unique_ptr<Strategy> make_strategy(kinds::CollectionMode mode, ChangesEnvironment environment,
                                        ChangesSettings settings, log::Logger logger) {
  switch (mode) {
    case kinds::CollectionMode::kAuto:
      return std::make_unique<AutoStrategy>(environment, std::move(settings), std::move(logger));
    case kinds::CollectionMode::kChanges:
      return make_changes_strategy(environment, std::move(settings));
    case kinds::CollectionMode::kSweep:
      return make_sweep(environment, settings);
  }
  std::unreachable();
}

}  // namespace ghstats::activity
