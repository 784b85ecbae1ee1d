#include <gtest/gtest.h>

#include "redis/testing/redis_fixture.h"

namespace ghstats::redis {
namespace {

using namespace std::chrono_literals;
using testing::kLong;
using testing::RedisServer;
using testing::text;
using testing::TlsFiles;

class ConnectionTls : public testing::RedisFixture {
 protected:
  static std::shared_ptr<net::TlsContext> trusting(const std::string& ca_file) {
    auto made = net::TlsContext::make(ca_file);
    if (!made) throw std::runtime_error(made.error().message);
    return *made;
  }
};

TEST_F(ConnectionTls, SpeaksToAServerOfATrustedAuthority) {
  const TlsFiles files(net::testing::make_certificates());
  RedisServer server(files.config());
  auto& connection = open(server.endpoint(), {.tls = trusting(files.authority())});
  const std::string big(3UL << 20U, 'x');
  ASSERT_TRUE(ask(connection, "SET", "big", big));
  EXPECT_EQ(ask(connection, "GET", "big"), text(big));
  // By name, too: SNI and the name in the certificate.
  auto& named = open({"localhost", server.port()}, {.tls = trusting(files.authority())});
  EXPECT_EQ(ask(named, "STRLEN", "big"), testing::number(3 << 20));
}

TEST_F(ConnectionTls, PipelinesInBothDirectionsAtOnce) {
  const TlsFiles files(net::testing::make_certificates());
  RedisServer server(files.config());
  auto& connection = open(server.endpoint(), {.tls = trusting(files.authority())});
  int right = 0;
  async::TaskGroup group(io_.get_executor());
  for (int i = 0; i < 500; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      const std::string value = std::to_string(i) + std::string(static_cast<std::size_t>(i) * 50, 'v');
      const auto reply = co_await connection.execute(Command("ECHO", value), kLong);
      if (reply == text(value)) ++right;
    });
  }
  run(group.join());
  EXPECT_EQ(right, 500);
}

TEST_F(ConnectionTls, RefusesAnAuthorityItDoesNotTrust) {
  const TlsFiles files(net::testing::make_certificates());
  const TlsFiles others(net::testing::make_certificates("another CA"));
  RedisServer server(files.config());
  for (const std::string& trusted : {others.authority(), std::string()}) {  // another one; the system's
    const auto refused = try_open(server.endpoint(), {.tls = trusting(trusted)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(refused.error().message.find("connect to 127.0.0.1:"), 0U);
    EXPECT_NE(refused.error().message.find("TLS: the server's certificate is not accepted for '127.0.0.1': "),
              std::string::npos)
        << refused.error().message;
  }
}

TEST_F(ConnectionTls, RefusesACertificateForSomebodyElse) {
  const TlsFiles files(net::testing::make_certificates("ghstats test CA", "DNS:redis.example,IP:127.0.0.2"));
  RedisServer server(files.config());
  for (const auto& [host, why] : {std::pair<std::string, std::string>{"127.0.0.1", "IP address mismatch"},
                                  std::pair<std::string, std::string>{"localhost", "hostname mismatch"}}) {
    const auto refused = try_open({host, server.port()}, {.tls = trusting(files.authority())});
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(refused.error().message.find(why), std::string::npos) << refused.error().message;
  }
}

TEST_F(ConnectionTls, PlainAndTlsDoNotMixAndDoNotHang) {
  const TlsFiles files(net::testing::make_certificates());
  RedisServer tls(files.config());
  RedisServer plain;
  EXPECT_FALSE(run(Connection::open(tls.endpoint(), {}, 200ms)));
  // A plain server waits for the end of a line that never comes.
  const auto refused = run(Connection::open(plain.endpoint(), {.tls = trusting(files.authority())}, 200ms));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(refused.error().message, "connect to " + to_string(plain.endpoint()) + ": TLS: no answer in time");
}

}  // namespace
}  // namespace ghstats::redis
