// How fast the ledger takes in events, and what an event costs.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <memory>
#include <random>

#include "ledger/ledger.h"

namespace ghstats::ledger {
namespace {

constexpr std::size_t kEvents = 1'000'000;
const TimePoint kNow = from_unix_seconds(1'790'000'000);

// A million different events over the last day, told in random order: 20,000 users, each in five of 2,000 repositories,
// so 100,000 rows.
const std::vector<Event>& events() {
  static const std::vector<Event> all = [] {
    std::mt19937_64 random(1);
    std::vector<Event> out;
    out.reserve(kEvents);
    for (std::size_t i = 0; i < kEvents; ++i) {
      const EventKind kind = kAllEventKinds[random() % kEventKinds];
      std::string id = std::to_string(i);
      if (kind == EventKind::kCommit) {
        id.clear();
        while (id.size() < 40) id += "0123456789abcdef"[random() % 16];
      }
      const std::uint64_t user = random() % 20'000;
      const RepoId repo{(user * 7 + random() % 5) % 2000};
      out.push_back({kind, repo, std::move(id), "user" + std::to_string(user),
                     kNow - std::chrono::seconds{static_cast<std::int64_t>(random() % 86'400)}, kNow});
    }
    return out;
  }();
  return all;
}

void insert_all(benchmark::State& state, const std::vector<Event>& all) {
  for (auto _ : state) {
    state.PauseTiming();
    auto ledger = std::make_unique<Ledger>(Ledger::Options{}, kNow);
    state.ResumeTiming();
    for (const Event& event : all) ledger->insert(event);
    state.PauseTiming();
    ledger.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEvents));
}

// As collectors tell them: one repository after the other.
void insert_by_repository(benchmark::State& state) {
  auto all = events();
  std::ranges::sort(all, {}, [](const Event& event) { return to_number(event.repo) * 2654435761U % 2000; });
  insert_all(state, all);
}
BENCHMARK(insert_by_repository)->Unit(benchmark::kMillisecond)->Iterations(4);

// The worst order for every cache.
void insert_shuffled(benchmark::State& state) {
  insert_all(state, events());
}
BENCHMARK(insert_shuffled)->Unit(benchmark::kMillisecond)->Iterations(4);

void insert_known(benchmark::State& state) {
  Ledger ledger({}, kNow);
  for (const Event& event : events()) ledger.insert(event);
  for (auto _ : state) {
    for (const Event& event : events()) ledger.insert(event);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEvents));
}
BENCHMARK(insert_known)->Unit(benchmark::kMillisecond);

// A whole day passes, minute by minute: every event leaves both windows.
void advance_a_day(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    Ledger ledger({}, kNow);
    for (const Event& event : events()) ledger.insert(event);
    state.ResumeTiming();
    for (int minute = 1; minute <= 1500; ++minute) ledger.advance(kNow + std::chrono::minutes{minute});
    benchmark::DoNotOptimize(ledger.take_changed());
  }
}
BENCHMARK(advance_a_day)->Unit(benchmark::kMillisecond);

// Memory of a million events of one user, so that rows and strings do not count.
void bytes_per_event(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    malloc_trim(0);
    const auto before = mallinfo2();
    Ledger ledger({}, kNow);
    Event event{EventKind::kReview, RepoId{1}, {}, "ann", kNow, kNow};
    for (std::size_t i = 0; i < kEvents; ++i) {
      event.id = std::to_string(i);
      event.at = kNow - std::chrono::seconds{static_cast<std::int64_t>(i % 86'400)};
      ledger.insert(event);
    }
    const auto after = mallinfo2();
    bytes = static_cast<double>(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / kEvents;
  }
  state.counters["bytes_per_event"] = bytes;
}
BENCHMARK(bytes_per_event)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace ghstats::ledger
