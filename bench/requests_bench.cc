// What a cycle of the real program asks GitHub for, counted by the simulator: docs/costs.md has these numbers.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>
#include <stdexcept>

#include "base/time_format.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/request_count.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDuration = "gh_exporter_scrape_duration_seconds{org=\"acme\"}";
constexpr const char* kCycles = "gh_exporter_scrape_runs_total{org=\"acme\",result=\"success\"}";

// What happens before a cycle, by the frozen clocks of both programs.
struct Phase {
  const char* name;
  std::chrono::minutes later;  // than the phase before
  bool active = false;         // work goes on in one repository of twenty
};
constexpr Phase kPhases[] = {
    {"first", 0min},         // nothing is known; GitHub begins to compute statistics
    {"second", 5min},        // ... and tells them
    {"idle", 5min},          // nothing has happened since
    {"active", 5min, true},  // in each active repository: a push, a pull request with a review, two comments
    {"after_active", 5min},  // young pushes and pull requests are looked at again
    {"hour_later", 60min},   // another token, and the statistics of what was pushed
    {"statistics", 5min},    // ... which GitHub has computed
    {"day_later", 24h},      // every repository's statistics are due
};

struct Measured {
  RequestCount requests;
  double seconds = 0;
};

// An organisation of so many repositories, ten events of its last day each, and an exporter that watches it.
class Watched {
 public:
  Watched(std::int64_t repositories, std::chrono::seconds interval)
      : repositories_(repositories),
        interval_(interval),
        simulator_(folder_.path(), options(now_, repositories)),
        active_(every_twentieth()) {
    reset_requests(simulator_);
    const std::string config = config_for(simulator_, {"acme"}, "health: {github_probe_interval: 1d}\n", {}, {},
                                          fmt::format("{}s", interval.count()));
    exporter_.emplace(folder_.path(), Exporter::Options{.config = config, .clock = now_});
  }

  // Of the cycle that begins after the phase's changes.
  Measured run(const Phase& phase) {
    if (phase.later > 0min) {
      now_ += phase.later;
      simulator_.set_clock(now_);
      exporter_->set_clock(now_);
    }
    if (phase.active) work();
    wait_until_quiet();
    const auto samples = exporter_->samples();
    const auto cycles = samples.find(kCycles);
    if (cycles == samples.end() || cycles->second != ++cycles_) {
      throw std::runtime_error(
          fmt::format("not one cycle in {}s: {}", interval_.count(), exporter_->process().output()));
    }
    Measured out{RequestCount::of(simulator_), samples.at(kDuration)};
    reset_requests(simulator_);
    return out;
  }

 private:
  // Work that ended twenty hours ago: comments are still edited hours later.
  static std::vector<std::string> options(TimePoint start, std::int64_t repositories) {
    return {"--clock",
            "frozen",
            "--start",
            format_rfc3339(start),
            "--from",
            format_rfc3339(start - 24h),
            "--hours",
            "4",
            "--org",
            "acme",
            "--repos",
            std::to_string(repositories),
            "--users",
            std::to_string(repositories / 3),
            "--events",
            std::to_string(10 * repositories),
            "--token",
            "list",
            "--no-rate-limit-headers"};
  }

  // Of those that are collected.
  std::vector<std::string> every_twentieth() const {
    std::vector<std::string> collected;
    for (std::int64_t page = 1; page <= (repositories_ + 99) / 100; ++page) {
      const auto url = fmt::format("{}/orgs/acme/repos?per_page=100&page={}", simulator_.url(), page);
      const auto list = boost::json::parse(get(url, {{"Authorization", "Bearer list"}, {"User-Agent", "bench"}}).body);
      for (const auto& repository : list.as_array()) {
        const bool skipped = repository.at("archived").as_bool() || repository.at("disabled").as_bool();
        if (!skipped) collected.emplace_back(repository.at("full_name").as_string());
      }
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < collected.size(); i += 20) out.push_back(collected[i]);
    return out;
  }

