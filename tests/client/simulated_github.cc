#include "client/simulated_github.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <stdexcept>

#include "base/time_format.h"
#include "github/credentials/installation_token.h"
#include "log/testing/memory_sink.h"

namespace ghstats::client {
namespace {

const TimePoint kNoon = parse_rfc3339("2026-11-20T12:00:00Z").value();

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

sim::Options of_acme(sim::Options options, const std::string& key) {
  options.clock_mode = sim::SimClock::Mode::kFrozen;
  options.start = kNoon;
  options.org_names = {"acme"};
  options.write_app_key = key;
  options.service.forbidden_grace = Duration{0};
  return options;
}

}  // namespace

github::RateLimitOptions SimulatedGithub::unpaced() {
  github::RateLimitOptions limits;
  limits.rest_points_per_minute = 0;
  limits.graphql_points_per_minute = 0;
  limits.graphql_time_per_minute = std::chrono::seconds{0};
  return limits;
}

sim::Options SimulatedGithub::busy_world() {
  sim::Options options;
  options.repositories = 30;
  options.users = 40;
  options.events = 2'000;
  options.hours = 24;
  options.seed = 5;
  options.service.installation_rate_limit = 1'000'000;
  options.service.graphql_rate_limit = 1'000'000;
  return options;
}

sim::Options SimulatedGithub::quiet_world() {
  auto options = busy_world();
  options.events = 600;
  return options;
}

SimulatedGithub::SimulatedGithub(sim::Options options, github::RateLimitOptions limits, const std::string& api_path)
    : clock_(kNoon) {
  const auto key = std::filesystem::temp_directory_path() / ("ghstats-client-" + std::to_string(getpid()) + ".pem");
  simulation_ = value_of(sim::make_simulation(of_acme(std::move(options), key), kNoon));
  serve();

  const auto logger = log::testing::make_logger();
  http::ClientOptions direct;
  direct.user_agent = "test";
  direct.direct = true;
  http_ = value_of(http::make_curl_client(io_.get_executor(), std::move(direct)));
  github::TransportOptions transport{.base_url = "http://127.0.0.1:" + std::to_string(server_->port()) + api_path,
                                     .org = "acme",
                                     .version = "1.2.3",
                                     .observer = [this](const github::Attempt& a) { attempts_.push_back(a); }};
  transport_ =
      std::make_unique<github::Transport>(value_of(github::Transport::make(*http_, clock_, std::move(transport))));
  github::RateGateOptions gate{.limits = limits, .pause = [this](auto& changed, auto seen, auto longest) {
                                 return pause(changed, seen, longest);
                               }};
  gate_ = std::make_unique<github::RateGate>(io_.get_executor(), clock_, std::move(gate), logger);
  tokens_ = github::make_installation_token(io_.get_executor(), *transport_,
                                            {.issuer = "1",
                                             .installation_id = std::nullopt,
                                             .key = value_of(github::AppKey::load(key)),
                                             .retry = retry(),
                                             .gate = gate_.get(),
                                             .logger = logger});
  std::filesystem::remove(key);
  rest_ = std::make_unique<github::Api>(*transport_, *tokens_, *gate_, cache_, retry(), logger);
  graphql_ = std::make_unique<github::GraphqlApi>(*transport_, *tokens_, *gate_, retry());
}

SimulatedGithub::~SimulatedGithub() {
  run(tokens_->stop());
  run(server_->stop(Duration{0}));
}

void SimulatedGithub::serve() {
  http::Router router;
  router.set_fallback([this](http::ServerRequest request) { return simulation_->service.handle(std::move(request)); });
  http::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  server_ = value_of(
      http::Server::listen(io_.get_executor(), std::move(options), std::move(router), log::testing::make_logger()));
}

boost::json::value SimulatedGithub::control(const std::string& method, const std::string& path,
                                            const std::string& body) {
  http::ServerRequest request;
  request.method = method;
  request.target = path;
  request.path = path;
  request.body = body;
  const auto response = run(simulation_->service.handle(std::move(request)));
  std::string text;
  for (const auto& part : response.body) text += *part;
  if (response.status != 200) throw std::runtime_error(path + ": " + text);
  return boost::json::parse(text);
}

boost::json::value SimulatedGithub::happens(const std::string& json) {
  return control("POST", "/_sim/activity", json).at("results");
}

std::string SimulatedGithub::forbidden() {
  const auto counted = control("GET", "/_sim/requests");
  return counted.at("forbidden") == 0 ? "" : boost::json::serialize(counted.at("forbidden_requests"));
}

std::int64_t SimulatedGithub::queries(const std::string& operation) {
  const auto counted = control("GET", "/_sim/requests");
  std::int64_t count = 0;
  for (const auto& endpoint : counted.at("endpoints").as_array()) {
    if (endpoint.at("endpoint").as_string() == "POST /graphql " + operation) count += endpoint.at("count").as_int64();
  }
  return count;
}

void SimulatedGithub::pass(std::chrono::nanoseconds d) {
  clock_.advance(d);
  simulation_->clock.set(clock_.now());
}

async::RetryEnvironment SimulatedGithub::retry() {
  return {{5, Duration{2000}, Duration{30'000}, false},
          [this](std::chrono::nanoseconds d) { return record(d); },
          [] { return 0.5; }};
}

async::Task<Status> SimulatedGithub::record(std::chrono::nanoseconds d) {
  waits_.push_back(std::chrono::duration_cast<Duration>(d));
  pass(d);
  co_return Status{};
}

async::Task<Status> SimulatedGithub::pause(async::Watch& changed, std::uint64_t seen,
                                           std::optional<std::chrono::nanoseconds> longest) {
  if (!longest) co_return co_await changed.wait_beyond(seen);
  co_await async::yield();  // what others do meanwhile comes first
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (changed.version() > seen) co_return Status{};
  waited_at_gate_ += *longest;
  pass(*longest);
  co_return fail(ErrorCode::kTimeout, "timeout");
}

}  // namespace ghstats::client
