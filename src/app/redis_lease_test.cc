#include "app/redis_lease.h"

#include <gtest/gtest.h>

#include "redis/testing/redis_fixture.h"
#include "store/testing/redis_replica.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using leader::LeaseObject;
using leader::LeaseRecord;
using redis::testing::RedisFixture;

// Two replicas before one Redis.
class RedisLeaseTest : public RedisFixture {
 protected:
  void SetUp() override {
    RedisFixture::SetUp();
    if (IsSkipped()) return;
    keys_.prefix = store::testing::fresh_prefix();
    mine_ = connect();
    theirs_ = connect();
  }
  std::unique_ptr<leader::LeaseClient> connect() {
    replicas_.push_back(std::make_unique<store::testing::RedisReplica>(
        io_, clock_, store::testing::shared_redis().endpoint(), store::RedisStoreOptions{.prefix = keys_.prefix}));
    return make_redis_lease(replicas_.back()->client(), keys_);
  }
  redis::Client& client() { return replicas_.front()->client(); }

  static LeaseRecord record(std::string holder, std::int32_t transitions = 0) {
    const TimePoint at = from_unix_seconds(1'790'000'000) + 123'456us;
    return {std::move(holder), 30s, at, at + 5s, transitions};
  }
  Result<LeaseObject> get(leader::LeaseClient& who) { return run(who.get(10s)); }
  Result<LeaseObject> create(leader::LeaseClient& who, LeaseRecord record) { return run(who.create(record, 10s)); }
  Result<LeaseObject> update(leader::LeaseClient& who, const LeaseObject& base, LeaseRecord record) {
    return run(who.update(base, record, 10s));
  }

  ghstats::SystemClock clock_;
  store::RedisKeys keys_;
  std::vector<std::unique_ptr<store::testing::RedisReplica>> replicas_;
  std::unique_ptr<leader::LeaseClient> mine_;
  std::unique_ptr<leader::LeaseClient> theirs_;
};

TEST_F(RedisLeaseTest, IsCreatedOnceAndReadByAll) {
  EXPECT_EQ(get(*mine_).error().code, ErrorCode::kNotFound);
  const auto made = create(*mine_, record("a_1"));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->record, record("a_1"));
  EXPECT_EQ(create(*theirs_, record("b_2")).error().code, ErrorCode::kConflict);
  const auto seen = get(*theirs_);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->record, record("a_1"));
  EXPECT_EQ(seen->version, made->version);
}

TEST_F(RedisLeaseTest, IsReplacedOnlyByWhoKnowsWhatIsThere) {
  const auto first = create(*mine_, record("a_1"));
  const auto second = update(*mine_, *first, record("a_1", 1));
  ASSERT_TRUE(second);
  EXPECT_NE(second->version, first->version);
  EXPECT_EQ(update(*theirs_, *first, record("b_2", 2)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(get(*theirs_)->record, record("a_1", 1)) << "nothing has changed";
  EXPECT_TRUE(update(*theirs_, *second, record("b_2", 2)));
  EXPECT_EQ(update(*mine_, *second, record("a_1", 1)).error().code, ErrorCode::kConflict);
}

// A Redis that lost its data and was written anew: an old version must not fit by chance.
TEST_F(RedisLeaseTest, AVersionNeverComesTwice) {
  const auto lost = create(*mine_, record("a_1"));
  ASSERT_TRUE(ask(client(), "DEL", keys_.lease()));
  EXPECT_EQ(update(*mine_, *lost, record("a_1")).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(create(*theirs_, record("b_2")));
  EXPECT_EQ(update(*mine_, *lost, record("a_1")).error().code, ErrorCode::kConflict);
  EXPECT_EQ(get(*mine_)->record.holder, "b_2");
}

TEST_F(RedisLeaseTest, NobodyHoldsWhatWasGivenBack) {
  const auto held = create(*mine_, record("a_1"));
  const auto released = update(*mine_, *held, record(""));
  ASSERT_TRUE(released);
  EXPECT_EQ(get(*theirs_)->record.holder, "");
}

TEST_F(RedisLeaseTest, WhatDoesNotParseIsSaidAndKept) {
  for (const std::string text : {"", "1", "1 30 0 0 x a", "1 0 0 0 0 a", "1 30 0 0 -1 a", "2 30 0 0 0 a", "{}"}) {
    ASSERT_TRUE(ask(client(), "HSET", keys_.lease(), "record", text, "version", "v"));
    EXPECT_EQ(get(*mine_).error().code, ErrorCode::kInvalidData) << text;
    EXPECT_EQ(create(*mine_, record("a_1")).error().code, ErrorCode::kConflict) << text;
  }
  ASSERT_TRUE(ask(client(), "HDEL", keys_.lease(), "version"));
  EXPECT_EQ(get(*mine_).error().code, ErrorCode::kInvalidData);
}

TEST_F(RedisLeaseTest, WaitsForItsConnectionAndNoLongerThanToldTo) {
  redis::Client nowhere(io_.get_executor(), {},
                        std::make_unique<redis::StandaloneResolver>(net::Endpoint{"127.0.0.1", 1}));
  const auto lease = make_redis_lease(nowhere, keys_);
  const auto missing = run(lease->get(50ms));
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().code == ErrorCode::kUnavailable || missing.error().code == ErrorCode::kTimeout);
  run(nowhere.stop());
}

}  // namespace
}  // namespace ghstats::app
