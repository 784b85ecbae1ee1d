// One whole sweep of the real program against the simulator on loopback: time and memory.
#include <benchmark/benchmark.h>

#include <stdexcept>

#include "base/time_format.h"
#include "harness/exporter.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

constexpr const char* kDuration = "gh_exporter_scrape_duration_seconds{org=\"acme\"}";

// 1,000 repositories with 10,000 events of the last day, read for the first time by an exporter with default
// concurrency. The time is the cycle's own; `peak_rss_mb` is the exporter's, `requests` what the cycle asked.
void first_sweep(benchmark::State& state) {
  for (auto _ : state) {
    const TemporaryFolder folder;
    Simulator simulator(folder.path(), {"--org", "acme", "--repos", "1000", "--users", "300", "--events", "10000",
                                        "--hours", "24", "--seed", "1", "--no-rate-limit-headers"});
    std::string config = config_for(simulator, {"acme"});
    const std::string interval = "100ms";
    config.replace(config.find(interval), interval.size(), "1h");
    Exporter exporter(folder.path(), {.config = config});
    if (!eventually(std::chrono::seconds{120}, [&] { return exporter.samples().contains(kDuration); })) {
      throw std::runtime_error("no cycle ended: " + exporter.process().output());
    }
    const auto samples = exporter.samples();
    state.SetIterationTime(samples.at(kDuration));
    state.counters["peak_rss_mb"] = static_cast<double>(exporter.process().peak_resident_bytes()) / (1024.0 * 1024.0);
    double requests = 0;
    double events = 0;
    for (const auto& [series, value] : samples) {
      if (series.starts_with("gh_exporter_github_requests_total")) requests += value;
      const bool gauge = series.starts_with("gh_activity_") && !series.starts_with("gh_activity_last_event");
      if (gauge) events += value;
    }
    state.counters["requests"] = requests;
    state.counters["events"] = events;
  }
}
BENCHMARK(first_sweep)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace ghstats::harness
