// Workers whose jobs do what a script says.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task_group.h"
#include "async/watch.h"
#include "backfill/testing/backfill_bench.h"
#include "backfill/worker.h"

namespace ghstats::backfill::testing {

class WorkerFixture : public ::testing::Test {
 protected:
  // What a job of a repository comes to.
  struct Script {
    Result<work::Outcome> answer = work::Outcome::kDone;
    bool blocks = false;          // until open_gate()
    bool ignores_cancel = false;  // its answer was on the way
  };

  void TearDown() override { stop(); }

  void start(LaneLimits limits = {.jobs = 2, .jobs_per_org = 2}) {
    workers_ = std::make_unique<async::TaskGroup>(bench_.io.get_executor());
    ended_ = false;
    WorkerEnvironment environment = bench_.environment([this](const Job& job) { return redo(job); });
    environment.not_before = [this](std::string org) -> async::Task<std::optional<std::chrono::nanoseconds>> {
      const auto barred = barred_.find(org);
      if (barred == barred_.end() || barred->second <= bench_.clock.steady_now()) co_return std::nullopt;
      co_return barred->second - bench_.clock.steady_now();
    };
    environment.on_health = [this](const Status& health) {
      health_.push_back(health ? "healthy" : health.error().message);
    };
    environment.reconnect.jitter = false;
    environment.consumption = [this] { return consumption({}, role_, *bench_.queue); };
    environment.on_leaving = [this] { health_.emplace_back("leaves"); };
    workers_->spawn([this, environment, limits]() -> async::Task<> {
      co_await run_workers(environment, limits);
      ended_ = true;
    });
    bench_.pass();
  }
  void stop() {
    if (!workers_) return;
    workers_->cancel();
    bench_.run(workers_->join());
    workers_.reset();
  }
  void open_gate() {
    gate_.bump();
    bench_.pass();
  }

  void publish(const std::string& repo, const std::string& org = "acme", int attempt = 1) {
    Job job{.job_id = "job-" + repo, .dedup_key = "k", .org = org, .repo = repo, .reason = work::Reason::kRateLimited};
    job.created_at = bench_.clock.now();
    job.window = {job.created_at - std::chrono::minutes{15}, job.created_at};
    publish_payload(to_message(job), attempt);
  }
  void publish_payload(std::string payload, int attempt = 1) {
    ASSERT_TRUE(bench_.run(
        bench_.queue->publish({.payload = std::move(payload), .created_at = bench_.clock.now(), .attempt = attempt})));
    bench_.pass();
  }

  // The repositories of the jobs that began since the last call.
  std::vector<std::string> begun() { return std::exchange(begun_, {}); }
  double processed(const std::string& repo, const std::string& result, const std::string& org = "acme") {
    return bench_.totals().of({metrics::Family::kBackfillProcessed, {org, repo, result}});
  }
  std::vector<queue::Message> dead() { return *bench_.run(bench_.queue->dead_letters(10)); }

  const Error failure_{ErrorCode::kUnavailable, "list commits of acme/api: HTTP 503"};
  BackfillBench bench_{{.requeue_delays = {std::chrono::minutes{1}, std::chrono::minutes{5}, std::chrono::minutes{30}},
                        .max_attempts = 3}};
  std::map<std::string, Script> scripts_;
  std::map<std::string, SteadyPoint> barred_;  // organisations that must not be asked before
  std::vector<std::string> begun_;
  std::vector<int> attempts_;
  std::vector<std::string> health_;
  std::size_t running_ = 0;
  std::size_t most_running_ = 0;
  bool ended_ = false;
  Role role_ = Role::kLeader;
  async::Watch gate_{bench_.io.get_executor()};
  std::unique_ptr<async::TaskGroup> workers_;

 private:
  async::Task<Result<work::Outcome>> redo(Job job) {
    begun_.push_back(job.repo);
    attempts_.push_back(job.attempt);
    most_running_ = std::max(most_running_, ++running_);
    Status waited;
    if (scripts_[job.repo].blocks) waited = co_await gate_.wait_beyond(gate_.version());
    --running_;
    if (!waited && !scripts_[job.repo].ignores_cancel) co_return fail(waited.error());
    co_return scripts_[job.repo].answer;
  }
};

}  // namespace ghstats::backfill::testing
