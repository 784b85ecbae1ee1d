#include "net/stream.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>

#include "async/testing/run.h"
#include "net/resolve.h"
#include "net/testing/certificates.h"
#include "net/testing/child_process.h"
#include "net/testing/fault_proxy.h"

namespace ghstats::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

// Sends back what it gets, over TCP or TLS.
class EchoServer {
 public:
  explicit EchoServer(asio::io_context& io, const testing::TestCertificates* certificates = nullptr)
      : io_(io), acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), tasks_(io.get_executor()) {
    if (certificates != nullptr) {
      tls_.emplace(asio::ssl::context::tls_server);
      tls_->use_certificate_chain(asio::buffer(certificates->server));
      tls_->use_private_key(asio::buffer(certificates->server_key), asio::ssl::context::pem);
    }
    tasks_.spawn([this] { return accept_all(); });
  }
  ~EchoServer() {
    async::testing::run(io_, [this]() -> async::Task<> {
      tasks_.cancel();
      co_await tasks_.join();
    }());
  }
  [[nodiscard]] Endpoint endpoint(std::string host = "127.0.0.1") const {
    return {std::move(host), acceptor_.local_endpoint().port()};
  }

 private:
  async::Task<> accept_all() {
    for (;;) {
      auto [ec, accepted] = co_await acceptor_.async_accept(kUse);
      if (ec) co_return;
      auto socket = std::make_shared<tcp::socket>(std::move(accepted));
      tasks_.spawn([this, socket]() -> async::Task<> {
        if (!tls_) {
          co_await echo(*socket);
          co_return;
        }
        asio::ssl::stream<tcp::socket&> stream(*socket, *tls_);
        const auto [handshake_ec] = co_await stream.async_handshake(asio::ssl::stream_base::server, kUse);
        if (!handshake_ec) co_await echo(stream);
      });
    }
  }

  template <class S>
  static async::Task<> echo(S& stream) {
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto [ec, bytes] = co_await stream.async_read_some(asio::buffer(buffer), kUse);
      const bool stop = co_await async::cancelled();
      if (ec || stop) co_return;
      const auto [write_ec, written] = co_await asio::async_write(stream, asio::buffer(buffer, bytes), kUse);
      if (write_ec) co_return;
    }
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  std::optional<asio::ssl::context> tls_;
  async::TaskGroup tasks_;
};

class StreamTest : public ::testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  // What comes back, until `size` bytes have or the stream has ended.
  static async::Task<std::string> read(Stream& stream, std::size_t size) {
    std::string out;
    std::array<char, 100> buffer{};
    while (out.size() < size) {
      const auto bytes = co_await stream.read_some(buffer);
      if (!bytes) break;
      out.append(buffer.data(), *bytes);
    }
    co_return out;
  }

  std::string echoed(Stream& stream, std::string text) {
    return run([](Stream& s, std::string t) -> async::Task<std::string> {
      const auto written = co_await s.write(t);
      if (!written) co_return written.error().message;
      co_return co_await read(s, t.size());
    }(stream, std::move(text)));
  }

  asio::io_context io_;
};

TEST_F(StreamTest, CarriesBytesOverTcpAndTls) {
  const auto certificates = testing::make_certificates();
  const testing::TemporaryFolder folder;
  testing::write_file(folder.path() / "ca.pem", certificates.authority);
  EchoServer plain(io_);
  EchoServer tls(io_, &certificates);
  const auto over_tcp = run(Stream::connect(plain.endpoint("localhost"), nullptr, 10s));
  ASSERT_TRUE(over_tcp) << over_tcp.error().message;
  EXPECT_EQ(echoed(**over_tcp, "hello"), "hello");
  const auto context = TlsContext::make((folder.path() / "ca.pem").string());
  ASSERT_TRUE(context);
  const auto over_tls = run(Stream::connect(tls.endpoint("localhost"), *context, 10s));
  ASSERT_TRUE(over_tls) << over_tls.error().message;
  const std::string long_text(100'000, 'x');
  EXPECT_EQ(echoed(**over_tls, long_text), long_text);
}

TEST_F(StreamTest, ClosingEndsAWaitingRead) {
  EchoServer server(io_);
  auto stream = run(Stream::connect(server.endpoint(), nullptr, 10s));
  ASSERT_TRUE(stream);
  std::optional<Result<std::size_t>> result;
  async::TaskGroup group(io_.get_executor());
  std::array<char, 10> buffer{};
  group.spawn([&]() -> async::Task<> { result = co_await (*stream)->read_some(buffer); });
  run([&]() -> async::Task<> {
    co_await async::yield();
    (*stream)->close();
    co_await group.join();
  }());
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, ErrorCode::kUnavailable);
}

