#include "amqp/confirm_tracker.h"

#include <gtest/gtest.h>

#include <vector>

namespace ghstats::amqp {
namespace {

struct Tracked {
  ConfirmTracker tracker;
  std::vector<std::shared_ptr<Unconfirmed>> messages;

  explicit Tracked(int count) {
    for (int i = 0; i < count; ++i) {
      messages.push_back(std::make_shared<Unconfirmed>());
      tracker.push(messages.back());
    }
  }
  // '.' waits, 'c' confirmed, 'e' error
  [[nodiscard]] std::string state() const {
    std::string out;
    for (const auto& message : messages) out += !message->finished ? '.' : message->error ? 'e' : 'c';
    return out;
  }
};

TEST(ConfirmTracker, ConfirmsOneOrAllUpToOne) {
  Tracked t(6);
  ASSERT_TRUE(t.tracker.ack(2, false));
  EXPECT_EQ(t.state(), ".c....");
  ASSERT_TRUE(t.tracker.ack(4, true));
  EXPECT_EQ(t.state(), "cccc..");
  ASSERT_TRUE(t.tracker.nack(6, true));
  EXPECT_EQ(t.state(), "ccccee");
  EXPECT_EQ(t.messages[5]->error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(t.tracker.outstanding(), 0U);
}

TEST(ConfirmTracker, TagZeroMeansEverything) {
  Tracked t(3);
  ASSERT_TRUE(t.tracker.ack(0, true));
  EXPECT_EQ(t.state(), "ccc");
  EXPECT_TRUE(t.tracker.ack(0, true));
}

TEST(ConfirmTracker, RefusesTagsThatAreNotAwaited) {
  Tracked t(3);
  EXPECT_FALSE(t.tracker.ack(0, false));
  EXPECT_FALSE(t.tracker.ack(4, false));
  EXPECT_FALSE(t.tracker.ack(4, true));
  ASSERT_TRUE(t.tracker.ack(2, false));
  EXPECT_FALSE(t.tracker.ack(2, false));
  ASSERT_TRUE(t.tracker.ack(1, false));
  EXPECT_FALSE(t.tracker.ack(1, true).has_value() && t.tracker.ack(1, false).has_value());
  EXPECT_EQ(t.state(), "cc.");
}

TEST(ConfirmTracker, AReturnedMessageIsAnErrorAlthoughItIsConfirmed) {
  Tracked t(3);
  const auto print = fingerprint("x", "k", {.body = "b"});
  t.messages[0]->mandatory_print = fingerprint("x", "k", {.body = "another"});
  t.messages[1]->mandatory_print = print;
  t.messages[2]->mandatory_print = print;
  t.tracker.returned({.code = 312, .text = "NO_ROUTE", .exchange = "x", .routing_key = "k"}, print);
  ASSERT_TRUE(t.tracker.ack(3, true));
  EXPECT_EQ(t.state(), "cec");
  EXPECT_EQ(t.messages[1]->error->code, ErrorCode::kNotFound);
}

TEST(ConfirmTracker, FailsWhatWaitsAndGoesOnCounting) {
  Tracked t(2);
  ASSERT_TRUE(t.tracker.ack(1, false));
  t.tracker.fail_all({ErrorCode::kUnavailable, "lost"});
  EXPECT_EQ(t.state(), "ce");
  const auto next = std::make_shared<Unconfirmed>();
  t.tracker.push(next);
  ASSERT_TRUE(t.tracker.ack(3, false));
  EXPECT_TRUE(next->finished);
}

TEST(ConfirmTracker, OfThoseUnderWayTheLargestWasTooLarge) {
  Tracked t(4);
  for (const std::size_t i : {0U, 1U, 2U, 3U}) t.messages[i]->body_bytes = i == 1 ? 2000 : 500 + i;
  ASSERT_TRUE(t.tracker.ack(3, false));
  t.tracker.fail_largest({ErrorCode::kTooLarge, "2000 bytes"});
  EXPECT_EQ(t.state(), ".ec.");
  t.tracker.fail_all({ErrorCode::kUnavailable, "the channel is closed"});
  EXPECT_EQ(t.state(), "eece");
  EXPECT_EQ(t.messages[1]->error->code, ErrorCode::kTooLarge);
  EXPECT_EQ(t.messages[3]->error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(t.tracker.outstanding(), 0U);
  t.tracker.fail_largest({ErrorCode::kTooLarge, "nobody"});
}

TEST(ConfirmTracker, WhatWasGivenUpIsStillAwaitedFromTheServer) {
  Tracked t(3);
  ASSERT_TRUE(t.tracker.ack(1, false));
  t.tracker.give_up({ErrorCode::kUnavailable, "blocked"});
  EXPECT_EQ(t.state(), "cee");
  EXPECT_EQ(t.tracker.outstanding(), 2U);
  const auto next = std::make_shared<Unconfirmed>();
  t.tracker.push(next);
  EXPECT_FALSE(t.tracker.ack(1, false));
  ASSERT_TRUE(t.tracker.ack(2, false));
  ASSERT_TRUE(t.tracker.ack(4, true));
  EXPECT_EQ(t.state(), "cee") << "nobody is told twice";
  EXPECT_TRUE(next->finished && !next->error);
  EXPECT_EQ(t.tracker.outstanding(), 0U);
}

}  // namespace
}  // namespace ghstats::amqp
