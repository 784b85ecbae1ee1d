#include "app/application.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <utility>

#include "app/exit_codes.h"
#include "app/give_back.h"
#include "app/housekeeping.h"
#include "app/version.h"
#include "app/view_feed.h"
#include "app/whole_seconds.h"
#include "async/watch.h"
#include "config/load.h"
#include "store/counting_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration kServingGrace = 3s;
constexpr Duration kFlushGrace = 3s;  // of a store that does not answer
constexpr auto kLeadershipInterval = 1s;
constexpr Duration kHeartbeat = 1s;
constexpr auto kClockInterval = 1s;
constexpr store::Authority kBackfill{store::Role::kFollower, store::Source::kWorkerBackfill, 0};

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

health::ReadinessPolicy policy_of(config::Readiness readiness) {
  return readiness == config::Readiness::kStrict ? health::ReadinessPolicy::kStrict : health::ReadinessPolicy::kServe;
}

activity::CooldownOptions cooldown_options(const config::Config& config) {
  return {.unhealthy_failure_threshold = config.github.unhealthy_failure_threshold,
          .unhealthy_cooldown = config.github.unhealthy_cooldown,
          .github_recover_success_threshold = config.health.github_recover_success_threshold};
}

ServingOptions serving_options(const config::Config& config) {
  ServingOptions options;
  options.server.listen_address = config.server.listen_addr;
  options.windows.linger = whole_seconds(config.store.zero_linger);
  options.windows.retention = whole_seconds(config.store.retention);
  options.program = {.name = std::string(kProgramName),
                     .version = std::string(version()),
                     .metrics_path = config.server.telemetry_path,
                     .scrape_target = config.metrics.scrape_service_dns};
  options.replica = host_name();
  return options;
}

}  // namespace

void log_inactive_keys(const config::Config& config, const log::Logger& logger) {
  std::string names;
  for (const std::string& key : config::inactive_keys_in_use(config)) names += (names.empty() ? "" : ", ") + key;
  if (!names.empty()) logger.warn("keys without effect in this release", {{"keys", names}});
}

Application::Application(config::Config config, config::Role role, const Clock& clock, log::Logger logger,
                         std::shared_ptr<const log::FdSink> log_output)
    : config_(std::move(config)),
      role_(role),
      clock_(clock),
      logger_(std::move(logger)),
      log_output_(std::move(log_output)),
      health_(clock, policy_of(config_.health.readiness)),
      store_news_(logger_.component("store")),
      cooldown_(cooldown_options(config_)),
      background_(io_.get_executor()),
      workers_(io_.get_executor()),
      leadership_(io_.get_executor()),
      control_(io_.get_executor()) {}

Application::~Application() = default;

// The map of the program, from the outside systems inwards.
Status Application::build() {
  // The store: memory or Redis, counted.
  auto shared = SharedStore::make(
      io_.get_executor(), settled_clock_, config_, host_name(), recorder_, logger_.component("store"),
      [this](TimePoint said, SteadyPoint asked, SteadyPoint at) { redis_clock_.heard(said, asked, at, clock_.now()); });
  if (!shared) return fail(std::move(shared).error());
  shared_ = *std::move(shared);
  if (shared_->is_shared()) health_.store_is_shared();
  store_ = store::make_counting_store(shared_->store(), recorder_);

  // The way to GitHub, shared by all organisations.
  auto client = http::make_curl_client(io_.get_executor(),
                                       {.user_agent = std::string(kProgramName) + "/" + std::string(version()),
                                        .ca_file = config_.github.ca_file,
                                        .proxy = config_.github.proxy.reveal()});
  if (!client) return fail(std::move(client).error());
  client_ = *std::move(client);
  const OrganisationEnvironment environment{io_.get_executor(),
                                            *client_,
                                            clock_,
                                            logger_,
                                            [this](const github::Attempt& a) { github_metrics_.observe(a); },
                                            gates_,
                                            answers_,
                                            github_clock_};
  for (const config::Org& org : config_.github.orgs) {
    auto organisation = Organisation::make(environment, config_, org);
    if (!organisation) return fail(std::move(organisation).error());
    organisations_.push_back(*std::move(organisation));
  }

  // What was missed, to be done again.
  jobs_ = std::make_unique<JobDesk>(JobDeskEnvironment{.executor = io_.get_executor(),
                                                       .store = *store_,
                                                       .store_returned = store_returned_,
                                                       .recorder = recorder_,
                                                       .clock = settled_clock_,
                                                       .cooldown = cooldown_,
                                                       .loc_memory = loc_memory_,
                                                       .organisations = organisations_,
                                                       .logger = logger_.component("backfill")},
                                    config_);

  // The door for Prometheus, on its own thread.
  ServingOptions options = serving_options(config_);
  options.log_lines_dropped = [output = log_output_] { return output->lines_dropped(); };
  options.settled_clock = &settled_clock_;
  options.other_clocks = other_clocks();
  auto serving = ServingThread::start(std::move(options), clock_, health_.board(), logger_.component("http_server"));
  if (!serving) return fail(std::move(serving).error());
  serving_ = *std::move(serving);
  return {};
}