TEST_F(StreamTest, CancellingIsNotAnEndOfTheConnection) {
  EchoServer server(io_);
  auto stream = run(Stream::connect(server.endpoint(), nullptr, 10s));
  ASSERT_TRUE(stream);
  std::optional<Result<std::size_t>> result;
  async::TaskGroup group(io_.get_executor());
  std::array<char, 10> buffer{};
  group.spawn([&]() -> async::Task<> { result = co_await (*stream)->read_some(buffer); });
  run([&]() -> async::Task<> {
    co_await async::yield();
    group.cancel();
    co_await group.join();
  }());
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, ErrorCode::kCancelled);
}

TEST_F(StreamTest, SaysWhoCouldNotBeReachedAndWhy) {
  const Endpoint nobody{"127.0.0.1", testing::free_port()};
  const auto refused = run(Stream::connect(nobody, nullptr, 10s));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message, "connect to " + to_string(nobody) + ": Connection refused");
  // RFC 6761, 6.4: a name that cannot exist. Without a name server the question may stay unanswered.
  const auto unknown = run(Stream::connect({"no-such-host.invalid", 1}, nullptr, 5s));
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().code == ErrorCode::kUnavailable || unknown.error().code == ErrorCode::kTimeout);
  EXPECT_NE(unknown.error().message.find("no-such-host.invalid"), std::string::npos);
}

TEST_F(StreamTest, AHandshakeThatNobodyAnswersIsGivenUpInTime) {
  EchoServer server(io_);
  testing::FaultProxy proxy(io_, server.endpoint());
  proxy.set_frozen(true);
  const auto context = TlsContext::make("");
  ASSERT_TRUE(context);
  const auto late = run(Stream::connect(proxy.endpoint(), *context, 50ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
}

TEST_F(StreamTest, NoTimeIsTooLittleTime) {
  EchoServer server(io_);
  for (const auto timeout : {0s, -1s}) {
    const auto late = run(Stream::connect(server.endpoint(), nullptr, timeout));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  }
}

TEST_F(StreamTest, ConnectingCanBeCancelledAtAnyMoment) {
  const auto certificates = testing::make_certificates();
  EchoServer server(io_, &certificates);
  const testing::TemporaryFolder folder;
  testing::write_file(folder.path() / "ca.pem", certificates.authority);
  const auto context = TlsContext::make((folder.path() / "ca.pem").string());
  ASSERT_TRUE(context);
  for (int turns = 0; turns < 40; ++turns) {
    std::optional<Result<std::unique_ptr<Stream>>> result;
    async::TaskGroup group(io_.get_executor());
    group.spawn([&]() -> async::Task<> {
      result = co_await Stream::connect(server.endpoint(turns % 2 == 0 ? "localhost" : "127.0.0.1"), *context, 10s);
    });
    run([&]() -> async::Task<> {
      for (int i = 0; i < turns; ++i) co_await async::yield();
      group.cancel();
      co_await group.join();
    }());
    ASSERT_TRUE(result);
    if (!*result) ASSERT_EQ(result->error().code, ErrorCode::kCancelled) << result->error().message;
  }
}

TEST(Resolve, AnAddressIsItsOwnAnswerAndANameIsLookedUp) {
  asio::io_context io;
  const auto six = async::testing::run(io, resolve({"::1", 7}, 1s));
  ASSERT_TRUE(six);
  EXPECT_EQ(*six, (std::vector{tcp::endpoint(asio::ip::make_address("::1"), 7)}));
  const auto localhost = async::testing::run(io, resolve({"localhost", 7}, 10s));
  ASSERT_TRUE(localhost);
  for (const auto& address : *localhost) EXPECT_TRUE(address.address().is_loopback());
}

TEST(TlsContext, NamesTheFileThatIsOfNoUse) {
  const testing::TemporaryFolder folder;
  const auto empty = folder.path() / "empty.pem";
  testing::write_file(empty, "no certificate\n");
  for (const std::string& file : {empty.string(), (folder.path() / "missing.pem").string()}) {
    const auto made = TlsContext::make(file);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(made.error().message.find(file), std::string::npos);
  }
}

}  // namespace
}  // namespace ghstats::net
