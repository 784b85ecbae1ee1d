#include "redis/handshake.h"

#include <gtest/gtest.h>

namespace ghstats::redis {
namespace {

Reply ok() {
  return Reply(std::string("OK"));
}
Reply error(std::string text) {
  return Reply(ServerError{std::move(text)});
}

std::vector<std::string> names(const Introduction& introduction) {
  std::vector<std::string> out;
  for (const auto& command : introduce(introduction)) out.emplace_back(command.name());
  return out;
}

TEST(Handshake, SaysNoMoreThanItMust) {
  EXPECT_EQ(names({}), (std::vector<std::string>{"PING"}));
  EXPECT_EQ(names({.credentials = {.password = "p"}, .db = 3, .client_name = "me"}),
            (std::vector<std::string>{"AUTH", "CLIENT", "SELECT", "PING"}));
  std::string bytes;
  introduce({.client_name = "two words\n"}).front().encode_to(bytes);
  EXPECT_NE(bytes.find("two-words-"), std::string::npos);
}

TEST(Handshake, TellsAWrongPasswordFromAMissingOne) {
  const Introduction with_user{.credentials = {.username = "store", .password = "hunter2"}};
  auto refused = judge(with_user, {error("WRONGPASS invalid username-password pair or user is disabled."),
                                   error("NOAUTH Authentication required.")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(refused.error().message,
            "user 'store' is refused: WRONGPASS invalid username-password pair or user is disabled");

  refused = judge({}, {error("NOAUTH Authentication required.")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(refused.error().message, "the server wants a password: NOAUTH Authentication required");

  refused = judge({.credentials = {.password = "p"}},
                  {error("ERR AUTH <password> called without any password configured for the default user. Are you "
                         "sure your configuration is correct?"),
                   ok()});
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
}

TEST(Handshake, NeverRepeatsThePassword) {
  const Introduction introduction{.credentials = {.username = "store", .password = "hunter2"}};
  for (const char* text :
       {"ERR unknown command 'AUTH', with args beginning with: 'store' 'hunter2' ",
        "ERR unknown command `AUTH`, with args beginning with: `store`, `hun", "ERR hunter2 is bad"}) {
    const auto refused = judge(introduction, {error(text), ok()});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("hun"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  }
}

TEST(Handshake, ServersThatAreNotReadyAreNotBlamedOnTheOperator) {
  const Introduction introduction{.credentials = {.password = "p"}};
  EXPECT_EQ(judge(introduction, {ok(), error("LOADING Redis is loading the dataset in memory")}).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(judge(introduction, {error("ERR max number of clients reached")}).error().code, ErrorCode::kUnavailable);
}

TEST(Handshake, AWrongDatabaseIsTheOperatorsToChange) {
  const Introduction introduction{.db = 99};
  const auto refused = judge(introduction, {error("ERR DB index is out of range"), ok()});
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().message, "database 99 cannot be used: ERR DB index is out of range");
  EXPECT_EQ(judge(introduction, {error("ERR SELECT is not allowed in cluster mode"), ok()}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Handshake, AForbiddenNameIsNoHarm) {
  EXPECT_TRUE(judge({.client_name = "me"}, {error("NOPERM no"), ok()}));
  EXPECT_EQ(judge({}, {error("NOPERM this user has no permissions to run the 'ping' command")}).error().code,
            ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace ghstats::redis
