#include "redis/call_queue.h"

#include <gtest/gtest.h>

namespace ghstats::redis {
namespace {

std::shared_ptr<Call> call(std::initializer_list<const char*> names) {
  std::vector<Command> commands;
  for (const char* name : names) commands.emplace_back(name);
  return std::make_shared<Call>(std::move(commands));
}

Reply text(std::string value) {
  return Reply(std::move(value));
}

TEST(CallQueue, MatchesRepliesByTheirOrder) {
  CallQueue queue({});
  const auto first = call({"A", "B"});
  const auto second = call({"C"});
  queue.push(first);
  queue.push(second);
  EXPECT_EQ(queue.take_bytes(1000), "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nC\r\n");
  EXPECT_EQ(queue.waiting_bytes(), 0U);
  ASSERT_TRUE(queue.receive("+a\r\n-ERR b\r\n+"));
  EXPECT_TRUE(first->finished);
  EXPECT_EQ(first->replies, (std::vector{text("a"), Reply(ServerError{"ERR b"})}));
  EXPECT_EQ(first->delivery, Delivery::kAnswered);
  EXPECT_FALSE(second->finished);
  ASSERT_TRUE(queue.receive("c\r\n"));
  EXPECT_EQ(second->replies, (std::vector{text("c")}));
  EXPECT_TRUE(queue.idle());
}

TEST(CallQueue, SendsWholeCallsAndNoMoreThanIsWanted) {
  CallQueue queue({});
  queue.push(call({"A", "B"}));
  queue.push(call({"C"}));
  EXPECT_EQ(queue.take_bytes(1), "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n");
  EXPECT_EQ(queue.waiting_calls(), 1U);
  EXPECT_EQ(queue.take_bytes(1), "*1\r\n$1\r\nC\r\n");
  EXPECT_EQ(queue.take_bytes(1), "");
}

TEST(CallQueue, TakesBackWhatWasNotSentAndSwallowsTheRepliesOfWhatWas) {
  CallQueue queue({});
  const auto sent = call({"A"});
  const auto unsent = call({"B"});
  const auto last = call({"C"});
  queue.push(sent);
  (void)queue.take_bytes(1);
  queue.push(unsent);
  queue.push(last);
  EXPECT_FALSE(queue.abandon(sent));
  EXPECT_TRUE(queue.abandon(unsent));
  EXPECT_EQ(queue.take_bytes(1000), "*1\r\n$1\r\nC\r\n");
  ASSERT_TRUE(queue.receive("+a\r\n+c\r\n"));
  EXPECT_EQ(last->replies, (std::vector{text("c")}));
}

TEST(CallQueue, FailureSaysHowFarEachCallGot) {
  CallQueue queue({});
  const auto half = call({"A", "B"});
  const auto sent = call({"C"});
  const auto unsent = call({"D"});
  queue.push(half);
  queue.push(sent);
  (void)queue.take_bytes(1000);
  queue.push(unsent);
  ASSERT_TRUE(queue.receive("+a\r\n"));
  queue.fail_all({ErrorCode::kTooLarge, "too large"});
  EXPECT_EQ(half->error->code, ErrorCode::kTooLarge);
  EXPECT_EQ(half->delivery, Delivery::kMaybeApplied);
  EXPECT_EQ(sent->error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(sent->error->message, "too large (may have been applied)");
  EXPECT_EQ(unsent->error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(unsent->error->message, "too large (not sent)");
  EXPECT_EQ(unsent->delivery, Delivery::kNotSent);
  EXPECT_TRUE(queue.idle());
}

TEST(CallQueue, AReplyThatNobodyAskedForIsFinal) {
  CallQueue queue({});
  EXPECT_EQ(queue.receive("+surprise\r\n").error().code, ErrorCode::kInvalidData);
  CallQueue refused({});
  const auto status = refused.receive("-ERR max number of clients reached\r\n");
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(status.error().message, "ERR max number of clients reached");
}

TEST(CallQueue, MessagesOfASubscriptionAreNobodysReply) {
  std::vector<std::string> heard;
  CallQueue queue({}, [&](Reply message) { heard.push_back(*(*message.array())[2].string()); });
  const auto subscribe = call({"SUBSCRIBE"});
  queue.push(subscribe);
  (void)queue.take_bytes(1000);
  ASSERT_TRUE(queue.receive("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"));
  EXPECT_TRUE(subscribe->finished);
  const auto ping = call({"PING"});
  queue.push(ping);
  (void)queue.take_bytes(1000);
  ASSERT_TRUE(queue.receive("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n"));
  EXPECT_EQ(heard, (std::vector<std::string>{"hi"}));
  EXPECT_TRUE(ping->finished);
}

TEST(CallQueue, ACallOfNothingIsDone) {
  CallQueue queue({});
  const auto nothing = call({});
  queue.push(nothing);
  EXPECT_TRUE(nothing->finished);
  EXPECT_TRUE(queue.idle());
}

}  // namespace
}  // namespace ghstats::redis
