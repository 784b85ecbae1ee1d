#include "app/application.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <utility>

#include "app/exit_codes.h"
#include "app/roles.h"
#include "app/shared_queue.h"
#include "app/version.h"
#include "app/whole_seconds.h"
#include "async/deadline.h"
#include "async/watch.h"
#include "config/load.h"
#include "store/counting_store.h"
#include "upkeep/counter_flush.h"
#include "upkeep/view_feed.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration kServingGrace = 3s;
constexpr Duration kWithdrawGrace = 3s;  // of an API server or a Redis that does not answer
constexpr Duration kFlushGrace = 3s;     // of a store that does not answer
constexpr Duration kHeartbeat = 1s;
constexpr auto kClockInterval = 1s;

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

health::ReadinessPolicy policy_of(config::Readiness readiness) {
  return readiness == config::Readiness::kStrict ? health::ReadinessPolicy::kStrict : health::ReadinessPolicy::kServe;
}

ServingOptions serving_options(const config::Config& config) {
  ServingOptions options;
  options.server.listen_address = config.server.listen_addr;
  options.windows.linger = whole_seconds(config.store.zero_linger);
  options.windows.retention = whole_seconds(config.store.retention);
  options.collected = config.activity.families;
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

Application::Application(config::Config config, Role role, const Clock& clock, log::Logger logger,
                         std::shared_ptr<const log::FdSink> log_output)
    : config_(std::move(config)),
      role_(role),
      clock_(clock),
      logger_(std::move(logger)),
      log_output_(std::move(log_output)),
      health_(clock, policy_of(config_.health.readiness)),
      store_news_(logger_.component("store")),
      background_(io_.get_executor()),
      election_tasks_(io_.get_executor()),
      roles_(io_.get_executor()),
      control_(io_.get_executor()) {}

Application::~Application() = default;

// The map of the program, from the outside systems inwards.
Status Application::build() {
  // The store: memory or Redis, counted.
  auto shared = SharedStore::make(
      io_.get_executor(), settled_clock_, config_, host_name(), recorder_, logger_.component("store"),
      [this](TimePoint said, SteadyPoint asked, SteadyPoint at) { redis_clock_.heard(said, asked, at, clock_.now()); },
      [this] { store_joined_.bump(); });
  if (!shared) return fail(std::move(shared).error());
  shared_ = *std::move(shared);
  store_ = store::make_counting_store(shared_->store(), recorder_);
  if (shared_->is_shared()) {
    health_.store_is_shared();
    limits_ = std::make_unique<LimitsExchange>(io_.get_executor(), *store_, clock_, logger_.component("github"));
  }

  // The way to GitHub, shared by all organisations.
  auto client = http::make_curl_client(io_.get_executor(),
                                       {.user_agent = std::string(kProgramName) + "/" + std::string(version()),
                                        .ca_file = config_.github.ca_file,
                                        .proxy = config_.github.proxy.reveal()});
  if (!client) return fail(std::move(client).error());
  client_ = *std::move(client);
  const DoorEnvironment environment{io_.get_executor(),
                                    *client_,
                                    clock_,
                                    logger_,
                                    [this](const github::Attempt& a) { github_metrics_.observe(a); },
                                    gates_,
                                    answers_,
                                    github_clock_,
                                    limits_.get()};
  for (const config::Org& org : config_.github.orgs) {
    auto organisation = Organisation::make(environment, config_, org);
    if (!organisation) return fail(std::move(organisation).error());
    organisations_.push_back(*std::move(organisation));
  }

  // Reports of Copilot usage.
  auto copilot = CopilotDesk::make({.door = environment,
                                    .store_returned = store_returned_,
                                    .recorder = recorder_,
                                    .clock = settled_clock_,
                                    .health = health_,
                                    .organisations = organisations_,
                                    .logger = logger_.component("copilot")},
                                   config_);
  if (!copilot) return fail(std::move(copilot).error());
  copilot_ = *std::move(copilot);

  // What was missed, to be done again.
  auto queue = make_job_queue(io_.get_executor(), settled_clock_, config_, host_name(), recorder_,
                              logger_.component("backfill"));
  if (!queue) return fail(std::move(queue).error());
  queue_ = *std::move(queue);
  jobs_ = std::make_unique<JobDesk>(JobDeskEnvironment{.store = *store_,
                                                       .store_returned = store_returned_,
                                                       .recorder = recorder_,
                                                       .clock = settled_clock_,
                                                       .queue = *queue_,
                                                       .health = health_,
                                                       .loc_memory = loc_memory_,
                                                       .organisations = organisations_,
                                                       .copilot = *copilot_,
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

  // Who leads.
  auto election =
      Election::make({.place = {.executor = io_.get_executor(), .clock = clock_, .replica = host_name()},
                      .recorder = recorder_,
                      .logger = logger_.component("leader"),
                      .on_change = [this](health::LeaderView seen) { health_.leader_seen(std::move(seen)); }},
                     config_, role_);
  if (!election) return fail(std::move(election).error());
  election_ = *std::move(election);

  // What a role works with.
  role_environment_ = std::make_unique<const RoleEnvironment>(role_environment());
  return {};
}

void Application::start() {
  background_.spawn([this] { return tell_that_it_turns(); });
  background_.spawn([this] { return shared_->run(); });
  if (limits_) background_.spawn([this] { return limits_->run(); });
  background_.spawn([this] {
    upkeep::ViewFeedEvents events{.on_look =
                                      [this](const Status& outcome) {
                                        store_news_.looked_at(store_->health(), clock_.steady_now());
                                        health_.store_looked_at(store_->health());
                                        health_.view_refreshed(outcome);
                                      },
                                  .on_return = [this] { store_returned_.bump(); }};
    return upkeep::feed_view(*store_, *serving_, clock_, std::move(events), async::sleep_for,
                             config_.store.metric_refresh_interval);
  });
  background_.spawn([this] { return watch_clocks(); });
  background_.spawn([this] { return upkeep::flush_counters_for_ever(*store_, recorder_, logger_.component("store")); });
  background_.spawn([this] { return queue_->run(); });
  background_.spawn([this] { return watch_queue(); });
  election_tasks_.spawn([this] { return election_->run(); });
  roles_.spawn([this] { return play_roles(*role_environment_, election_->elector()); });
}

// What shares the queue with other replicas, or does not, is seen in health.
async::Task<> Application::watch_queue() {
  for (;;) {
    const std::uint64_t seen = queue_->changed().version();
    health_.queue_looked_at(*queue_);
    const Status waited = co_await queue_->changed().wait_beyond(seen);
    if (!waited) co_return;
  }
}

RoleEnvironment Application::role_environment() {
  return {.executor = io_.get_executor(),
          .store = *store_,
          .store_returned = store_returned_,
          .led = led_,
          .retold = retold_,
          .store_joined = store_joined_,
          .recorder = recorder_,
          .github_metrics = github_metrics_,
          .clock = settled_clock_,
          .loc_memory = loc_memory_,
          .organisations = organisations_,
          .copilot = *copilot_,
          .jobs = *jobs_,
          .view = *serving_,
          .health = health_,
          .config = config_,
          .replica = host_name(),
          .logger = logger_};
}

std::vector<upkeep::NamedClock> Application::other_clocks() const {
  return {{"github", github_clock_.get()}, {"redis", &redis_clock_}};
}

async::Task<> Application::watch_clocks() {
  upkeep::ClockNews news(other_clocks(), logger_.component("clock"));
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
  roles_.cancel();
  co_await roles_.join();
  // Before anything else, so that the next leader need not wait.
  election_tasks_.cancel();
  co_await election_tasks_.join();
  co_await election_->withdraw(kWithdrawGrace);
  if (led_.epoch != 0 && !led_.ended) {
    led_.ended = clock_.now();
    led_.why = "the process was stopped";
    co_await tell_end(*store_, led_);
  }
  co_await copilot_->stop();
  for (const auto& organisation : organisations_) co_await organisation->stop();
  background_.cancel();
  co_await background_.join();
  co_await queue_->stop();
  // After the last periodic one, which keeps what it could not store.
  const std::function<async::Task<Status>()> flush = [this] { return upkeep::flush_counters(*store_, recorder_); };
  const Status flushed = co_await async::with_deadline<void>(flush, kFlushGrace);
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
                           {"role", config_.leader_election.enabled ? "elected" : to_string(role_)}});
  start();
  control_.spawn([this] { return stop_when_told(); });
  io_.run();
  serving_.reset();
  logger_.info("stopped");
  return kExitOk;
}

}  // namespace ghstats::app
