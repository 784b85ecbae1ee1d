// From the links of a report to its series on /metrics, with the real programs and the memory store.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "harness/copilot_reports.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using Clock = std::chrono::steady_clock;

// One line for each user, as GitHub's documents say, all breakdowns off. It begins when GitHub has the report, which is
// asked for every 50 ms, and ends when the page that shows it has been read.
void until_visible(benchmark::State& state) {
  const auto users = state.range(0);
  std::size_t page_bytes = 0;
  std::size_t peak_bytes = 0;
  for ([[maybe_unused]] auto iteration : state) {
    const TemporaryFolder folder;
    Simulator simulator(folder.path(), {"--org", "acme", "--repos", "1", "--users", "1", "--events", "1"});
    CopilotReports reports(simulator);
    reports.set_up(R"({"owner":"acme","no_report":204})");
    Exporter exporter(folder.path(),
                      {.config = config_for(simulator, {"acme"},
                                            "copilot: {enabled: true, scrape_interval: 50ms, include_org_28d: false, "
                                            "include_org_users_28d: true}\n")});
    if (!exporter.complete_cycle("acme")) state.SkipWithError("no cycle");
    reports.set_up(R"({"owner":"acme","no_report":0,"one_line_per_user":true,"shards":4,"users":)" +
                   std::to_string(users) + "}");
    const auto began = Clock::now();
    std::string page;
    do {
      page = get(exporter.url() + "/metrics", {{"Accept-Encoding", "identity"}}).body;
    } while (page.find("\ngh_copilot_usage_loc_deleted_sum{") == std::string::npos);
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - began).count());
    page_bytes = page.size();
    peak_bytes = exporter.process().peak_resident_bytes();
  }
  state.counters["page_mib"] = static_cast<double>(page_bytes >> 20U);
  state.counters["peak_resident_mib"] = static_cast<double>(peak_bytes >> 20U);
}
BENCHMARK(until_visible)->Arg(1'000)->Arg(100'000)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ghstats::harness
