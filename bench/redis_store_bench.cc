// The shared store with a real Redis on loopback: writing, loading, following, and what it costs Redis.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>

#include "async/testing/run.h"
#include "exposition/view.h"
#include "redis/reply.h"
#include "store/retell.h"
#include "store/testing/redis_replica.h"

namespace ghstats::store::testing {
namespace {

constexpr std::size_t kMillion = 2000;  // repositories
constexpr std::size_t kTenth = 200;
constexpr std::size_t kUsersPerRepository = 100;
constexpr std::size_t kKinds = 4;  // one event each: with the last event, five series a row
constexpr std::size_t events_in(std::size_t repositories) {
  return repositories * kUsersPerRepository * kKinds;
}

class Bench {
 public:
  explicit Bench(std::size_t repositories) { fill(repositories); }

  template <class T>
  T run(async::Task<Result<T>> task) {
    auto result = async::testing::run(io_, std::move(task), std::chrono::seconds{300});
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }

  Status run_status(async::Task<Status> task) {
    return async::testing::run(io_, std::move(task), std::chrono::seconds{300});
  }

  Authority lead() { return {Role::kLeader, Source::kLeaderScrape, run(replica_.store().begin_leadership())}; }

  // Everybody's events of one kind in one repository.
  [[nodiscard]] std::vector<ledger::Event> events(std::size_t repo, std::size_t kind) {
    std::vector<ledger::Event> out;
    for (std::size_t user = 0; user < kUsersPerRepository; ++user) {
      std::string id = std::to_string(next_id_++);
      if (kind == 0) {
        id.clear();
        while (id.size() < 40) id += "0123456789abcdef"[random_() % 16];
      }
      const auto age = std::chrono::seconds{static_cast<std::int64_t>(random_() % 80'000)};
      out.push_back({ledger::kAllEventKinds[kind], RepoId{1000 + repo}, std::move(id),
                     "some-login-" + std::to_string((repo * 7 + user) % 20'000), now_ - age, now_});
    }
    return out;
  }

  double used_memory() { return memory("used_memory:"); }
  double peak_memory() { return memory("used_memory_peak:"); }

  MetricStore& store() { return replica_.store(); }
  [[nodiscard]] TimePoint now() const { return now_; }
  // Another process, which has loaded nothing yet.
  std::unique_ptr<RedisReplica> another() {
    return std::make_unique<RedisReplica>(io_, clock_, server_.endpoint(), options());
  }
  [[nodiscard]] double fill_seconds() const { return fill_seconds_; }
  [[nodiscard]] double filled_bytes() const { return filled_bytes_; }

 private:
  static RedisStoreOptions options() {
    RedisStoreOptions out;
    out.max_series_budget = 5'000'000;
    return out;
  }

  // A line of INFO memory.
  double memory(std::string_view name) {
    const auto reply = run(replica_.client().execute(redis::Command("INFO", "memory"), std::chrono::seconds{10}));
    const std::string& text = *reply.string();
    double out = 0;
    const char* from = text.data() + text.find(name) + name.size();
    std::from_chars(from, text.data() + text.size(), out);
    return out;
  }

  void fill(std::size_t repositories) {
    const double before = used_memory();
    const Authority authority = lead();
    std::vector<Batch> batches;
    constexpr std::size_t kTogether = 5;  // 2,000 events a batch
    for (std::size_t repo = 0; repo < repositories; repo += kTogether) {
      Batch& batch = batches.emplace_back();
      for (std::size_t i = repo; i < repo + kTogether; ++i) {
        batch.repositories.push_back({RepoId{1000 + i}, "acme", "repository-" + std::to_string(i)});
        for (std::size_t kind = 0; kind < kKinds; ++kind) {
          std::ranges::move(events(i, kind), std::back_inserter(batch.events));
        }
        batch.checkpoints.push_back({RepoId{1000 + i}, CollectionFamily::kReviews, now_});
      }
    }
    const auto start = std::chrono::steady_clock::now();
    for (Batch& batch : batches) run(store().commit(std::move(batch), authority));
    fill_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    filled_bytes_ = used_memory() - before;
  }

  boost::asio::io_context io_;
  SystemClock clock_;
  const TimePoint now_ = clock_.now();
  std::mt19937_64 random_{1};
  std::uint64_t next_id_ = 3'000'000'000;
  redis::testing::RedisServer server_;
  RedisReplica replica_{io_, clock_, server_.endpoint(), options()};
  double fill_seconds_ = 0;
  double filled_bytes_ = 0;
};

// Filled once for all that measure it.
Bench& bench(std::size_t repositories = kMillion) {
  static std::map<std::size_t, std::unique_ptr<Bench>> filled;
  auto& one = filled[repositories];
  if (!one) one = std::make_unique<Bench>(repositories);
  return *one;
}

// 800,000 new events, 2,000 a batch, one batch after the other. Bytes are Redis's, without and with the feed.
void commit_events(benchmark::State& state) {
  for (auto _ : state) state.SetIterationTime(bench().fill_seconds());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * events_in(kMillion)));
  const auto series = static_cast<double>(bench().store().health().active_series);
  state.counters["series"] = series;
  state.counters["redis_bytes_per_event"] = bench().filled_bytes() / static_cast<double>(events_in(kMillion));
  state.counters["redis_bytes_per_series"] = bench().filled_bytes() / series;
}
BENCHMARK(commit_events)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1);

// The same 2,000 events again: what an overlap costs.
void commit_known_events(benchmark::State& state) {
  const Authority authority = bench().lead();
  Batch batch;
  for (std::size_t repo = 0; repo < 5; ++repo) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      std::ranges::move(bench().events(repo, kind), std::back_inserter(batch.events));
    }
  }
  for (auto _ : state) bench().run(bench().store().commit(batch, authority));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * 2000));
}
BENCHMARK(commit_known_events)->UseRealTime()->Unit(benchmark::kMillisecond);

