#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <ctime>
#include <filesystem>

#include "async/task_group.h"
#include "async/watch.h"
#include "http/server.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using testing::connect;
using ::testing::HasSubstr;
using testing::RawPeer;
using ::testing::StartsWith;

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

class HttpServerLifecycle : public testing::ServerFixture {
 protected:
  // "/" answers once `open_` was bumped; `entered_` counts the requests that wait.
  Router gated() {
    Router router;
    router.add("GET", "/", [this](ServerRequest) -> async::Task<ServerResponse> {
      ++entered_;
      const auto opened = co_await open_.wait_beyond(0);
      if (!opened) ++cancelled_;
      co_return text_response(200, "text/plain", "done");
    });
    return router;
  }

  async::Watch open_{io_.get_executor()};
  int entered_ = 0;
  int cancelled_ = 0;
};

TEST_F(HttpServerLifecycle, StopFinishesWhatIsInFlightAndRefusesTheRest) {
  start(gated());
  const auto began = std::chrono::steady_clock::now();
  run([](Server* server, async::Watch* open, int* entered, boost::asio::io_context* io) -> async::Task<> {
    auto busy = co_await connect(server->port());
    auto idle = co_await connect(server->port());
    co_await busy.send(kGet);
    const bool running = co_await testing::eventually([&] { return *entered == 1; });
    EXPECT_TRUE(running);
    async::TaskGroup stopping(io->get_executor());
    stopping.spawn([server] { return server->stop(20s); });
    const auto closed = co_await idle.read_to_end();
    EXPECT_EQ(closed, "");
    bool refused = false;
    try {
      co_await connect(server->port());
    } catch (const std::exception&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    open->bump();
    const auto answer = co_await busy.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    co_await stopping.join();
  }(server_.get(), &open_, &entered_, &io_));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(HttpServerLifecycle, StopCancelsAHangingHandlerAfterTheGrace) {
  start(gated());
  run([](Server* server, int* entered, int* cancelled) -> async::Task<> {
    auto peer = co_await connect(server->port());
    co_await peer.send(kGet);
    const bool running = co_await testing::eventually([&] { return *entered == 1; });
    EXPECT_TRUE(running);
    co_await server->stop(30ms);
    EXPECT_EQ(*cancelled, 1);
    const auto rest = co_await peer.read_to_end();
    EXPECT_EQ(rest, "");
  }(server_.get(), &entered_, &cancelled_));
}

TEST_F(HttpServerLifecycle, ACancelledStopEndsAtOnce) {
  start(gated());
  run([](Server* server, int* entered, int* cancelled, boost::asio::io_context* io) -> async::Task<> {
    auto peer = co_await connect(server->port());
    co_await peer.send(kGet);
    const bool running = co_await testing::eventually([&] { return *entered == 1; });
    EXPECT_TRUE(running);
    async::TaskGroup group(io->get_executor());
    group.spawn([server] { return server->stop(1h); });
    co_await async::yield();
    group.cancel();
    co_await group.join();
    EXPECT_EQ(*cancelled, 1);
  }(server_.get(), &entered_, &cancelled_, &io_));
}

TEST_F(HttpServerLifecycle, StopsTwiceAndWhileClientsAreInEveryState) {
  ServerOptions options;
  options.max_connections = 3;
  start(gated(), options);
  run([](Server* server) -> async::Task<> {
    std::vector<RawPeer> peers;
    for (const char* sent : {"", "GET / HT", kGet.c_str(), "", "x"}) {
      peers.push_back(co_await connect(server->port()));
      if (*sent != '\0') co_await peers.back().send(sent);
    }
    co_await async::yield();
    co_await server->stop(5ms);
    co_await server->stop(5ms);
  }(server_.get()));
}

TEST_F(HttpServerLifecycle, ListensOnIpv6AndOnBothFamilies) {
  Router router;
  router.set_fallback(
      [](ServerRequest) -> async::Task<ServerResponse> { co_return text_response(200, "text/plain", "hi"); });
  ServerOptions options;
  options.listen_address = ":0";
  start(router, options);
  const auto port = std::to_string(server_->port());
  EXPECT_TRUE(get("http://127.0.0.1:" + port + "/"));
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(get("http://[::1]:" + port + "/"));
  run(server_->stop(Duration::zero()));
  options.listen_address = "[::1]:0";
  start(router, options);
  EXPECT_TRUE(get("http://[::1]:" + std::to_string(server_->port()) + "/"));
  EXPECT_FALSE(get("http://127.0.0.1:" + std::to_string(server_->port()) + "/"));
}

TEST_F(HttpServerLifecycle, AnAddressInUseIsUnavailableAndNamed) {
  start(Router());
  ServerOptions options;
  options.listen_address = "127.0.0.1:" + std::to_string(server_->port());
  const auto second = Server::listen(io_.get_executor(), options, Router(), log::testing::make_logger(sink_));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr(options.listen_address));
  options.listen_address = "nonsense";
  const auto third = Server::listen(io_.get_executor(), options, Router(), log::testing::make_logger(sink_));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(HttpServerLifecycle, MayBeDestroyedWithItsExecutorWithoutStopping) {
  boost::asio::io_context io;
  ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  auto server = Server::listen(io.get_executor(), options, gated(), log::testing::make_logger(sink_));
  ASSERT_TRUE(server);
  async::testing::run(io, [](std::uint16_t port) -> async::Task<> {
    auto peer = co_await connect(port);
    co_await peer.send("GET");
    co_await async::yield();
  }((*server)->port()));
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// The descriptor that listens on the port.
int listening_descriptor(std::uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    int listening = 0;
    socklen_t size = sizeof(listening);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) continue;
    if (port_of(fd) == port) return fd;
  }
  return -1;
}

// accept() is made to fail by ending the listening behind the server's back. (Taking all file descriptors away does the
// same, but then UBSan cannot look classes up any more.)
TEST_F(HttpServerLifecycle, SurvivesFailingAcceptsWithoutSpinningOrFloodingTheLog) {
  Router router;
  router.set_fallback(
      [](ServerRequest) -> async::Task<ServerResponse> { co_return text_response(200, "text/plain", "hi"); });
  start(std::move(router));
  run([](Server* server, log::testing::MemorySink* sink) -> async::Task<> {
    co_await async::yield();
    const int fd = listening_descriptor(server->port());
    EXPECT_GE(fd, 0);
    shutdown(fd, SHUT_RDWR);
    const bool told = co_await testing::eventually([&] { return !sink->lines().empty(); });
    EXPECT_TRUE(told);
    const std::clock_t cpu = std::clock();
    (void)co_await async::sleep_for(250ms);  // a server that tries again at once would burn all of it
    EXPECT_LT(std::clock() - cpu, CLOCKS_PER_SEC / 10);
    EXPECT_EQ(sink->lines().size(), 1U);
    EXPECT_EQ(listen(fd, 16), 0);
    auto peer = co_await connect(port_of(fd));  // the kernel may choose another port now
    co_await peer.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto answer = co_await peer.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(sink->lines().size(), 2U);
  }(server_.get(), sink_.get()));
}

}  // namespace
}  // namespace ghstats::http
