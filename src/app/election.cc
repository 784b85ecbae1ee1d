#include "app/election.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "app/redis_lease.h"
#include "app/version.h"
#include "async/deadline.h"
#include "async/task_group.h"
#include "leader/kubernetes_lease.h"
#include "leader/static_elector.h"

namespace ghstats::app {
namespace {

using async::Task;
using namespace std::chrono_literals;

constexpr auto kCountInterval = 1s;

// Unique among all processes that ever take part, as client-go has it: host name, '_', something random.
std::string new_identity(const std::string& replica) {
  std::random_device random;
  return fmt::format("{}_{:08x}{:08x}", replica, random(), random());
}

leader::LeaseOptions lease_options(const config::LeaderElection& election, const std::string& replica) {
  return {.identity = new_identity(replica),
          .lease_duration = election.lease_duration,
          .renew_deadline = election.renew_deadline,
          .retry_period = election.retry_period};
}

std::string elected_by(const config::LeaderElection& election) {
  return election.backend == config::ElectionBackend::kRedis ? "redis" : "kubernetes";
}

health::LeaderView view_of(const leader::Election& seen, std::string elected_by) {
  health::LeaderView view{.elected_by = std::move(elected_by)};
  if (seen.record && !seen.record->holder.empty()) {
    view.leader = seen.record->holder;
    if (seen.record->acquired != TimePoint{}) view.since = seen.record->acquired;
    view.transitions = seen.record->transitions;
  }
  if (seen.trouble) view.trouble = seen.trouble->message;
  return view;
}

// Says once who leads now, however often the lease is renewed.
class LeaderNews {
 public:
  LeaderNews(log::Logger logger, std::string own) : logger_(std::move(logger)), own_(std::move(own)) {}

  void seen(const leader::Election& election) {
    const std::string holder = election.record ? election.record->holder : std::string();
    if (!election.record || told_ == holder) return;
    told_ = holder;
    if (holder.empty()) return logger_.info("nobody leads: the lease was given back");
    logger_.info(holder == own_ ? "the lease is this replica's" : "another replica leads",
                 {{"leader", holder}, {"transitions", election.record->transitions}});
  }

 private:
  log::Logger logger_;
  const std::string own_;
  std::optional<std::string> told_;
};

Result<std::unique_ptr<redis::Client>> connect(const LeasePlaceEnvironment& environment, const config::Store& store) {
  auto access = redis_access(store, environment.replica);
  if (!access) return fail(access.error());
  return std::make_unique<redis::Client>(environment.executor, std::move(access->options), access->make_resolver());
}

std::shared_ptr<const Clock> borrowed(const Clock& clock) {
  return {std::shared_ptr<const Clock>(), &clock};
}

}  // namespace

kube::ServiceAccountFiles service_account_files(const kube::Environment& variables) {
  const auto directory = variables(kServiceAccountDirectory);
  if (!directory || directory->empty()) return {};
  return {
      .token = *directory + "/token", .authority = *directory + "/ca.crt", .pod_namespace = *directory + "/namespace"};
}

Result<std::unique_ptr<LeasePlace>> LeasePlace::make(const LeasePlaceEnvironment& environment,
                                                     const config::Config& config) {
  std::unique_ptr<LeasePlace> place;
  const config::LeaderElection& election = config.leader_election;
  if (!election.enabled) return place;
  place.reset(new LeasePlace);
  if (election.backend == config::ElectionBackend::kRedis) {
    auto client = connect(environment, config.store);
    if (!client) return fail(client.error());
    const store::RedisKeys keys{.prefix = store::redis_prefix(config.store.redis_key_prefix)};
    place->name_ = keys.lease() + " in Redis";
    place->redis_ = *std::move(client);
    place->lease_ = make_redis_lease(*place->redis_, keys);
    return place;
  }
  const auto cluster = kube::find_in_cluster(environment.variables, service_account_files(environment.variables));
  if (!cluster) return fail(cluster.error());
  const std::string agent = std::string(kProgramName) + "/" + std::string(version());
  auto api = kube::make_api_client(environment.executor, *cluster, agent, borrowed(environment.clock));
  if (!api) return fail(api.error());
  place->name_ = fmt::format("Lease {}/{}", election.namespace_, election.lease_name);
  place->lease_ = leader::make_kubernetes_lease(*std::move(api), election.namespace_, election.lease_name);
  return place;
}

Task<> LeasePlace::stop() {
  if (redis_) co_await redis_->stop();
}

Result<std::unique_ptr<Election>> Election::make(ElectionEnvironment environment, const config::Config& config,
                                                 Role configured) {
  std::unique_ptr<Election> out(new Election(std::move(environment)));
  const ElectionEnvironment& known = out->environment_;
  auto place = LeasePlace::make(known.place, config);
  const bool by_kubernetes = config.leader_election.backend == config::ElectionBackend::kKubernetes;
  if (!place && !by_kubernetes) return fail(place.error());
  if (!place || !*place) {
    health::LeaderView view{.elected_by = "configuration"};
    if (!place) {
      view.trouble = "no election: " + place.error().message + "; this replica leads as if alone";
      known.logger.warn("no election is possible here: this replica leads, and the store lets one writer win",
                        {{"error", place.error().message}});
    }
    const bool leads = !place || configured == Role::kLeader;
    out->elector_ = leader::make_static_elector(known.place.executor, leads);
    known.on_change(std::move(view));
    return out;
  }
  out->place_ = *std::move(place);
  const leader::LeaseOptions options = lease_options(config.leader_election, known.place.replica);
  const auto news = std::make_shared<LeaderNews>(known.logger, options.identity);
  auto elector = std::make_unique<leader::LeaseElector>(
      options, leader::LeaseElectorEnvironment{.executor = known.place.executor,
                                               .client = out->place_->client(),
                                               .clock = known.place.clock,
                                               .logger = known.logger,
                                               .on_change = [news, by = elected_by(config.leader_election),
                                                             on_change = known.on_change](const leader::Election& e) {
                                                 news->seen(e);
                                                 on_change(view_of(e, by));
                                               }});
  known.logger.info("taking part in an election", {{"place", out->place_->name()}, {"as", options.identity}});
  known.on_change(health::LeaderView{.elected_by = elected_by(config.leader_election)});
  out->lease_elector_ = elector.get();
  out->elector_ = std::move(elector);
  return out;
}

Task<> Election::run() {
  if (lease_elector_ == nullptr) co_return;
  async::TaskGroup tasks(environment_.place.executor);
  tasks.spawn([this] { return lease_elector_->run(); });
  tasks.spawn([this] { return count_errors(); });
  co_await tasks.join();
}

Task<> Election::count_errors() {
  for (;;) {
    const Status slept = co_await async::sleep_for(kCountInterval);
    if (!slept) co_return;
    note_errors();
  }
}

void Election::note_errors() {
  for (const auto& [code, count] : lease_elector_->election().errors) {
    std::uint64_t& counted = counted_[code];
    if (count > counted) {
      environment_.recorder.add(metrics::Family::kElectionErrors, {std::string(to_string(code))},
                                static_cast<double>(count - counted));
    }
    counted = count;
  }
}

Task<> Election::withdraw(std::chrono::nanoseconds longest) {
  if (lease_elector_ == nullptr) co_return;
  const std::function<Task<Status>()> release = [this] { return lease_elector_->release(); };
  const Status released = co_await async::with_deadline<void>(release, longest);
  if (!released) {
    environment_.logger.warn("the lease was not given back: others wait until it runs out",
                             {{"error", released.error().message}});
  }
  note_errors();
  co_await place_->stop();
}

}  // namespace ghstats::app
