#include "redis/sentinel_answer.h"

#include <gtest/gtest.h>

namespace ghstats::redis {
namespace {

Reply text(std::string value) {
  return Reply(std::move(value));
}
Reply list(std::vector<std::string> values) {
  Reply::Array out;
  for (auto& value : values) out.push_back(text(std::move(value)));
  return Reply(std::move(out));
}
SentinelAnswer answer(std::string host, std::int64_t epoch) {
  return {.master = {.host = std::move(host), .port = 6379}, .epoch = epoch};
}

TEST(SentinelAnswer, IsAnAddressAndAnEpoch) {
  const auto read = read_sentinel_answer(
      "m", {list({"10.0.0.7", "6380"}), list({"name", "m", "ip", "10.0.0.1", "config-epoch", "12", "quorum", "2"})});
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (SentinelAnswer{.master = {.host = "10.0.0.7", .port = 6380}, .epoch = 12}));
  const auto without = read_sentinel_answer("m", {list({"a", "1"}), Reply(ServerError{"NOPERM no"})});
  ASSERT_TRUE(without);
  EXPECT_EQ(without->epoch, 0);
}

TEST(SentinelAnswer, AnUnknownSetIsTheOperatorsToChange) {
  const auto read = read_sentinel_answer("m", {Reply(), Reply(ServerError{"ERR No such master with that name"})});
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read.error().message, "knows no master set 'm'");
}

TEST(SentinelAnswer, NonsenseIsNoAddress) {
  for (const auto& reply : {list({"a"}), list({"a", "0"}), list({"a", "65536"}), list({"a", "x"}), list({"", "1"}),
                            text("a:1"), Reply(std::int64_t{1})}) {
    const auto read = read_sentinel_answer("m", {reply, Reply()});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
  }
}

TEST(ChooseMaster, FollowsTheNewestConfiguration) {
  EXPECT_EQ(choose_master({answer("old", 3), answer("new", 4), answer("old", 3)}, 3, 3)->master.host, "new");
}

TEST(ChooseMaster, DoesNotFollowAFewThatAreBehind) {
  const auto chosen = choose_master({answer("old", 3)}, 3, 4);
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(choose_master({answer("same", 4)}, 3, 4)->master.host, "same");
}

TEST(ChooseMaster, BelievesMostOfThemEvenWhenTheyWereSetUpAnew) {
  EXPECT_EQ(choose_master({answer("fresh", 0), answer("fresh", 0)}, 3, 4)->master.host, "fresh");
}

TEST(NoSentinelAnswered, NamesThemAllAndTheCodeThatHelpsMost) {
  const Error down{ErrorCode::kUnavailable, "a: refused"};
  const Error unknown{ErrorCode::kInvalidArgument, "b: knows no master set 'm'"};
  const Error locked{ErrorCode::kUnauthenticated, "c: wrong password"};
  EXPECT_EQ(no_sentinel_answered({down, unknown}).code, ErrorCode::kUnavailable);
  EXPECT_EQ(no_sentinel_answered({unknown, unknown}).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(no_sentinel_answered({down, locked}).code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(no_sentinel_answered({down, locked}).message,
            "no Sentinel could tell the master: a: refused; c: wrong password");
}

}  // namespace
}  // namespace ghstats::redis
