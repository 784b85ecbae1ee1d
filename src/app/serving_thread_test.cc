#include "app/serving_thread.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "http/client.h"
#include "log/testing/memory_sink.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

class ServingThreadTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ServingThread>> start(std::string address, const Clock* settled = nullptr) {
    ServingOptions options;
    options.settled_clock = settled;
    options.server.listen_address = std::move(address);
    options.program = {"github-stats-exporter", "0.0.0", "/metrics", ""};
    options.replica = "replica-1";
    options.log_lines_dropped = [] { return std::uint64_t{7}; };
    return ServingThread::start(std::move(options), clock_, std::make_shared<health::HealthBoard>(),
                                log::testing::make_logger());
  }

  http::Response get(std::uint16_t port, const std::string& path) {
    http::Request request;
    request.url = "http://127.0.0.1:" + std::to_string(port) + path;
    return *async::testing::run(io_, client_->send(std::move(request)));
  }

  static void stop(ServingThread& serving) {
    std::promise<void> done;
    serving.stop(1s, [&done] { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
  }

  // After all that it was told.
  static std::size_t remembered_events(ServingThread& serving) {
    std::promise<std::size_t> events;
    serving.recall([&events](const store::ChangeSet& set) { events.set_value(set.events.size()); });
    return events.get_future().get();
  }

  [[nodiscard]] store::ChangeSet review(int id) const {
    store::ChangeSet set;
    set.repositories = {{RepoId{1}, "acme", "api"}};
    set.events = {{ledger::EventKind::kReview, RepoId{1}, std::to_string(id), "ann", clock_.now() - 1h, clock_.now()}};
    return set;
  }

  static http::ClientOptions client_options() {
    http::ClientOptions options;
    options.user_agent = "test";
    options.direct = true;
    return options;
  }

  SystemClock clock_;
  boost::asio::io_context io_;
  std::unique_ptr<http::Client> client_ = *http::make_curl_client(io_.get_executor(), client_options());
};

TEST_F(ServingThreadTest, ServesWhatItIsToldWhileItIsTold) {
  auto serving = start("127.0.0.1:0");
  ASSERT_TRUE(serving) << serving.error().message;
  const auto port = (*serving)->port();
  (*serving)->load(review(1), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  // Each scrape overtakes or follows some of the changes, but a scrape after all of them sees all of them.
  for (int id = 2; id <= 50; ++id) {
    (*serving)->apply(review(id), clock_.steady_now());
    if (id % 10 == 0) EXPECT_EQ(get(port, "/metrics").status, 200);
  }
  const std::string page = get(port, "/metrics").body;
  EXPECT_NE(page.find("gh_activity_reviews_submitted_24h{org=\"acme\",repo=\"api\",user=\"ann\"} 50\n"),
            std::string::npos);
  for (const char* own : {"gh_exporter_build_info{", "gh_exporter_metrics_staleness_seconds ",
                          "gh_exporter_dependency_health{dependency=\"exporter\"} ",
                          "gh_exporter_log_lines_dropped_total{replica=\"replica-1\"} 7\n",
                          "process_resident_memory_bytes{replica=\"replica-1\"} "}) {
    EXPECT_NE(page.find(own), std::string::npos) << own;
  }
  stop(**serving);
}

TEST_F(ServingThreadTest, AnswersHealthAndTheLandingPageBeforeThereIsAnything) {
  auto serving = start("127.0.0.1:0");
  ASSERT_TRUE(serving);
  const auto port = (*serving)->port();
  EXPECT_EQ(get(port, "/livez").status, 200);
  EXPECT_EQ(get(port, "/readyz").status, 503);
  EXPECT_EQ(get(port, "/healthz").status, 503);
  EXPECT_EQ(get(port, "/").status, 200);
  EXPECT_EQ(get(port, "/nothing").status, 404);
  stop(**serving);
}

TEST_F(ServingThreadTest, ForgetsByTheSettledClockWhateverItsOwnSays) {
  ghstats::testing::FakeClock settled(clock_.now() - 168h);
  auto serving = start("127.0.0.1:0", &settled);
  ASSERT_TRUE(serving);
  store::ChangeSet old = review(1);
  old.events[0].at = old.events[0].version = settled.now();
  (*serving)->load(old, clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  EXPECT_EQ(remembered_events(**serving), 1U);
  settled.jump(168h);
  (*serving)->apply({}, clock_.steady_now());
  EXPECT_EQ(remembered_events(**serving), 0U);
  stop(**serving);
}

TEST_F(ServingThreadTest, AnAddressInUseIsAnErrorThatNamesIt) {
  auto serving = start("127.0.0.1:0");
  ASSERT_TRUE(serving);
  const std::string address = "127.0.0.1:" + std::to_string((*serving)->port());
  const auto second = start(address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(second.error().message.find(address), std::string::npos) << second.error().message;
  stop(**serving);
}

TEST_F(ServingThreadTest, EndsWithoutStopToo) {
  auto serving = start("127.0.0.1:0");
  ASSERT_TRUE(serving);
  (*serving)->load(review(1), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
}

}  // namespace
}  // namespace ghstats::app
