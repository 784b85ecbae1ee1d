#include "amqp/handshake.h"

#include <gmock/gmock.h>

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const ConnectionStart kStart{.mechanisms = "AMQPLAIN PLAIN", .server_properties = {}};

Handshake make(std::chrono::seconds heartbeat = 10s) {
  return Handshake({.credentials = {.username = "user", .password = "s3cret"},
                    .vhost = "v",
                    .connection_name = "name",
                    .heartbeat = heartbeat});
}

Negotiated agree(std::chrono::seconds ours, const ConnectionTune& theirs) {
  auto handshake = make(ours);
  EXPECT_TRUE(handshake.on_method(kStart));
  EXPECT_TRUE(handshake.on_method(theirs));
  EXPECT_FALSE(handshake.done());
  EXPECT_TRUE(handshake.on_method(ConnectionOpenOk{}));
  EXPECT_TRUE(handshake.done());
  return handshake.negotiated();
}

TEST(Handshake, TheSmallerWishCounts) {
  const auto free = agree(10s, {.channel_max = 0, .frame_max = 0, .heartbeat_seconds = 0});
  EXPECT_EQ(free.frame_max, 131072U);
  EXPECT_EQ(free.channel_max, 2047);
  EXPECT_EQ(free.heartbeat, 10s);
  const auto bound = agree(10s, {.channel_max = 7, .frame_max = 4096, .heartbeat_seconds = 5});
  EXPECT_EQ(bound.frame_max, 4096U);
  EXPECT_EQ(bound.channel_max, 7);
  EXPECT_EQ(bound.heartbeat, 5s);
  EXPECT_EQ(agree(10s, {.heartbeat_seconds = 60}).heartbeat, 10s);
  EXPECT_EQ(agree(0s, {.heartbeat_seconds = 60}).heartbeat, 0s);
  EXPECT_EQ(agree(100'000s, {.heartbeat_seconds = 0}).heartbeat, 65535s);
}

TEST(Handshake, LogsInWithPlainAndTellsWhatItUnderstands) {
  auto handshake = make();
  const auto said = handshake.on_method(kStart);
  ASSERT_TRUE(said);
  EXPECT_THAT(*said, HasSubstr(std::string("\0user\0s3cret", 12)));
  for (const char* word : {"connection.blocked", "authentication_failure_close", "publisher_confirms", "name"}) {
    EXPECT_THAT(*said, HasSubstr(word));
  }
}

TEST(Handshake, TellsRefusalsApartAndNeverShowsThePassword) {
  auto handshake = make();
  ASSERT_TRUE(handshake.on_method(kStart));
  const auto login = handshake.on_close({{.code = 403, .text = "ACCESS_REFUSED - no s3cret for you."}});
  EXPECT_EQ(login.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(login.message, "user or password is wrong: ACCESS_REFUSED (403): no <redacted> for you");
  ASSERT_TRUE(handshake.on_method(ConnectionTune{}));
  const auto missing = handshake.on_close({{.code = 530, .text = "NOT_ALLOWED - vhost v not found"}});
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  const auto closed =
      handshake.on_close({{.code = 530, .text = "NOT_ALLOWED - access to vhost 'v' refused for user 'user'"}});
  EXPECT_EQ(closed.code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(closed.message, Not(HasSubstr("'user'")));
  const auto full = handshake.on_close(
      {{.code = 530, .text = "NOT_ALLOWED - access to vhost 'v' refused: connection limit (3) is reached"}});
  EXPECT_EQ(full.code, ErrorCode::kUnavailable);
  EXPECT_EQ(handshake.on_close({{.code = 541, .text = "INTERNAL_ERROR - vhost 'v' is down"}}).code,
            ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace ghstats::amqp
