// A replica without its process: a scripted GitHub, a store that can fail, and a clock of its own.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/health_monitor.h"
#include "app/job_desk.h"
#include "app/organisation.h"
#include "app/shared_queue.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "http/testing/fake_client.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::app::testing {

// 'acme' with the repository 'api' (1); jobs in memory. What is not scripted with github() is an error.
class ReplicaFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    config::Org org;
    org.org = "acme";
    org.token = config::Secret("ghp_SECRET");
    org.scrape_interval = std::chrono::minutes{1};
    config_.github.orgs = {org};
    config_.retry.max_attempts = 1;
    auto made = Organisation::make(door_, config_, org);
    ASSERT_TRUE(made) << made.error().message;
    organisations_.push_back(*std::move(made));
    github(200, "/repositories/1", kRepository);
  }

  void github(int status, const std::string& path, const std::string& body) {
    client_.on_get("https://api.github.com" + path).reply(status, body);
  }

  // With what config_ says when it is first asked for.
  CopilotDesk& copilot() {
    if (!copilot_) {
      copilot_ = *CopilotDesk::make({.door = door_,
                                     .store_returned = returned_,
                                     .recorder = recorder_,
                                     .clock = clock_,
                                     .health = health_,
                                     .organisations = organisations_,
                                     .logger = logger_,
                                     .wait = time_.waiter()},
                                    config_);
    }
    return *copilot_;
  }

  JobDesk& desk() {
    if (!desk_) {
      queue_ = *make_job_queue(io_.get_executor(), clock_, config_, "replica", recorder_, logger_);
      desk_ = std::make_unique<JobDesk>(JobDeskEnvironment{.store = store_,
                                                           .store_returned = returned_,
                                                           .recorder = recorder_,
                                                           .clock = clock_,
                                                           .queue = *queue_,
                                                           .health = health_,
                                                           .loc_memory = loc_memory_,
                                                           .organisations = organisations_,
                                                           .copilot = copilot(),
                                                           .logger = logger_,
                                                           .sleep = time_.sleeper()},
                                        config_);
    }
    return *desk_;
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  // The labels under which `family` counted since the store was told last, one for each series.
  std::vector<std::vector<std::string>> counted(metrics::Family family) {
    std::vector<std::vector<std::string>> out;
    auto increments = recorder_.take_increments();
    for (const auto& sample : increments) {
      if (sample.key.family == family && sample.value > 0) out.push_back(sample.key.labels);
    }
    recorder_.put_back(std::move(increments));
    return out;
  }

  static constexpr const char* kRepository =
      R"({"id":1,"name":"api","full_name":"acme/api","fork":false,"pushed_at":"2026-01-01T00:00:00Z"})";

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  async::testing::ClockedSleeper time_{io_, clock_};
  http::testing::FakeClient client_;
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  async::Watch returned_{io_.get_executor()};
  metrics::Recorder recorder_;
  HealthMonitor health_{clock_, health::ReadinessPolicy::kServe};
  RateGates gates_;
  github::ConditionalCache answers_;
  activity::LocMemory loc_memory_;
  config::Config config_;
  std::vector<std::unique_ptr<Organisation>> organisations_;
  DoorEnvironment door_{io_.get_executor(),
                        client_,
                        clock_,
                        logger_,
                        [](const github::Attempt&) {},
                        gates_,
                        answers_,
                        std::make_shared<RemoteClock>()};
  std::unique_ptr<CopilotDesk> copilot_;
  std::unique_ptr<queue::JobQueue> queue_;
  std::unique_ptr<JobDesk> desk_;
};

}  // namespace ghstats::app::testing
