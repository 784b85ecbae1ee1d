// The books of the whole: dispatchers, queue and workers over long random runs.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "async/task_group.h"
#include "async/watch.h"
#include "backfill/testing/backfill_bench.h"

namespace ghstats::backfill {
namespace {

using work::Miss;
using work::Outcome;
using work::Reason;

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;

// Days in the life of two replicas that share a queue and a store.
class BackfillLife {
 public:
  explicit BackfillLife(unsigned seed) : random_(seed) {
    for (int i = 0; i < 2; ++i) {
      dispatchers_.push_back(bench_.dispatcher({.dedup_ttl = 2h, .max_enqueues_per_org_per_minute = 6}));
    }
  }
  ~BackfillLife() {
    for (auto& workers : workers_) stop(workers);
  }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return miss();
      case 4:
        return publish_garbage();
      case 5:
        return toggle(workers_[pick(2)]);
      case 6:
        gate_.bump();
        return bench_.pass();
      case 7:
        barred_ = pick(3) == 0;
        return bench_.pass();
      case 8:
        bench_.pass(std::chrono::hours{pick(4)});  // whatever is left over grows old
        return;
      case 9:
        bench_.queue->publish_error.reset();
        bench_.store->recover();
        if (pick(3) == 0) bench_.queue->publish_error = Error{ErrorCode::kUnavailable, "connection refused"};
        if (pick(3) == 0) bench_.store->fail_every(Verb::kClaim, Error{ErrorCode::kTimeout, "no answer"});
        return;
      default:
        bench_.pass(std::chrono::seconds{pick(400)});
    }
  }

  // enqueued = processed + duplicates + expired + dead-lettered + still queued, in the words of both.
  void check() {
    bench_.pass();  // two looks at something that moves would differ
    const queue::QueueStatus status = bench_.status();
    const testing::Totals& totals = bench_.totals();
    const auto result = [&](std::string_view name) { return totals.of(Family::kBackfillProcessed, name); };
    const std::uint64_t enqueued = totals.of(Family::kBackfillEnqueued) + garbage_;
    ASSERT_EQ(enqueued, result("processed") + result("duplicate") + result("expired") + result("dead_lettered") +
                            status.jobs.messages);
    ASSERT_EQ(enqueued, status.counts.enqueued);
    ASSERT_EQ(result("processed") + result("duplicate"), status.counts.processed);
    ASSERT_EQ(result("expired"), status.counts.expired);
    ASSERT_EQ(result("dead_lettered"), status.counts.dead_lettered);
  }

  // With nothing new and all that works, everything ends.
  void drain() {
    healthy_ = true;
    barred_ = false;
    for (auto& workers : workers_) stop(workers);
    toggle(workers_[0]);
    for (int i = 0; i < 40; ++i) {
      gate_.bump();
      bench_.pass(10min);
    }
  }

  [[nodiscard]] queue::QueueStatus status() { return bench_.status(); }
  [[nodiscard]] const testing::Totals& totals() { return bench_.totals(); }
  [[nodiscard]] std::uint64_t checked_inside() const { return checked_inside_; }

 private:
  using Workers = std::unique_ptr<async::TaskGroup>;

  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }

  void miss() {
    std::vector<Miss> misses;
    for (unsigned i = 1 + pick(10); i > 0; --i) {
      misses.push_back(bench_.miss("repo-" + std::to_string(pick(12)), pick(3) == 0 ? "umbrella" : "acme"));
      misses.back().reason = static_cast<Reason>(pick(2));
    }
    bench_.run(dispatchers_[pick(2)].enqueue(std::move(misses)));
  }

  void publish_garbage() {
    const auto published =
        bench_.run(bench_.queue->publish({.payload = "{\"job_id\":", .created_at = bench_.clock.now()}));
    if (published) ++garbage_;
  }

  void toggle(Workers& workers) {
    if (workers) return stop(workers);
    workers = std::make_unique<async::TaskGroup>(bench_.io.get_executor());
    WorkerEnvironment environment = bench_.environment([this](const Job& job) { return redo(job); });
    environment.not_before = [this](std::string org) -> async::Task<std::optional<std::chrono::nanoseconds>> {
      if (barred_ && org == "acme") co_return 3min;
      co_return std::nullopt;
    };
    workers->spawn([environment = std::move(environment)] { return run_workers(environment, lane_limits(3, 2)); });
    bench_.pass();
  }

  void stop(Workers& workers) {
    if (!workers) return;
    workers->cancel();
    bench_.run(workers->join());
    workers.reset();
  }

  // The books close at this moment, too, in the middle of everything.
  async::Task<Result<Outcome>> redo(Job) {
    const unsigned fate = pick(10);
    const auto status = co_await bench_.queue->status();
    EXPECT_EQ(status->counts.enqueued,
              status->counts.processed + status->counts.expired + status->counts.dead_lettered + status->jobs.messages);
    const auto& totals = bench_.totals();
    EXPECT_EQ(totals.of(Family::kBackfillProcessed, "processed") + totals.of(Family::kBackfillProcessed, "duplicate"),
              status->counts.processed);
    EXPECT_EQ(totals.of(Family::kBackfillProcessed, "dead_lettered"), status->counts.dead_lettered);
    ++checked_inside_;
    if (fate < 3) {
      const Status waited = co_await gate_.wait_beyond(gate_.version());
      if (!waited) co_return fail(waited.error());
    }
    if (healthy_) co_return Outcome::kDone;
    switch (pick(6)) {
      case 0:
        co_return Outcome::kDone;
      case 1:
        co_return Outcome::kAlreadyHealed;
      case 2:
        co_return Outcome::kGone;
      default:
        co_return fail(ErrorCode::kUnavailable, "HTTP 503");
    }
  }

  std::mt19937 random_;
  testing::BackfillBench bench_{{.requeue_delays = {1min, 5min, 30min}, .max_attempts = 3, .max_message_age = 6h},
                                {.capacity = 30}};
  async::Watch gate_{bench_.io.get_executor()};
  bool barred_ = false;
  bool healthy_ = false;
  std::uint64_t garbage_ = 0;
  std::uint64_t checked_inside_ = 0;
  std::vector<Dispatcher> dispatchers_;
  std::array<Workers, 2> workers_;
};

TEST(BackfillAccounting, ClosesAtEveryMomentWhateverHappens) {
  std::map<std::string, std::uint64_t> happened;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BackfillLife life(seed);
    for (int i = 0; i < 400; ++i) {
      life.step();
      life.check();
      if (::testing::Test::HasFailure()) return;
    }
    for (const char* result : {"processed", "duplicate", "failed", "expired", "dead_lettered"}) {
      happened[result] += life.totals().of(Family::kBackfillProcessed, result);
    }
    for (const char* cause : {"org_rate_cap", "global_safety_cap", "publish_failed"}) {
      happened[cause] += life.totals().of(Family::kBackfillDropped, cause);
    }
    happened["deduped"] += life.totals().of(Family::kBackfillDeduped);
    happened["checked inside a job"] += life.checked_inside();
    life.drain();
    life.check();
    EXPECT_EQ(life.status().jobs.messages, 0U);
  }
  // Else the books would close because nothing happened.
  for (const auto& [what, times] : happened) EXPECT_GT(times, 10U) << what;
}

}  // namespace
}  // namespace ghstats::backfill
