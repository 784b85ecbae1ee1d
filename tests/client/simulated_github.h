// The exporter's GitHub client, put together as the program does it, against the simulator in this process: real HTTP,
// and a real installation token for the App's key. Only time is not real.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <vector>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "github/api.h"
#include "github/graphql/graphql_api.h"
#include "http/client.h"
#include "http/server.h"
#include "sim/simulation.h"

namespace ghstats::client {

// Organisation "acme" at noon. Both sides have the same clock, which moves by whatever the client waits: `waits`
// between attempts, `waited_at_gate` at the gate.
class SimulatedGithub : public ::testing::Test {
 protected:
  explicit SimulatedGithub(sim::Options options = {}, github::RateLimitOptions limits = unpaced(),
                           const std::string& api_path = "");
  ~SimulatedGithub() override;

  // GitHub's limits, but nothing is held back so that it meets none.
  static github::RateLimitOptions unpaced();
  // A made-up day with everybody in it: bots, deleted accounts, people without an account.
  static sim::Options busy_world();
  // The same with less to ask for.
  static sim::Options quiet_world();

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task), std::chrono::seconds{250});
  }
  // What is not refused: the test fails, and ends here, otherwise.
  template <class T>
  T told(async::Task<Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
  }

  // The simulator's controls; the answer is 200.
  boost::json::value control(const std::string& method, const std::string& path, const std::string& body = {});
  void fault(const std::string& json) { control("POST", "/_sim/faults", json); }
  // One activity or a list; the result of each.
  boost::json::value happens(const std::string& json);
  // Requests that came although a limit forbade them.
  std::string forbidden();
  // Queries of this operation that reached the simulator.
  std::int64_t queries(const std::string& operation);

  // Time passes for both.
  void pass(std::chrono::nanoseconds d);

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::vector<github::Attempt> attempts_;
  std::vector<Duration> waits_;
  std::chrono::nanoseconds waited_at_gate_{0};
  std::unique_ptr<sim::Simulation> simulation_;

 private:
  async::Task<Status> record(std::chrono::nanoseconds d);
  async::Task<Status> pause(async::Watch& changed, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest);
  [[nodiscard]] async::RetryEnvironment retry();
  void serve();

  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Client> http_;
  std::unique_ptr<github::Transport> transport_;
  std::unique_ptr<github::RateGate> gate_;
  std::unique_ptr<github::TokenSource> tokens_;
  github::ConditionalCache cache_;

 protected:
  std::unique_ptr<github::Api> rest_;
  std::unique_ptr<github::GraphqlApi> graphql_;
};

}  // namespace ghstats::client