// A replica starts: everything, from an empty process, until it could be scraped.
void load_a_million_series(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto replica = bench().another();
    exposition::View view({}, bench().now());
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    auto snapshot = bench().run(replica->store().snapshot());
    const std::chrono::duration<double, std::milli> read = std::chrono::steady_clock::now() - begin;
    view.load(snapshot.set, bench().now());
    state.PauseTiming();
    state.counters["read_ms"] = read.count();
    state.counters["events"] = static_cast<double>(snapshot.set.events.size());
    state.counters["series"] = static_cast<double>(view.series_count());
    snapshot = {};
    replica.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(load_a_million_series)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

// What another replica has to read and to render after 1,000 series have changed, in ten batches. The argument is the
// number of repositories, 500 series each, on which it must not depend.
void follow_1000_changed_series(benchmark::State& state) {
  Bench& of = bench(static_cast<std::size_t>(state.range(0)));
  const Authority authority = of.lead();
  auto replica = of.another();
  exposition::View view({}, of.now());
  auto snapshot = of.run(replica->store().snapshot());
  view.load(snapshot.set, of.now());
  Cursor cursor = std::exchange(snapshot, {}).next;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t repo = 0; repo < 10; ++repo) {
      Batch batch;
      batch.events = of.events(repo, kKinds - 1);
      of.run(of.store().commit(std::move(batch), authority));
    }
    state.ResumeTiming();
    auto answer = of.run(replica->store().changes(cursor));
    const auto& told = std::get<Changes>(answer);
    view.apply(told.set);
    view.advance(of.now());
    cursor = told.next;
  }
  state.counters["series"] = static_cast<double>(view.series_count());
}
BENCHMARK(follow_1000_changed_series)
    ->Arg(kTenth)
    ->Arg(kMillion)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond)
    ->Iterations(100);

// The leader after Redis came back empty: everything its view remembers, into the new one.
void retell_a_million_series(benchmark::State& state) {
  exposition::View view({}, bench().now());
  view.load(bench().run(bench().store().snapshot()).set, bench().now());
  for (auto _ : state) {
    state.PauseTiming();
    Bench empty(0);
    const Authority authority = empty.lead();
    state.ResumeTiming();
    const Status told = empty.run_status(retell(empty.store(), view.remembered(), authority));
    if (!told) throw std::runtime_error(told.error().message);
  }
}
BENCHMARK(retell_a_million_series)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);

// Seven gauges about each of 100,000 users.
ValueSet report(std::int64_t rank) {
  ValueSet set{.slot = "copilot/acme/users", .samples = {}, .edition = Edition{rank, "2025-10-28"}};
  for (int user = 0; user < 100'000; ++user) {
    for (int number = 0; number < 7; ++number) {
      const auto family =
          static_cast<metrics::Family>(static_cast<int>(metrics::Family::kCopilotInteractions) + number);
      set.samples.push_back(
          {{family, {"acme", "*", "some-login-" + std::to_string(user), "users", "28d", "", "", "", "", ""}},
           static_cast<double>((user * 7 + number + rank) % 1000)});
    }
  }
  return set;
}

// A whole report in one value set, each in place of the one before: written by one replica, then followed by another
// one until the page is rendered, loaded by a third, and what a view remembers of it. Bytes are Redis's.
void replace_a_report(benchmark::State& state) {
  Bench empty(0);
  const Authority authority = empty.lead();
  const double before = empty.used_memory();
  auto follower = empty.another();
  Cursor cursor = empty.run(follower->store().snapshot()).next;
  exposition::View view({}, empty.now());
  exposition::View loaded({}, empty.now());
  const auto took = [&](const char* name, auto work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    state.counters[name] = time.count();
  };
  std::int64_t rank = 0;
  for (auto _ : state) {
    Batch batch;
    batch.value_sets.push_back(report(++rank));
    took("commit_ms", [&] { empty.run(empty.store().commit(std::move(batch), authority)); });
    std::variant<Changes, Resync> answer;
    took("follow_ms", [&] { answer = empty.run(follower->store().changes(cursor)); });
    cursor = std::get<Changes>(answer).next;
    took("apply_ms", [&] {
      view.apply(std::get<Changes>(answer).set);
      view.advance(empty.now());
    });
    Snapshot snapshot;
    took("read_ms", [&] { snapshot = empty.run(follower->store().snapshot()); });
    took("load_ms", [&] { loaded.load(snapshot.set, empty.now()); });
    took("remember_ms", [&] { benchmark::DoNotOptimize(view.remembered()); });
    took("editions_ms", [&] { empty.run(empty.store().editions("copilot/")); });
  }
  state.counters["redis_bytes"] = empty.used_memory() - before;
  state.counters["redis_peak_bytes"] = empty.peak_memory() - before;
}
BENCHMARK(replace_a_report)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

// The leader's hourly work, with nothing to remove.
void collect_garbage(benchmark::State& state) {
  const Authority authority = bench().lead();
  for (auto _ : state) {
    const Status done = bench().run_status(bench().store().collect_garbage(SystemClock().now(), authority));
    if (!done) throw std::runtime_error(done.error().message);
  }
}
BENCHMARK(collect_garbage)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace ghstats::store::testing
