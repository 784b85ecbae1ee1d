// What a cycle missed is done again by the same process, and every job is accounted for.
#include <gtest/gtest.h>

#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/samples.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

std::string difference(const Exporter& exporter, const Simulator& simulator) {
  const auto now = std::chrono::system_clock::now();
  return differences(activity(exporter.samples(), now), simulator.truth(now));
}

struct Missed {
  std::string name;
  std::string path;
  std::string result;  // of the cycle
  std::string reason;  // of the job
};

void PrintTo(const Missed& missed, std::ostream* out) {
  *out << missed.name;
}

class Backfill : public ::testing::TestWithParam<Missed> {};

TEST_P(Backfill, RedoesWhatWasMissedBeforeTheNextCycle) {
  const TemporaryFolder folder;
  Simulator simulator(folder.path(), {"--org", "acme", "--no-rate-limit-headers"});
  simulator.perform(R"([{"type":"add_repository","org":"acme","name":"alpha"},
                        {"type":"add_repository","org":"acme","name":"beta"}])");
  simulator.work({"acme/alpha", "acme/beta"}, 1);
  // Two requests of the cycle and two of the first delivery fail.
  simulator.add_faults(R"([{"match":{"path_regex":")" + GetParam().path + R"("},"times":4,"action":{"status":502}}])");
  const Exporter exporter(folder.path(),
                          {.config = config_for(simulator, {"acme"}, "backfill: {requeue_delays: [200ms]}\n", "",
                                                "max_attempts: 2", "1h")});
  EXPECT_EQ(complaints_after(15s, [&] { return difference(exporter, simulator); }), "");
  const auto count = [&](const std::string& family, const Labels& labels) {
    return sum_of(exporter.samples(), family, labels);
  };
  EXPECT_TRUE(eventually(
      5s, [&] { return count("gh_exporter_backfill_jobs_processed_total", {{"result", "processed"}}) == 1; }));
  EXPECT_EQ(count("gh_exporter_backfill_jobs_processed_total", {{"result", "failed"}}), 1);
  EXPECT_EQ(count("gh_exporter_backfill_jobs_processed_total", {}), 2);
  EXPECT_EQ(count("gh_exporter_backfill_jobs_enqueued_total", {{"reason", GetParam().reason}}), 1);
  EXPECT_EQ(count("gh_exporter_backfill_jobs_enqueued_total", {}), 1);
  EXPECT_EQ(count("gh_exporter_scrape_runs_total", {{"result", GetParam().result}}), 1);
  EXPECT_EQ(count("gh_exporter_scrape_runs_total", {}), 1) << "there was one cycle";
}

INSTANTIATE_TEST_SUITE_P(
    Misses, Backfill,
    ::testing::Values(Missed{"listing", "^/orgs/acme/repos$", "failure", "scrape_error"},
                      Missed{"commits", "^/repos/acme/alpha/commits$", "partial", "activity_commits_failed"},
                      Missed{"pulls", "^/repos/acme/alpha/pulls$", "partial", "activity_pulls_failed"},
                      Missed{"reviews", "^/repos/acme/alpha/pulls/1/reviews$", "partial", "activity_reviews_failed"},
                      Missed{"comments", "^/repos/acme/alpha/issues/comments$", "partial",
                             "activity_issue_comments_failed"}),
    [](const auto& info) { return info.param.name; });

TEST(BackfillAccounting, ClosesAfterALivelyMinute) {
  const std::vector<std::string> repositories = {"acme/a", "acme/b", "acme/c", "globex/d", "globex/e"};
  const TemporaryFolder folder;
  Simulator simulator(folder.path(), {"--orgs", "2", "--org", "acme", "--org", "globex"});
  for (const auto& repository : repositories) {
    const auto slash = repository.find('/');
    simulator.perform(R"({"type":"add_repository","org":")" + repository.substr(0, slash) + R"(","name":")" +
                      repository.substr(slash + 1) + "\"}");
  }
  // Jobs are many and short-lived: some are done, some are not needed any more, some are given up, some grow too old
  // while their organisation must wait for a limit, and some are not queued at all.
  Exporter exporter(folder.path(), {.config = config_for(simulator, {"acme", "globex"},
                                                         "backfill: {requeue_delays: [100ms, 300ms], max_attempts: 2, "
                                                         "dedup_ttl: 500ms, coalesce_window: 1s, max_message_age: 3s, "
                                                         "max_enqueues_per_org_per_minute: 20}\n",
                                                         "request_timeout: 1s\n  unhealthy_failure_threshold: 1000000",
                                                         "max_attempts: 1", "200ms")});
  const auto begin = std::chrono::steady_clock::now();
  for (int round = 1; std::chrono::steady_clock::now() < begin + 40s; ++round) {
    simulator.work(repositories, round);
    simulator.clear_faults();
    if (round % 8 == 4) {
      simulator.add_faults(R"([{"match":{"path_regex":"^/repos/acme/"},"times":1,)"
                           R"("action":{"secondary_limit":true,"retry_after":5}}])");
    }
    // Rounds without trouble let jobs be done.
    if (round % 4 != 0) {
      simulator.add_faults(R"([{"match":{"path_regex":"^/repos/"},"probability":0.2,"action":{"status":502}},
                               {"match":{"path_regex":"^/repos/"},"probability":0.1,"action":{"reset":true}},
                               {"match":{"path_regex":"^/repos/"},"probability":0.1,"action":{"cut_after_bytes":700}},
                               {"match":{"path_regex":"^/orgs/"},"probability":0.2,"action":{"body_not_json":true}}])");
    }
    eventually(1s, [] { return false; });  // a second of life
  }
  simulator.clear_faults();
  EXPECT_EQ(complaints_after(30s, [&] { return difference(exporter, simulator); }), "");
  Samples page;
  const auto waiting = [&] { return sum_of(page, "gh_exporter_queue_depth", {{"queue", "gh.backfill.jobs"}}); };
  ASSERT_TRUE(eventually(20s, [&] {
    page = exporter.samples();
    return waiting() == 0;
  }));
  const auto ended = [&](const std::string& result) {
    return sum_of(page, "gh_exporter_backfill_jobs_processed_total", {{"result", result}});
  };
  const auto balance = [&] {
    page = exporter.samples();
    const double in = sum_of(page, "gh_exporter_backfill_jobs_enqueued_total");
    const double out = ended("processed") + ended("duplicate") + ended("expired") + ended("dead_lettered") + waiting();
    return in == out ? std::string() : std::to_string(in) + " in, " + std::to_string(out) + " out\n";
  };
  EXPECT_EQ(complaints_after(5s, balance), "");
  for (const std::string result : {"processed", "duplicate", "failed", "expired", "dead_lettered"}) {
    EXPECT_GT(ended(result), 0) << result;
  }
  EXPECT_GT(sum_of(page, "gh_exporter_backfill_enqueues_dropped_total", {{"reason", "org_rate_cap"}}), 0);
  EXPECT_GT(sum_of(page, "gh_exporter_backfill_jobs_deduped_total"), 0);
  EXPECT_EQ(sum_of(page, "gh_exporter_queue_depth", {{"queue", "gh.backfill.dlq"}}), ended("dead_lettered"));
  EXPECT_EQ(simulator.forbidden(), "");
  EXPECT_TRUE(exporter.process().running());
}

}  // namespace
}  // namespace ghstats::harness
