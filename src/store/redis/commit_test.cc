#include "store/redis/commit.h"

#include <gtest/gtest.h>

#include "store/redis/codec.h"

namespace ghstats::store {
namespace {

const TimePoint kNow = from_unix_seconds(1'790'000'000);

Batch batch_of(std::size_t events) {
  Batch batch;
  for (std::size_t i = 0; i < events; ++i) {
    batch.events.push_back({ledger::EventKind::kReview, RepoId{i % 3}, std::to_string(i), "ann", kNow, kNow});
  }
  batch.checkpoints = {{RepoId{1}, CollectionFamily::kReviews, kNow}};
  return batch;
}

std::string bytes_of(const redis::Command& command) {
  std::string out;
  command.encode_to(out);
  return out;
}

static_assert(!std::is_copy_constructible_v<CommitPlan>, "a copy would point into the original's batch");

TEST(CommitPlan, ASmallBatchIsOneCall) {
  const CommitPlan plan(batch_of(10), 10);
  EXPECT_TRUE(plan.early({}, {}).empty());
  EXPECT_TRUE(bytes_of(plan.last({}, {}, {})).contains(pack_time(kNow)));
}

TEST(CommitPlan, CheckpointsAreInTheLastCallOnly) {
  const CommitPlan plan(batch_of(21), 10);
  const auto early = plan.early({}, {});
  ASSERT_EQ(early.size(), 2U);
  for (const redis::Command& command : early) EXPECT_FALSE(bytes_of(command).contains(pack_time(kNow)));
  EXPECT_TRUE(bytes_of(plan.last({}, {}, {})).contains(pack_time(kNow)));
}

TEST(CommitPlan, ACheckpointStaysWhenAnEarlierCallRefusedSomethingOfItsRepository) {
  const CommitPlan plan(batch_of(1));
  EXPECT_FALSE(bytes_of(plan.last({}, {}, {"1"})).contains(pack_time(kNow)));
  EXPECT_TRUE(bytes_of(plan.last({}, {}, {"2"})).contains(pack_time(kNow)));
}

TEST(CommitPlan, CoverageIsInTheLastCallOnlyAndClaimsNothingOfARefusedBatch) {
  Batch batch = batch_of(21);
  batch.coverage = CoverageNote{.org = "acme", .claim = CoverageClaim{.serial = 4711, .until = kNow}};
  const CommitPlan plan(std::move(batch), 10);
  for (const redis::Command& command : plan.early({}, {})) EXPECT_FALSE(bytes_of(command).contains("acme"));
  EXPECT_TRUE(bytes_of(plan.last({}, {}, {})).contains("4711"));
  EXPECT_NE(bytes_of(plan.last({}, {}, {})), bytes_of(plan.last({}, {}, {"2"}))) << "the server is told";
}

TEST(CommitPlan, ValueSetsThatNobodyCouldReadAreTooLarge) {
  constexpr std::size_t kSize = 50'000;
  const auto plan_of = [](std::size_t samples) {
    Batch batch;
    for (std::size_t slot = 0; slot < 2; ++slot) {
      ValueSet& set = batch.value_sets.emplace_back(ValueSet{std::to_string(slot), {}, Edition{1, ""}});
      for (std::size_t i = 0; i < samples / 2; ++i) {
        set.samples.push_back({{metrics::Family::kScrapeDuration, {std::to_string(i) + std::string(kSize, 'x')}}, 1});
      }
    }
    return CommitPlan(std::move(batch)).check_size();
  };
  EXPECT_TRUE(plan_of(kMostValueBytes / kSize - 10));
  const Status refused = plan_of(kMostValueBytes / kSize + 2);
  ASSERT_FALSE(refused) << "both together";
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(CommitAnswer, IsReadOrRefused) {
  const auto text = [](std::string value) { return redis::Reply(std::move(value)); };
  const auto number = [](std::int64_t value) { return redis::Reply(value); };
  using List = redis::Reply::Array;
  const auto done = parse_commit_answer(redis::Reply(
      List{text("ok"), number(9), number(1), number(2), number(3), number(4), number(5), text("x"), number(6),
           number(1), number(2), text("api.github.com: acme"), text("api.github.com: globex"), text("7")}));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->series, 9U);
  EXPECT_EQ(done->receipt.events_known, 3U);
  EXPECT_EQ(done->receipt.series_refused, 4U);
  EXPECT_EQ(done->receipt.sets_outdated, 5U);
  EXPECT_EQ(done->receipt.coverage_serial, 6U);
  EXPECT_TRUE(done->receipt.claim_refused);
  EXPECT_EQ(done->incarnation, "x");
  EXPECT_EQ(done->environments, (std::vector<std::string>{"api.github.com: acme", "api.github.com: globex"}));
  EXPECT_EQ(done->rest, std::vector<std::string>{"7"});
  const auto refused = parse_commit_answer(redis::Reply(List{text("superseded"), text("12")}));
  EXPECT_EQ(refused->outcome, CallAnswer::Outcome::kSuperseded);
  EXPECT_EQ(refused->current_epoch, "12");
  EXPECT_EQ(parse_commit_answer(redis::Reply(List{text("folded")}))->outcome, CallAnswer::Outcome::kInstanceFolded);
  for (auto& broken : {redis::Reply(), redis::Reply(List{}), redis::Reply(List{text("ok")}),
                       redis::Reply(List{number(1)}), redis::Reply(List{text("ok"), number(9), number(1)}), text("ok"),
                       redis::Reply(List{text("ok"), number(9), number(1), number(2), number(3), number(4), number(5),
                                         text("x"), number(6), number(1), number(2), text("api.github.com: acme")}),
                       redis::Reply(List{text("ok"), number(9), number(1), number(2), number(3), number(4), number(5),
                                         text("x"), text("6"), number(1), number(0)})}) {
    EXPECT_EQ(parse_commit_answer(broken).error().code, ErrorCode::kInvalidData);
  }
}

}  // namespace
}  // namespace ghstats::store
