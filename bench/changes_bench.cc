// The real program beside ghsim, collecting what changed: the first load of an organisation, then minutes in which
// nothing happens. Issue 13 allows 10,000 repositories at `scrape_interval: 1m` 150 MB and a tenth of a core when idle.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <map>
#include <optional>
#include <stdexcept>

#include "harness/exporter.h"
#include "harness/request_count.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDuration = "gh_exporter_scrape_duration_seconds{org=\"acme\"}";
constexpr const char* kCycles = "gh_exporter_scrape_runs_total{org=\"acme\",result=\"success\"}";
constexpr std::chrono::seconds kInterval{5};  // so that a minute has twelve cycles to measure
constexpr int kIdleCycles = 12;

std::vector<std::string> options(std::int64_t repositories, std::int64_t events) {
  return {"--org",
          "acme",
          "--repos",
          std::to_string(repositories),
          "--users",
          std::to_string(repositories / 10),
          "--events",
          std::to_string(events),
          "--rate-limit",
          "1000000",
          "--graphql-rate-limit",
          "1000000",
          "--no-rate-limit-headers"};
}

class Watched {
 public:
  Watched(std::int64_t repositories, std::int64_t events) : simulator_(folder_.path(), options(repositories, events)) {
    const std::string config = config_for(simulator_, {"acme"}, "health: {github_probe_interval: 1d}\n",
                                          "collection: changes", {}, fmt::format("{}s", kInterval.count()));
    exporter_.emplace(folder_.path(), Exporter::Options{.config = config});
  }

  // Waits until so many cycles have ended; the duration of the last.
  double cycles(double count) {
    double seconds = 0;
    const bool there = eventually(600s, [&] {
      const auto samples = exporter_->samples();
      const auto cycles = samples.find(kCycles);
      if (cycles == samples.end() || cycles->second < count) return false;
      seconds = samples.at(kDuration);
      return true;
    });
    if (!there) throw std::runtime_error(exporter_->process().output());
    return seconds;
  }

  // Requests of GraphQL so far.
  [[nodiscard]] std::int64_t queries() const {
    std::int64_t out = 0;
    for (const char* name : {"Probe", "HeadsSweep", "HeadsByIds", "PullsUpdated", "IssuesUpdated", "CommitsSince",
                             "PullsOfRepos", "IssuesOfRepos", "MoreCommits", "MoreReviews", "MoreComments"}) {
      out += RequestCount::of(simulator_).all(fmt::format("POST /graphql {}", name));
    }
    return out;
  }
  Process& process() { return exporter_->process(); }

 private:
  TemporaryFolder folder_;
  Simulator simulator_;
  std::optional<Exporter> exporter_;
};

// The time is the cycle's own: the first of all, then the last idle one. Lines of code are asked for meanwhile.
void organisation(benchmark::State& state, bool idle) {
  const std::int64_t repositories = state.range(0);
  for (auto _ : state) {
    try {
      Watched watched(repositories, state.range(1));
      double seconds = watched.cycles(1);
      if (idle) {
        const auto spent = watched.process().processor_time();
        const std::int64_t asked = watched.queries();
        seconds = watched.cycles(1 + kIdleCycles);
        const auto each = (watched.process().processor_time() - spent) / kIdleCycles;
        state.counters["processor_ms_a_cycle"] = std::chrono::duration<double, std::milli>(each).count();
        state.counters["queries_a_cycle"] = static_cast<double>(watched.queries() - asked) / kIdleCycles;
      } else {
        state.counters["queries"] = static_cast<double>(watched.queries());
      }
      state.SetIterationTime(seconds);
      state.counters["peak_rss_mb"] = static_cast<double>(watched.process().peak_resident_bytes()) / (1024.0 * 1024.0);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());  // thrown further it would leave the programs running
      break;
    }
  }
}

BENCHMARK_CAPTURE(organisation, first_load, false)
    ->Args({300, 60'000})
    ->Args({1'000, 10'000})
    ->Args({10'000, 20'000})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK_CAPTURE(organisation, idle, true)
    ->Args({1'000, 10'000})
    ->Args({10'000, 20'000})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
}  // namespace ghstats::harness
