// What /metrics does when memory runs out: a 503, never a wrong number, never the end of the program.
// Under TSan, which brings an operator new of its own, there is nothing of it.
#if defined(__has_feature) && !__has_feature(thread_sanitizer)
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <future>
#include <new>

#include "app/serving_thread.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "http/client.h"
#include "log/testing/memory_sink.h"

namespace {

// Allocations of so many bytes and more fail: pages do not fit, what answers does.
std::atomic<std::size_t> too_many_bytes = SIZE_MAX;

void* try_allocate(std::size_t bytes) noexcept {
  return bytes < too_many_bytes ? std::malloc(bytes == 0 ? 1 : bytes) : nullptr;
}

void* allocate(std::size_t bytes) {
  void* memory = try_allocate(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
  return allocate(bytes);
}
void* operator new[](std::size_t bytes) {
  return allocate(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return try_allocate(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return try_allocate(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShortOf = 24UL << 10U;

class ServingThreadMemory : public ::testing::Test {
 protected:
  ServingThreadMemory() {
    ServingOptions options;
    options.server.listen_address = "127.0.0.1:0";
    options.program = {"github-stats-exporter", "0.0.0", "/metrics", ""};
    options.settled_clock = &settled_;
    serving_ = *ServingThread::start(std::move(options), clock_, std::make_shared<health::HealthBoard>(),
                                     log::testing::make_logger(sink_));
  }
  ~ServingThreadMemory() override {
    too_many_bytes = SIZE_MAX;
    std::promise<void> done;
    serving_->stop(1s, [&done] { done.set_value(); });
    done.get_future().wait();
  }

  http::Response get() {
    http::Request request;
    request.url = "http://127.0.0.1:" + std::to_string(serving_->port()) + "/metrics";
    return *async::testing::run(io_, client_->send(std::move(request)));
  }

  // One review each of so many people.
  [[nodiscard]] store::ChangeSet reviews(int people) const {
    store::ChangeSet set;
    set.repositories = {{RepoId{1}, "acme", "api"}};
    for (int i = 0; i < people; ++i) {
      const std::string number = std::to_string(i);
      set.events.push_back(
          {ledger::EventKind::kReview, RepoId{1}, number, "person-" + number, clock_.now() - 1h, clock_.now()});
    }
    return set;
  }

  static std::size_t count(const std::string& page) {
    std::size_t lines = 0;
    const std::string line = "gh_activity_reviews_submitted_24h{";
    for (auto at = page.find(line); at != std::string::npos; at = page.find(line, at + 1)) ++lines;
    return lines;
  }

  static http::ClientOptions client_options() {
    http::ClientOptions options;
    options.user_agent = "test";
    options.direct = true;
    return options;
  }

  SystemClock clock_;
  const ghstats::testing::FakeClock settled_{clock_.now() - 168h};
  boost::asio::io_context io_;
  std::unique_ptr<http::Client> client_ = *http::make_curl_client(io_.get_executor(), client_options());
  std::shared_ptr<log::testing::MemorySink> sink_ = std::make_shared<log::testing::MemorySink>();
  std::unique_ptr<ServingThread> serving_;
};

TEST_F(ServingThreadMemory, APageThatCannotBeCompressedIsA503AndNothingIsLost) {
  serving_->load(reviews(1000), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  EXPECT_EQ(get().status, 200);  // it is loaded
  too_many_bytes = kShortOf;
  EXPECT_EQ(get().status, 503);
  EXPECT_FALSE(serving_->is_lost());
  too_many_bytes = SIZE_MAX;
  const auto page = get();
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(count(page.body), 1000U);
}

TEST_F(ServingThreadMemory, AViewThatCannotTakeInAChangeIsNeverShownAndCanBeLoadedAgain) {
  serving_->load(reviews(10), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  EXPECT_EQ(get().status, 200);
  store::ChangeSet many = reviews(2000);
  store::ChangeSet more = reviews(3000);
  too_many_bytes = kShortOf;
  serving_->apply(std::move(many), clock_.steady_now());
  EXPECT_EQ(get().status, 503);
  EXPECT_TRUE(serving_->is_lost());
  too_many_bytes = SIZE_MAX;
  serving_->apply(std::move(more), clock_.steady_now());
  EXPECT_EQ(get().status, 503) << "a change is not enough";
  serving_->load(reviews(3000), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  EXPECT_FALSE(serving_->is_lost());
  const auto page = get();
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(count(page.body), 3000U);
}

TEST_F(ServingThreadMemory, AViewThatIsMadeAnewForgetsByTheSettledClockToo) {
  serving_->load(reviews(10), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  store::ChangeSet many = reviews(2000);
  store::ChangeSet old = reviews(1);
  old.events[0].at = old.events[0].version = settled_.now();
  EXPECT_EQ(get().status, 200);
  too_many_bytes = kShortOf;
  serving_->apply(std::move(many), clock_.steady_now());
  EXPECT_EQ(get().status, 503);
  too_many_bytes = SIZE_MAX;
  serving_->load(std::move(old), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  std::promise<std::size_t> events;
  serving_->recall([&events](const store::ChangeSet& set) { events.set_value(set.events.size()); });
  EXPECT_EQ(events.get_future().get(), 1U);
}

}  // namespace
}  // namespace ghstats::app

#endif
