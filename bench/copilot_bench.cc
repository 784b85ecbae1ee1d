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

}  // namespace
}  // namespace ghstats::copilot
