// A small simulated GitHub asked without a network.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "async/testing/run.h"
#include "base/time_format.h"
#include "sim/simulation.h"

namespace ghstats::sim::testing {

inline TimePoint at(const char* text) {
  return parse_rfc3339(text).value();
}

struct Got {
  int status = 0;
  std::string body;
  http::Headers headers;

  [[nodiscard]] std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
  [[nodiscard]] boost::json::value json() const { return boost::json::parse(body); }
  [[nodiscard]] std::string message() const { return std::string(json().at("message").as_string()); }
};

// Frozen at noon; organisation "acme" (installation 1000), personal token "pat" of "sim-user".
class ApiFixture : public ::testing::Test {
 protected:
  explicit ApiFixture(Options options = {}) {
    options.clock_mode = SimClock::Mode::kFrozen;
    options.start = at("2026-11-20T12:00:00Z");
    if (options.org_names.empty()) options.org_names = {"acme"};
    options.token = "pat";
    simulation_ = make_simulation(options, {}).value();
  }

  Got send(const std::string& method, const std::string& target, http::Headers headers, std::string body = {}) {
    http::ServerRequest request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (target.contains('?')) request.query = target.substr(target.find('?') + 1);
    request.headers = std::move(headers);
    request.body = std::move(body);
    auto response = async::testing::run(simulation_->service.handle(std::move(request)));
    Got got{response.status, {}, std::move(response.headers)};
    for (const auto& part : response.body) got.body += *part;
    return got;
  }
  Got get(const std::string& target, http::Headers more = {}) {
    more.add("Authorization", "Bearer pat");
    more.add("User-Agent", "test");
    more.add("Host", "api.test");
    return send("GET", target, std::move(more));
  }
  Got get_as(const std::string& authorization, const std::string& target, http::Headers more = {}) {
    more.add("Authorization", authorization);
    more.add("User-Agent", "test");
    return send("GET", target, std::move(more));
  }
  // Something happens; returns its result.
  boost::json::value happens(const std::string& activity) {
    const auto got = send("POST", "/_sim/activity", {}, activity);
    EXPECT_EQ(got.status, 200) << got.body;
    return got.status == 200 ? got.json().at("results").at(0) : boost::json::value();
  }
  void move_clock(const char* time) { simulation_->clock.set(at(time)); }

  std::unique_ptr<Simulation> simulation_;
};

}  // namespace ghstats::sim::testing