  void work() {
    for (const std::string& repository : active_) {
      const auto perform = [&](const std::string& type, const std::string& fields) {
        const auto body = fmt::format(R"({{"type":"{}","repo":"{}","author":"worker"{}}})", type, repository, fields);
        const auto response = post(simulator_.url() + "/_sim/activity", body);
        if (response.status / 100 != 2) throw std::runtime_error(response.body);
        return boost::json::parse(response.body).at("results").at(0);
      };
      perform("commit", "");
      const auto opened = perform("pull_request", "");
      const auto number = fmt::format(R"(,"number":{})", opened.at("number").to_number<std::int64_t>());
      perform("review", number);
      perform("comment", number);
      perform("comment", number);
    }
  }

  // A cycle has begun, and nothing has been asked for a while: neither by it nor for lines of code.
  void wait_until_quiet() const {
    std::uint64_t before = 0;
    auto changed = std::chrono::steady_clock::now();
    const bool quiet = eventually(interval_ * 2, [&] {
      const std::uint64_t requests = simulator_.requests();
      const auto now = std::chrono::steady_clock::now();
      if (requests != before) changed = now;
      before = requests;
      return requests > 0 && now - changed >= 1s;
    });
    if (!quiet) throw std::runtime_error("no end of requests");
  }

  std::int64_t repositories_;
  std::chrono::seconds interval_;
  TimePoint now_ = faketime_start();
  double cycles_ = 0;
  TemporaryFolder folder_;
  Simulator simulator_;
  std::vector<std::string> active_;
  std::optional<Exporter> exporter_;
};

// Phases build on each other: all of a size are run once, whichever is asked for.
const std::map<std::string, Measured>& measured(std::int64_t repositories) {
  static std::map<std::int64_t, std::map<std::string, Measured>> known;
  auto& out = known[repositories];
  if (!out.empty()) return out;
  // Longer than the longest cycle, with its lines of code, and the work before it.
  const std::map<std::int64_t, std::chrono::seconds> intervals{{100, 4s}, {1'000, 10s}, {10'000, 50s}};
  Watched watched(repositories, intervals.at(repositories));
  for (const Phase& phase : kPhases) out.emplace(phase.name, watched.run(phase));
  return out;
}

void cycle(benchmark::State& state, const Phase& phase, std::int64_t repositories) {
  for (auto _ : state) {
    const Measured* found = nullptr;
    try {
      found = &measured(repositories).at(phase.name);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());  // thrown further it would leave the programs running
      break;
    }
    const Measured& of = *found;
    state.SetIterationTime(of.seconds);
    const auto count = [&](const char* name, std::int64_t value) { state.counters[name] = static_cast<double>(value); };
    count("requests", of.requests.all());
    count("paid", of.requests.paid());
    count("free", of.requests.all() - of.requests.paid());
    const std::pair<const char*, std::vector<const char*>> endpoints[] = {
        {"listing", {endpoint::kRepositories, endpoint::kMoreRepositories}},
        {"commits", {endpoint::kCommits}},
        {"pulls", {endpoint::kPulls}},
        {"reviews", {endpoint::kReviews}},
        {"comments", {endpoint::kComments}},
        {"statistics", {endpoint::kStatistics}},
        {"tokens", {endpoint::kTokens}}};
    for (const auto& [name, paths] : endpoints) {
      std::int64_t all = 0;
      std::int64_t paid = 0;
      for (const char* path : paths) {
        all += of.requests.all(path);
        paid += of.requests.paid(path);
      }
      count(name, all);
      count(fmt::format("{}_paid", name).c_str(), paid);
    }
  }
}

// Named "cycle/1000/idle". The time is the cycle's own, without lines of code, against a GitHub that is not far and has
// no limits; everything else is a number of requests.
const bool kRegistered = [] {
  for (const std::int64_t repositories : {100, 1'000, 10'000}) {
    for (const Phase& phase : kPhases) {
      benchmark::RegisterBenchmark(
          fmt::format("cycle/{}/{}", repositories, phase.name).c_str(),
          [&phase, repositories](benchmark::State& state) { cycle(state, phase, repositories); })
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond)
          ->Iterations(1);
    }
  }
  return true;
}();

}  // namespace
}  // namespace ghstats::harness
