// Bytes of reports about users to sums, on one core: issue 12 asks for 300 MB/s.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "copilot/report_reader.h"
#include "copilot/testing/examples.h"

namespace ghstats::copilot {
namespace {

constexpr LabelSet kEveryLabel = kIde | kFeature | kLanguage | kModel;

// GitHub's example, for as many users, each on some days.
std::string report_of(int users, int days) {
  std::string body;
  for (int user = 0; user < users; ++user) {
    for (int day = 0; day < days; ++day) {
      std::string line(testing::kUsers1DayExample);
      line.replace(line.find("login1"), 6, "login" + std::to_string(user));
      body += line + "\n";
    }
  }
  return body;
}

void read_users(benchmark::State& state) {
  const std::string body = report_of(2000, 14);
  for (auto _ : state) {
    ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {.breakdowns = static_cast<LabelSet>(state.range(0))});
    for (std::size_t i = 0; i < body.size(); i += 16384) reader.push(std::string_view(body).substr(i, 16384));
    reader.end_file();
    if (reader.counts().taken != 2000 * 14) std::abort();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(read_users)->ArgName("labels")->Arg(0)->Arg(kFeature | kLanguage)->Arg(kEveryLabel);

// One piece of work at the end of a report, during which nothing else runs on its thread.
void add_up_users(benchmark::State& state) {
  ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {});
  reader.push(report_of(static_cast<int>(state.range(0)), 1));
  reader.end_file();
  for (auto _ : state) {
    const auto report = reader.finish();
    if (!report || report->samples.size() < static_cast<std::size_t>(state.range(0))) std::abort();
  }
}
BENCHMARK(add_up_users)->ArgName("users")->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ghstats::copilot