void Application::start() {
  background_.spawn([this] { return tell_that_it_turns(); });
  background_.spawn([this] { return shared_->run(); });
  background_.spawn([this] {
    ViewFeedEvents events{.on_look =
                              [this](const Status& outcome) {
                                store_news_.looked_at(store_->health(), clock_.steady_now());
                                health_.store_looked_at(store_->health());
                                health_.view_refreshed(outcome);
                              },
                          .on_return = [this] { store_returned_.bump(); }};
    return feed_view(*store_, *serving_, clock_, std::move(events), async::sleep_for,
                     config_.store.metric_refresh_interval);
  });
  background_.spawn([this] { return watch_clocks(); });
  background_.spawn([this] { return flush_counters_for_ever(*store_, recorder_, logger_.component("store")); });
  if (role_ == config::Role::kLeader) leadership_.spawn([this] { return lead(); });
  if (role_ == config::Role::kFollower) give_back(background_, kBackfill);
  if (role_ == config::Role::kFollower && jobs_->works(store::Role::kFollower)) {
    workers_.spawn([this] { return work(store::Role::kFollower, 0); });
  }
  health_.role_assigned(role_ == config::Role::kLeader ? health::Role::kLeader : health::Role::kFollower);
}

void Application::give_back(async::TaskGroup& tasks, store::Authority authority) {
  tasks.spawn([this, authority] {
    return give_back_for_ever(*store_, store_returned_, *serving_, authority, logger_.component("store"));
  });
}

// Only cancellation is an error: the role was given by somebody else, and a store that is away comes back.
async::Task<Result<std::uint64_t>> Application::begin_leadership() {
  for (bool told = false;; told = true) {
    auto epoch = co_await store_->begin_leadership();
    if (epoch || epoch.error().code == ErrorCode::kCancelled) co_return epoch;
    health_.scheduler_ended(fail(epoch.error()));
    if (!told) logger_.warn("leadership was not granted yet", {{"error", epoch.error().message}});
    const Status slept = co_await async::sleep_for(kLeadershipInterval);
    if (!slept) co_return fail(slept.error());
  }
}

async::Task<> Application::lead() {
  const auto epoch = co_await begin_leadership();
  if (!epoch) co_return;
  const store::Authority authority{store::Role::kLeader, store::Source::kLeaderScrape, *epoch};
  recorder_.add(metrics::Family::kLeaderTransitions, {});
  logger_.info("leading", {{"epoch", *epoch}, {"orgs", organisations_.size()}});
  leadership_.spawn([this, authority] {
    return keep_house(*store_, store_returned_, authority, settled_clock_, host_name(), logger_.component("store"));
  });
  leadership_.spawn([this, authority] { return jobs_->publish_gauges(authority); });
  give_back(leadership_, authority);
  if (jobs_->works(store::Role::kLeader)) {
    workers_.spawn([this, authority] { return work(store::Role::kLeader, authority.epoch); });
  }
  std::vector<activity::PlannedOrg> planned;
  for (const auto& organisation : organisations_) planned.push_back(organisation->planned());
  const Status ended = co_await activity::run_planner(planner_environment(), authority, std::move(planned));
  if (ended) co_return;
  leadership_.cancel();  // whatever else a leader does
  give_back(background_, kBackfill);
  logger_.error("leadership ended", {{"error", ended.error().message}});
  health_.scheduler_ended(ended);
  health_.role_assigned(health::Role::kFollower);
}

