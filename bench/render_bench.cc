// What a scrape costs: time, and allocations as counters (per iteration).
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "allocation_count.h"
#include "exposition/view.h"

namespace ghstats::exposition {
namespace {

using metrics::Format;

const TimePoint kNow = from_unix_seconds(1'790'000'000);
constexpr std::uint64_t kUsersPerRepository = 20;
constexpr std::uint64_t kSeriesPerRow = ActivitySeries::kFamilies;

ledger::Event make_event(std::size_t kind, std::uint64_t row, std::uint64_t serial, TimePoint at) {
  std::string id = std::to_string(1'000'000'000 + serial);
  if (kind == 0) id.insert(0, 40 - id.size(), 'c');
  return {.kind = ledger::kAllEventKinds[kind],
          .repo = RepoId{1 + row / kUsersPerRepository},
          .id = std::move(id),
          .user = "developer-" + std::to_string(row % kUsersPerRepository * 37 % 1000),
          .at = at,
          .version = at};
}

// Every user of every repository with one event of each kind: six series a row.
store::ChangeSet make_world(std::uint64_t series) {
  store::ChangeSet set;
  const std::uint64_t rows = series / kSeriesPerRow;
  for (std::uint64_t repo = 0; repo <= (rows - 1) / kUsersPerRepository; ++repo) {
    set.repositories.push_back(
        {RepoId{1 + repo}, "acme-corporation", "service-" + std::to_string(repo * 7919 % 100'003)});
  }
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::size_t kind = 0; kind < ledger::kEventKinds; ++kind) {
      const std::uint64_t serial = row * ledger::kEventKinds + kind;
      set.events.push_back(make_event(kind, row, serial, kNow - std::chrono::seconds(serial % 40'000)));
    }
  }
  return set;
}

// One more event for every hundredth row.
store::ChangeSet make_change(std::uint64_t series, std::uint64_t round) {
  store::ChangeSet set;
  const std::uint64_t rows = series / kSeriesPerRow;
  for (std::uint64_t row = round % 100; row < rows; row += 100) {
    for (std::size_t kind = 0; kind < ledger::kEventKinds; ++kind) {
      set.events.push_back(make_event(kind, row, 500'000'000 + (round * rows + row) * 5 + kind, kNow));
    }
  }
  return set;
}

std::vector<metrics::Sample> own_samples() {
  std::vector<metrics::Sample> own;
  for (const auto* dependency : {"redis", "amqp", "scheduler", "consumer", "exporter", "github"}) {
    own.push_back({{metrics::Family::kDependencyHealth, {dependency}}, 1});
  }
  own.push_back({{metrics::Family::kStaleness, {}}, 0.25});
  own.push_back({{metrics::Family::kProcessCpu, {"replica-0"}}, 12.5});
  return own;
}

std::size_t bytes_of(const std::vector<Bytes>& parts) {
  std::size_t bytes = 0;
  for (const Bytes& part : parts) bytes += part->size();
  return bytes;
}

std::vector<Bytes> scrape(View& view, bool gzip, const std::vector<metrics::Sample>& own) {
  const Page page = view.render(kNow, Format::kOpenMetrics100, own);
  return gzip ? page.gzip() : page.identity();
}

class AllocationReport {
 public:
  explicit AllocationReport(benchmark::State& state) : state_(state) {}
  // Around what is measured.
  void begin() { before_ = bench::allocations(); }
  void end() {
    const bench::Allocations after = bench::allocations();
    total_.count += after.count - before_.count;
    total_.bytes += after.bytes - before_.bytes;
  }
  ~AllocationReport() {
    using benchmark::Counter;
    state_.counters["allocations"] = Counter(static_cast<double>(total_.count), Counter::kAvgIterations);
    state_.counters["allocated_bytes"] = Counter(static_cast<double>(total_.bytes), Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  bench::Allocations before_;
  bench::Allocations total_;
};

void unchanged(benchmark::State& state, bool gzip) {
  View view({}, kNow);
  view.load(make_world(static_cast<std::uint64_t>(state.range(0))), kNow);
  const auto own = own_samples();
  state.counters["page_bytes"] = static_cast<double>(bytes_of(scrape(view, gzip, own)));
  state.counters["series"] = static_cast<double>(view.series_count());
  AllocationReport report(state);
  for (auto _ : state) {
    report.begin();
    benchmark::DoNotOptimize(scrape(view, gzip, own));
    report.end();
  }
}
void unchanged_text(benchmark::State& state) {
  unchanged(state, false);
}
void unchanged_gzip(benchmark::State& state) {
  unchanged(state, true);
}

// The first scrape after loading finds rendered text, but nothing compressed.
void load_and_first_scrape(benchmark::State& state) {
  const store::ChangeSet world = make_world(static_cast<std::uint64_t>(state.range(0)));
  const auto own = own_samples();
  AllocationReport report(state);
  for (auto _ : state) {
    View view({}, kNow);
    report.begin();
    view.load(world, kNow);
    benchmark::DoNotOptimize(scrape(view, true, own));
    report.end();
  }
}

void first_gzip(benchmark::State& state) {
  const store::ChangeSet world = make_world(static_cast<std::uint64_t>(state.range(0)));
  const auto own = own_samples();
  AllocationReport report(state);
  for (auto _ : state) {
    state.PauseTiming();
    View view({}, kNow);
    view.load(world, kNow);
    state.ResumeTiming();
    report.begin();
    benchmark::DoNotOptimize(scrape(view, true, own));
    report.end();
  }
}

void one_percent_changed(benchmark::State& state, bool gzip) {
  const auto series = static_cast<std::uint64_t>(state.range(0));
  View view({}, kNow);
  view.load(make_world(series), kNow);
  const auto own = own_samples();
  scrape(view, gzip, own);
  std::uint64_t round = 0;
  AllocationReport report(state);
  for (auto _ : state) {
    state.PauseTiming();
    view.apply(make_change(series, round++));
    state.ResumeTiming();
    report.begin();
    benchmark::DoNotOptimize(scrape(view, gzip, own));
    report.end();
  }
}
void one_percent_changed_text(benchmark::State& state) {
  one_percent_changed(state, false);
}
void one_percent_changed_gzip(benchmark::State& state) {
  one_percent_changed(state, true);
}

constexpr std::int64_t kTypical = 60'000;
constexpr std::int64_t kBudget = 1'000'000;  // store.max_series_budget

BENCHMARK(unchanged_text)->Arg(kTypical)->Arg(kBudget)->Unit(benchmark::kMillisecond);
BENCHMARK(unchanged_gzip)->Arg(kTypical)->Arg(kBudget)->Unit(benchmark::kMillisecond);
BENCHMARK(first_gzip)->Arg(kTypical)->Unit(benchmark::kMillisecond);
BENCHMARK(one_percent_changed_text)->Arg(kTypical)->Unit(benchmark::kMillisecond);
BENCHMARK(one_percent_changed_gzip)->Arg(kTypical)->Unit(benchmark::kMillisecond);
BENCHMARK(load_and_first_scrape)->Arg(kTypical)->Arg(kBudget)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ghstats::exposition
