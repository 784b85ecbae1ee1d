#include "net/testing/fault_proxy.h"

#include <gtest/gtest.h>

#include <array>

#include "async/testing/run.h"
#include "net/stream.h"
#include "net/testing/eventually.h"

namespace ghstats::net::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

// A proxy in front of a server that keeps what it gets and says what it is told to.
class FaultProxyTest : public ::testing::Test {
 protected:
  FaultProxyTest()
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        proxy_(io_, {"127.0.0.1", acceptor_.local_endpoint().port()}) {}

  void connect() {
    acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket socket) {
      if (!ec) server_.emplace(std::move(socket));
    });
    auto made = run(Stream::connect(proxy_.endpoint(), nullptr, 10s));
    ASSERT_TRUE(made);
    client_ = std::move(*made);
    ASSERT_TRUE(run(eventually([this] { return server_.has_value(); })));
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  // The proxy may be gone already.
  void server_says(const std::string& text) {
    boost::system::error_code ignored;
    asio::write(*server_, asio::buffer(text), ignored);
  }

  // Everything until the end.
  std::string client_hears() {
    return run([this]() -> async::Task<std::string> {
      std::string out;
      std::array<char, 100> buffer{};
      for (;;) {
        const auto bytes = co_await client_->read_some(buffer);
        if (!bytes) co_return out;
        out.append(buffer.data(), *bytes);
      }
    }());
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  FaultProxy proxy_;
  std::unique_ptr<Stream> client_;
  std::optional<tcp::socket> server_;
};

TEST_F(FaultProxyTest, CutsBehindTheWantedByte) {
  for (const auto kind : {Fault::Kind::kClose, Fault::Kind::kReset}) {
    for (const std::size_t after : {0UL, 1UL, 7UL, 9UL}) {
      server_.reset();
      proxy_.set_fault(Fault{.kind = kind, .direction = Direction::kToClient, .after_bytes = after});
      connect();
      server_says("0123456789");
      EXPECT_EQ(client_hears(), std::string("0123456789").substr(0, after));
    }
  }
}

TEST_F(FaultProxyTest, StallsUntilItIsCut) {
  proxy_.set_fault(Fault{.kind = Fault::Kind::kStall, .direction = Direction::kToClient, .after_bytes = 3});
  connect();
  server_says("0123456789");
  ASSERT_TRUE(run(eventually([this] { return proxy_.bytes(Direction::kToClient) == 3; })));
  ASSERT_TRUE(run(client_->write("still open")));
  ASSERT_TRUE(run(eventually([this] { return proxy_.bytes(Direction::kToServer) == 10; })));
  EXPECT_EQ(proxy_.bytes(Direction::kToClient), 3U);
  proxy_.cut();
  (void)client_hears();
  EXPECT_TRUE(run(eventually([this] { return proxy_.open_connections() == 0; })));
}

TEST_F(FaultProxyTest, FreezesAndLosesNothing) {
  connect();
  proxy_.set_frozen(true);
  server_says("later");
  for (int i = 0; i < 20; ++i) run(async::yield());
  EXPECT_EQ(proxy_.bytes(Direction::kToClient), 0U);
  proxy_.set_frozen(false);
  server_->close();
  EXPECT_EQ(client_hears(), "later");
}

TEST_F(FaultProxyTest, RefusesWhenTold) {
  proxy_.set_refusing(true);
  auto made = run(Stream::connect(proxy_.endpoint(), nullptr, 10s));
  if (made) {
    client_ = std::move(*made);
    EXPECT_EQ(client_hears(), "");
  }
  EXPECT_TRUE(run(eventually([this] { return proxy_.accepted() == 1; })));
}

}  // namespace
}  // namespace ghstats::net::testing