activity::PlannerEnvironment Application::planner_environment() {
  return {.store = *store_,
          .store_returned = store_returned_,
          .recorder = recorder_,
          .github_metrics = github_metrics_,
          .clock = settled_clock_,
          .logger = logger_.component("planner"),
          .cooldown = cooldown_,
          .loc_memory = loc_memory_,
          .probe_interval = config_.health.github_probe_interval,
          .probe = [this] { return organisations_.front()->probe(); },
          .redo_later = [this](std::vector<activity::Miss> misses) { return jobs_->redo_later(std::move(misses)); },
          .on_cycle = [this](const std::string& org,
                             const activity::CycleReport& report) { health_.cycle_finished(org, report); },
          .on_loc = [this](const std::string& org,
                           const activity::LocReport& report) { health_.lines_looked_at(org, report.stale); },
          .on_cooldown = [this] { health_.github_judged(cooldown_status()); }};
}

async::Task<> Application::work(store::Role role, std::uint64_t epoch) {
  const store::Authority authority{role, store::Source::kWorkerBackfill, epoch};
  const Status ended = co_await jobs_->work(authority, [this](const Status& jobs) { health_.consumer_judged(jobs); });
  if (ended) co_return;
  logger_.error("backfill workers stopped", {{"error", ended.error().message}});
  health_.consumer_judged(ended);
}

Status Application::cooldown_status() const {
  if (cooldown_.is_healthy()) return {};
  return fail(ErrorCode::kUnavailable, "too many failures: cooling down, or not yet recovered");
}

std::vector<NamedClock> Application::other_clocks() const {
  return {{"github", github_clock_.get()}, {"redis", &redis_clock_}};
}

async::Task<> Application::watch_clocks() {
  ClockNews news(other_clocks(), logger_.component("clock"));
  for (bool doubted = false;;) {
    const Status agreed = news.look(clock_);
    health_.clocks_compared(agreed);
    // What the store was told meanwhile bears marks of a wrong time: it is told again.
    if (agreed && doubted) store_returned_.bump();
    doubted = !agreed;
    const Status slept = co_await async::sleep_for(kClockInterval);
    if (!slept) co_return;
  }
}

async::Task<> Application::tell_that_it_turns() {
  while (true) {
    health_.turned();
    const Status slept = co_await async::sleep_for(kHeartbeat);
    if (!slept) co_return;
  }
}

void Application::stop() {
  boost::asio::post(io_, [this] { stop_wanted_.bump(); });
}

async::Task<> Application::stop_when_told() {
  co_await stop_wanted_.wait_beyond(0);
  co_await shut_down();
}

// start() in reverse.
async::Task<> Application::shut_down() {
  health_.stopping();
  leadership_.cancel();
  workers_.cancel();
  co_await leadership_.join();
  co_await workers_.join();
  for (const auto& organisation : organisations_) co_await organisation->stop();
  background_.cancel();
  co_await background_.join();
  // After the last periodic one, which gives back what it could not store.
  Status flushed;
  async::Watch flush_ended(io_.get_executor());
  async::TaskGroup flush(io_.get_executor());
  flush.spawn([this, &flushed, &flush_ended]() -> async::Task<> {
    flushed = co_await flush_counters(*store_, recorder_);
    flush_ended.bump();
  });
  co_await flush_ended.wait_beyond(0, kFlushGrace);
  flush.cancel();
  co_await flush.join();
  if (!flushed) logger_.warn("counters were lost at the end", {{"error", flushed.error().message}});
  async::Watch stopped(io_.get_executor());
  serving_->stop(kServingGrace, [this, &stopped] { boost::asio::post(io_, [&stopped] { stopped.bump(); }); });
  co_await stopped.wait_beyond(0);
  co_await shared_->stop();
}

// What build() began before it failed.
void Application::give_up_building() {
  if (!shared_) return;
  control_.spawn([this] { return shared_->stop(); });
  io_.run();
}

int Application::run() {
  signal(SIGPIPE, SIG_IGN);  // a log reader that went away must not end the program
  if (const Status built = build(); !built) {
    logger_.error("cannot start", {{"error", built.error().message}});
    give_up_building();
    return built.error().code == ErrorCode::kInvalidArgument ? kExitUnusableConfiguration : kExitFailure;
  }
  logger_.info("serving", {{"version", version()},
                           {"revision", revision()},
                           {"port", serving_->port()},
                           {"path", config_.server.telemetry_path},
                           {"role", role_ == config::Role::kLeader ? "leader" : "follower"}});
  start();
  control_.spawn([this] { return stop_when_told(); });
  io_.run();
  serving_.reset();
  logger_.info("stopped");
  return kExitOk;
}

}  // namespace ghstats::app
