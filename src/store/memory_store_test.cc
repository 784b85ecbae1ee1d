#include "store/memory_store.h"

#include "metrics/recorder.h"
#include "store/counting_store.h"
#include "store/testing/store_conformance.h"

namespace ghstats::store::testing {

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
                         ::testing::Values(ConformanceFactory{
                             "memory",
                             [](boost::asio::io_context& io, const Clock& clock, ConformanceLimits limits) {
                               return make_memory_store(
                                   io.get_executor(), clock,
                                   {.max_series_budget = limits.max_series_budget, .feed_length = limits.feed_length});
                             }}),
                         [](const auto& info) { return info.param.name; });

TEST(CountingStore, CountsSuccessAndRefusals) {
  boost::asio::io_context io;
  ghstats::testing::FakeClock clock;
  const auto memory = make_memory_store(io.get_executor(), clock, {.max_series_budget = 1});
  metrics::Recorder recorder;
  const auto counting = make_counting_store(*memory, recorder);
  Batch batch;
  const auto event = [&](std::string user) {
    return ledger::Event{
        ledger::EventKind::kReview, RepoId{1}, user == "ann" ? "1" : "2", user, clock.now(), clock.now()};
  };
  batch.events = {event("ann"), event("bob")};
  async::testing::run(io, counting->commit(batch, {Role::kFollower, Source::kWorkerBackfill, 0}));
  async::testing::run(io, counting->commit({}, {Role::kFollower, Source::kLeaderScrape, 0}));
  async::testing::run(io, counting->commit({}, {Role::kFollower, Source::kReplicaCounters, 0}));
  std::map<std::vector<std::string>, double> counts;
  for (const auto& sample : recorder.take_increments()) counts[sample.key.labels] = sample.value;
  EXPECT_EQ(counts, (std::map<std::vector<std::string>, double>{{{"worker_backfill", "success"}, 1},
                                                                {{"worker_backfill", "refused"}, 1},
                                                                {{"leader_scrape", "refused"}, 1}}));
}

}  // namespace ghstats::store::testing
