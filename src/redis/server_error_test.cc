#include "redis/server_error.h"

#include <gtest/gtest.h>

#include "redis/reply.h"

namespace ghstats::redis {
namespace {

ErrorCode code(const std::string& text) {
  return to_error(ServerError{text}).code;
}

TEST(ServerError, BecomesACodeThatSaysWhatToDo) {
  EXPECT_EQ(code("READONLY You can't write against a read only replica."), ErrorCode::kUnavailable);
  EXPECT_EQ(code("LOADING Redis is loading the dataset in memory"), ErrorCode::kUnavailable);
  EXPECT_EQ(code("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
            ErrorCode::kUnavailable);
  EXPECT_EQ(code("OOM command not allowed when used memory > 'maxmemory'."), ErrorCode::kUnavailable);
  EXPECT_EQ(code("BUSY Redis is busy running a script."), ErrorCode::kUnavailable);
  EXPECT_EQ(code("ERR max number of clients reached"), ErrorCode::kUnavailable);
  EXPECT_EQ(code("WRONGPASS invalid username-password pair or user is disabled."), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code("NOAUTH Authentication required."), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code("NOPERM this user has no permissions to run the 'get' command"), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code("NOSCRIPT No matching script. Please use EVAL."), ErrorCode::kNotFound);
  EXPECT_EQ(code("ERR Function not found"), ErrorCode::kNotFound);
  EXPECT_EQ(code("WRONGTYPE Operation against a key holding the wrong kind of value"), ErrorCode::kConflict);
  EXPECT_EQ(code("BUSYGROUP Consumer Group name already exists"), ErrorCode::kConflict);
  EXPECT_EQ(code("MOVED 3999 127.0.0.1:6381"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("ERR DB index is out of range"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("ERR syntax error"), ErrorCode::kInternal);
  EXPECT_EQ(code("OOMPH a script's own word"), ErrorCode::kInternal);
  EXPECT_EQ(code(""), ErrorCode::kInternal);
}

TEST(ServerError, KeepsTheServersWordsWithinALine) {
  EXPECT_EQ(to_error({"NOAUTH Authentication required."}).message, "NOAUTH Authentication required");
  EXPECT_EQ(to_error({"MOVED 1 a:1"}).message, "Redis Cluster is not supported: MOVED 1 a:1");
  EXPECT_LT(to_error({"ERR " + std::string(100'000, 'x')}).message.size(), 400U);
}

TEST(ServerError, IsSeenInsideATransactionToo) {
  const Reply refused(ServerError{"READONLY no"});
  EXPECT_TRUE(says_read_only(refused));
  EXPECT_TRUE(says_read_only(Reply(Reply::Array{Reply(std::string("OK")), refused})));
  EXPECT_FALSE(says_read_only(Reply(std::string("READONLY no"))));
  EXPECT_FALSE(says_read_only(Reply(ServerError{"ERR READONLY"})));
}

TEST(Reply, IsTakenOnlyAsWhatItIs) {
  EXPECT_EQ(take_string(Reply(std::string("a"))), "a");
  EXPECT_EQ(take_integer(Reply(std::int64_t{7})), 7);
  EXPECT_EQ(take_string(Reply(std::int64_t{7})).error().message, "the server answered an integer instead of a string");
  EXPECT_EQ(take_integer(Reply()).error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(take_array(Reply(ServerError{"WRONGTYPE x"})).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(check(Reply()));
  EXPECT_FALSE(check(Reply(ServerError{"ERR x"})));
}

}  // namespace
}  // namespace ghstats::redis
