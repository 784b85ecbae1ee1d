#include "amqp/server_error.h"

#include <gtest/gtest.h>

#include <string>

namespace ghstats::amqp {
namespace {

TEST(ServerError, NamesCodeMethodAndText) {
  const Error error = to_error(CloseMethod{
      .code = 406,
      .text = "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received none but "
              "current is the value '60000' of type 'long'",
      .class_id = 50,
      .method_id = 10});
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_EQ(error.message,
            "PRECONDITION_FAILED (406) at queue.declare: inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': "
            "received none but current is the value '60000' of type 'long'");
}

TEST(ServerError, MapsWhatACallerMayDo) {
  const auto code = [](std::uint16_t reply) { return to_error(CloseMethod{.code = reply}).code; };
  EXPECT_EQ(code(311), ErrorCode::kTooLarge);
  EXPECT_EQ(code(320), ErrorCode::kUnavailable);
  EXPECT_EQ(code(403), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(404), ErrorCode::kNotFound);
  EXPECT_EQ(code(405), ErrorCode::kConflict);
  EXPECT_EQ(code(504), ErrorCode::kInternal);
  EXPECT_EQ(code(506), ErrorCode::kUnavailable);
  EXPECT_EQ(code(530), ErrorCode::kConflict);
  EXPECT_EQ(code(540), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(541), ErrorCode::kUnavailable);
  EXPECT_EQ(code(999), ErrorCode::kInternal);
}

TEST(ServerError, KnowsAMessageThatIsTooLarge) {
  CloseMethod close{.code = 406,
                    .text = "PRECONDITION_FAILED - message size 2000 is larger than configured max size 1000",
                    .class_id = 60,
                    .method_id = 40};
  EXPECT_EQ(to_error(close).code, ErrorCode::kTooLarge);
  EXPECT_EQ(to_error(close).message,
            "PRECONDITION_FAILED (406) at basic.publish: message size 2000 is larger than configured max size 1000");
  close.text = "PRECONDITION_FAILED - invalid expiration";
  EXPECT_EQ(to_error(close).code, ErrorCode::kConflict);
}

TEST(ServerError, IsOneLineThatALogCanBear) {
  EXPECT_EQ(to_error(CloseMethod{.code = 541, .text = "INTERNAL_ERROR"}).message, "INTERNAL_ERROR (541)");
  EXPECT_EQ(to_error(CloseMethod{.code = 999, .text = "a\nb\tc."}).message, "UNKNOWN (999): a b c");
  const auto cut = to_error(CloseMethod{.code = 404, .text = "NOT_FOUND - " + std::string(1000, 'x')}).message;
  EXPECT_EQ(cut, "NOT_FOUND (404): " + std::string(300, 'x') + "...");
  EXPECT_EQ(to_error(CloseMethod{.code = 503, .class_id = 7, .method_id = 8}).message,
            "COMMAND_INVALID (503) at class 7 method 8");
}

TEST(ServerError, SaysWhereAReturnedMessageWasToGo) {
  const Error by_name = to_error(BasicReturn{.code = 312, .text = "NO_ROUTE", .exchange = "", .routing_key = "q"});
  EXPECT_EQ(by_name.code, ErrorCode::kNotFound);
  EXPECT_EQ(by_name.message, "there is no queue 'q': the message was returned: NO_ROUTE (312)");
  EXPECT_EQ(to_error(BasicReturn{.code = 312, .text = "NO_ROUTE", .exchange = "x", .routing_key = "k"}).message,
            "no queue is bound to exchange 'x' for 'k': the message was returned: NO_ROUTE (312)");
}

}  // namespace
}  // namespace ghstats::amqp
