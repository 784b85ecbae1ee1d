// Clients that hold connections open never keep another from being answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "http/server.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using testing::connect;
using ::testing::EndsWith;
using testing::RawPeer;
using ::testing::StartsWith;

const std::string kScrape = "GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
constexpr std::size_t kPageBytes = 8UL << 20U;  // more than a socket's buffers hold
constexpr int kCrowd = 150;

class HttpServerCrowd : public testing::ServerFixture {
 protected:
  void serve_page(std::size_t bytes, std::size_t places = 20) {
    const auto page = std::make_shared<const std::string>(bytes, 'x');
    Router router;
    router.add("GET", "/metrics", [page](ServerRequest) -> async::Task<ServerResponse> {
      ServerResponse response;
      response.body.push_back(page);
      co_return response;
    });
    ServerOptions options;
    options.max_connections = places;
    start(std::move(router), options);
  }

  // What `from` gets, so many times, on a new connection each time.
  static async::Task<> expect_answers(std::uint16_t port, std::string from, std::size_t page_bytes, int times = 10) {
    for (int i = 0; i < times; ++i) {
      auto peer = co_await connect(port, "127.0.0.1", from);
      co_await peer.send(kScrape);
      const auto head = co_await peer.read_head();
      EXPECT_THAT(head, StartsWith("HTTP/1.1 200 ")) << from << ", " << i;
      const auto body = co_await peer.read_bytes(page_bytes);
      EXPECT_EQ(body.size(), page_bytes);
    }
  }
};

TEST_F(HttpServerCrowd, IdleAndHalfOpenConnectionsGiveWay) {
  serve_page(5);
  run([](std::uint16_t port) -> async::Task<> {
    std::vector<RawPeer> crowd;
    for (int i = 0; i < kCrowd; ++i) {
      crowd.push_back(co_await connect(port));
      if (i % 2 == 0) co_await crowd.back().send("GET /metrics HTTP/1.1\r\nX-Half: open\r\n");
    }
    co_await expect_answers(port, "127.0.0.2", 5);
    co_await expect_answers(port, "127.0.0.1", 5);
    for (RawPeer& peer : crowd) co_await peer.send("X-More: 1\r\n");
    co_await expect_answers(port, "127.0.0.2", 5);
  }(server_->port()));
  ASSERT_EQ(sink_->lines().size(), 1U) << "one warning, not one per connection";
  EXPECT_THAT(sink_->lines()[0], ::testing::HasSubstr("\"places\":20"));
}

TEST_F(HttpServerCrowd, AKeptConnectionOutlivesACrowdFromAnotherAddress) {
  serve_page(5);
  run([](std::uint16_t port) -> async::Task<> {
    auto kept = co_await connect(port, "127.0.0.1", "127.0.0.2");
    std::vector<RawPeer> crowd;
    for (int i = 0; i < kCrowd; ++i) crowd.push_back(co_await connect(port));
    co_await kept.send(kScrape);
    const auto answer = co_await kept.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  }(server_->port()));
}

TEST_F(HttpServerCrowd, ReadersThatTakeAlmostNothingGiveWay) {
  constexpr std::size_t kPlaces = 6;
  serve_page(kPageBytes, kPlaces);
  run([](std::uint16_t port) -> async::Task<> {
    std::vector<RawPeer> crowd;
    for (std::size_t i = 0; i < 3 * kPlaces; ++i) {
      crowd.push_back(co_await connect(port));
      co_await crowd.back().send(kScrape);
      co_await crowd.back().read_bytes(1);
    }
    co_await expect_answers(port, "127.0.0.2", kPageBytes, 3);
    // From their own address as soon as they are late.
    (void)co_await async::sleep_for(300ms);
    co_await expect_answers(port, "127.0.0.1", kPageBytes, 3);
  }(server_->port()));
}

// A copy in the kernel for each reader would be paid for in time and memory, and hide that nobody reads it.
TEST_F(HttpServerCrowd, AnAnswerThatIsNotTakenStaysWhereItIsShared) {
  auto body = std::make_shared<const std::string>(1UL << 20U, 'x');  // less than a socket on this machine would take
  const std::weak_ptr<const std::string> watched = body;
  Router router;
  router.add("GET", "/metrics", [&body](ServerRequest) -> async::Task<ServerResponse> {
    ServerResponse response;
    response.body.push_back(std::move(body));
    co_return response;
  });
  start(std::move(router));
  run([](std::uint16_t port, const std::weak_ptr<const std::string>& alive) -> async::Task<> {
    auto peer = co_await connect(port);
    co_await peer.send(kScrape);
    co_await peer.read_bytes(1);
    EXPECT_FALSE(alive.expired());
  }(server_->port(), watched));
}

TEST_F(HttpServerCrowd, AReaderMustKeepAPaceHoweverSteadilyItReads) {
  ServerOptions options;
  options.idle_timeout = 400ms;
  auto body = std::make_shared<const std::string>(kPageBytes, 'x');
  const std::weak_ptr<const std::string> watched = body;
  Router router;
  router.add("GET", "/metrics", [&body](ServerRequest) -> async::Task<ServerResponse> {
    ServerResponse response;
    response.body.push_back(std::move(body));
    co_return response;
  });
  start(std::move(router), options);
  run([](std::uint16_t port, const std::weak_ptr<const std::string>& alive) -> async::Task<> {
    auto peer = co_await connect(port);
    co_await peer.send(kScrape);
    std::size_t read = 0;
    for (; !alive.expired() && read < 20'000; ++read) {
      co_await peer.read_bytes(1);
      (void)co_await async::sleep_for(1ms);
    }
    EXPECT_TRUE(alive.expired());
  }(server_->port(), watched));
}

TEST_F(HttpServerCrowd, AHeadMustBeCompleteInItsTimeAndMayBeginLater) {
  serve_page(5);
  run(server_->stop(Duration::zero()));
  ServerOptions options;
  options.head_timeout = 100ms;
  Router router;
  router.add("GET", "/metrics",
             [](ServerRequest) -> async::Task<ServerResponse> { co_return text_response(200, "text/plain", "page"); });
  start(std::move(router), options);
  run([](std::uint16_t port) -> async::Task<> {
    auto silent = co_await connect(port);
    auto slow = co_await connect(port);
    co_await slow.send("GET /metrics HTTP/1.1\r\n");
    auto kept = co_await connect(port);
    co_await kept.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto answer = co_await kept.read_head();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    co_await kept.read_bytes(4);
    const auto from_silent = co_await silent.read_to_end();
    EXPECT_EQ(from_silent, "");
    const auto from_slow = co_await slow.read_to_end();
    EXPECT_EQ(from_slow, "");
    // Longer ago than head_timeout; between requests there is more time.
    (void)co_await async::sleep_for(150ms);
    co_await kept.send("GET /metrics HTTP/1.1\r\n");
    (void)co_await async::sleep_for(10ms);
    co_await kept.send("Host: h\r\n\r\n");
    const auto second = co_await kept.read_head();
    EXPECT_THAT(second, StartsWith("HTTP/1.1 200 "));
    co_await kept.read_bytes(4);
    co_await kept.send("GET /metrics HTTP/1.1\r\n");
    const auto rest = co_await kept.read_to_end();
    EXPECT_EQ(rest, "");
  }(server_->port()));
}

}  // namespace
}  // namespace ghstats::http
