#include "activity/sweep_strategy.h"

#include <utility>

#include "activity/known_pushes.h"

namespace ghstats::activity {
namespace {

class SweepStrategy final : public Strategy {
 public:
  SweepStrategy(CycleEnvironment environment, OrgSettings settings)
      : environment_(environment), settings_(std::move(settings)), known_pushes_(settings_.sweep.windows.overlap) {
    environment_.known_pushes = &known_pushes_;
  }

  async::Task<CycleReport> bring_up_to_date() override { return run_org_cycle(environment_, settings_); }

 private:
  CycleEnvironment environment_;
  const OrgSettings settings_;
  KnownPushes known_pushes_;
};

}  // namespace

std::unique_ptr<Strategy> make_sweep_strategy(CycleEnvironment environment, OrgSettings settings) {
  return std::make_unique<SweepStrategy>(environment, std::move(settings));
}

}  // namespace ghstats::activity
