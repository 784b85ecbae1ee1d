#include "app/roles.h"

#include "app/leadership.h"
#include "async/task_group.h"
#include "upkeep/retelling.h"

namespace ghstats::app {
namespace {

using async::Task;

Task<Status> play(const RoleEnvironment& environment, bool leads) {
  environment.health.role_assigned(leads ? Role::kLeader : Role::kFollower);
  if (leads) co_return co_await lead(environment);
  environment.logger.info("following");
  co_await follow(environment);
  co_return Status{};
}

constexpr const char* kJoined = "it was of memory: the shared store was joined";

// One line, and whoever asks later is told why. `reason`: unless the leadership ended by itself.
Task<> end_leadership(const RoleEnvironment& environment, const Status& ended, std::string reason) {
  if (reason.empty()) reason = "this replica was not to lead any longer";
  if (ended) {
    environment.logger.info("leadership ended", {{"epoch", environment.led.epoch}, {"reason", reason}});
  } else {
    reason = ended.error().message;
    environment.logger.error("leadership ended", {{"epoch", environment.led.epoch}, {"error", reason}});
  }
  environment.health.leadership_ended(reason);
  environment.led.ended = environment.clock.now();
  environment.led.why = std::move(reason);
  if (environment.led.epoch != 0) co_await tell_end(environment.store, environment.led);
}

// Until the decision is another one.
Task<> stay_decided(leader::Elector& elector, bool leads) {
  for (;;) {
    const std::uint64_t seen = elector.changed().version();
    if (elector.leads() != leads) co_return;
    const Status waited = co_await elector.changed().wait_beyond(seen);
    if (!waited) co_return;
  }
}

}  // namespace

Task<> follow(const RoleEnvironment& environment) {
  const store::Authority backfill{Role::kFollower, store::Source::kWorkerBackfill, 0};
  async::TaskGroup tasks(environment.executor);
  tasks.spawn([&] {
    return upkeep::retell_for_ever(environment.store, environment.store_returned, environment.retold, environment.view,
                                   backfill, environment.logger.component("store"), environment.sleep);
  });
  tasks.spawn([&] { return environment.jobs.work(environment.store, backfill, nullptr); });
  co_await tasks.join();
}

Task<> play_roles(const RoleEnvironment& environment, leader::Elector& elector) {
  for (;;) {
    const bool leads = elector.leads();
    async::TaskGroup role(environment.executor);
    Status ended;
    role.spawn([&]() -> Task<> {
      ended = co_await play(environment, leads);
      role.cancel();
    });
    role.spawn([&]() -> Task<> {
      co_await stay_decided(elector, leads);
      role.cancel();
    });
    const std::uint64_t joined = environment.store_joined.version();
    if (leads) {
      role.spawn([&]() -> Task<> {
        co_await environment.store_joined.wait_beyond(joined);
        role.cancel();
      });
    }
    co_await role.join();
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    if (!leads) continue;
    const bool moved = environment.store_joined.version() != joined;
    co_await end_leadership(environment, ended, moved ? kJoined : elector.last_end());
    if (ended) continue;
    environment.health.scheduler_ended(ended);
    elector.superseded(ended.error());
  }
}

}  // namespace ghstats::app
