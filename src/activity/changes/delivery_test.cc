#include "activity/changes/delivery.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "base/time_format.h"
#include "store/memory_store.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

constexpr store::Authority kLeader{Role::kLeader, store::Source::kLeaderScrape, 1};

class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() { EXPECT_EQ(run(store_->begin_leadership()).value(), 1U); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task), 20s);
  }
  store::CoverageRecord record() { return run(store_->coverage("acme")).value(); }
  [[nodiscard]] ledger::Event event(std::uint64_t repository, const std::string& id) const {
    return {.kind = ledger::EventKind::kReview,
            .repo = RepoId{repository},
            .id = id,
            .user = "ann",
            .at = clock_.now() - 1h,
            .version = clock_.now()};
  }
  [[nodiscard]] store::Coverage claim_of(std::uint64_t repositories) const {
    store::Coverage out{.until = clock_.now(), .members = {}};
    for (std::uint64_t id = 1; id <= repositories; ++id) out.members[RepoId{id}] = {};
    return out;
  }
  // What somebody else, or a store that went back, does to the serial.
  void note() {
    store::Batch batch;
    batch.coverage = store::CoverageNote{.org = "acme", .claim = std::nullopt};
    EXPECT_TRUE(run(store_->commit(std::move(batch), kLeader)));
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_{*parse_rfc3339("2026-11-20T12:00:00Z")};
  std::unique_ptr<store::MetricStore> store_ = store::make_memory_store(io_.get_executor(), clock_, {});
  Delivery delivery_{*store_, kLeader, "acme"};
};

TEST_F(DeliveryTest, EventsComeWithTheNamesOfTheirRepositories) {
  delivery_.name(RepoId{1}, "alpha");
  delivery_.name(RepoId{2}, "beta");
  EXPECT_TRUE(run(delivery_.commit_events({event(1, "7"), event(1, "8")})));
  const auto snapshot = run(store_->snapshot());
  ASSERT_THAT(snapshot->set.repositories, SizeIs(1));
  EXPECT_EQ(snapshot->set.repositories[0].name, "alpha");
  EXPECT_EQ(snapshot->set.repositories[0].org, "acme");
  EXPECT_EQ(record().serial, 0U) << "nobody claims";
  CycleReport report;
  delivery_.tell(report);
  EXPECT_EQ(report.stored.events_new, 2U);
}

TEST_F(DeliveryTest, AClaimStandsOnDataThatIsAllThere) {
  delivery_.count_from(record().serial);
  EXPECT_TRUE(run(delivery_.commit_events({event(1, "7")})));
  EXPECT_TRUE(run(delivery_.commit_events({event(2, "8")})));
  EXPECT_TRUE(run(delivery_.commit_claim({}, {}, claim_of(2), kinds::kDefaultFamilies)));
  EXPECT_EQ(record().coverage, claim_of(2));
  EXPECT_EQ(record().families, kinds::kDefaultFamilies);
  EXPECT_EQ(record().serial, delivery_.serial());
}

TEST_F(DeliveryTest, AStoreThatChangedMeanwhileTakesTheDataAndNotTheClaim) {
  delivery_.count_from(record().serial);
  EXPECT_TRUE(run(delivery_.commit_events({event(1, "7")})));
  note();
  EXPECT_TRUE(run(delivery_.commit_events({event(2, "8")})));
  EXPECT_FALSE(run(delivery_.commit_claim({}, {}, claim_of(2), kinds::kDefaultFamilies)));
  EXPECT_FALSE(delivery_.failure());
  EXPECT_EQ(record().coverage, store::Coverage{});
  EXPECT_THAT(run(store_->snapshot())->set.events, SizeIs(2));
}

TEST_F(DeliveryTest, AStoreThatChangedAfterTheDataDoesNotTakeTheClaim) {
  delivery_.count_from(record().serial);
  EXPECT_TRUE(run(delivery_.commit_events({event(1, "7")})));
  note();
  EXPECT_FALSE(run(delivery_.commit_claim({}, {}, claim_of(2), kinds::kDefaultFamilies)));
  EXPECT_EQ(record().coverage, store::Coverage{});
}

TEST_F(DeliveryTest, AClaimOfManyMembersGoesInParts) {
  delivery_.count_from(0);
  EXPECT_TRUE(run(delivery_.commit_claim({}, {}, claim_of(25'000), kinds::kDefaultFamilies)));
  EXPECT_EQ(record().coverage, claim_of(25'000));
}

TEST_F(DeliveryTest, AnUnchangedClaimIsNotWritten) {
  delivery_.count_from(0);
  EXPECT_TRUE(run(delivery_.commit_claim({}, {}, claim_of(2), kinds::kDefaultFamilies)));
  const auto known = record();
  Delivery next(*store_, kLeader, "acme");
  next.count_from(known.serial);
  EXPECT_TRUE(run(next.commit_claim({}, known, known.coverage, kinds::kDefaultFamilies)));
  EXPECT_EQ(record().serial, known.serial);
  EXPECT_EQ(next.serial(), known.serial);
}

TEST_F(DeliveryTest, MembersThatLeaveAreGoneAndOthersStay) {
  delivery_.count_from(0);
  EXPECT_TRUE(run(delivery_.commit_claim({}, {}, claim_of(3), kinds::kDefaultFamilies)));
  const auto known = record();
  auto now = known.coverage;
  now.members.erase(RepoId{2});
  now.members[RepoId{3}].behind[0] = true;
  Delivery next(*store_, kLeader, "acme");
  next.count_from(known.serial);
  EXPECT_TRUE(run(next.commit_claim({}, known, now, kinds::kDefaultFamilies)));
  EXPECT_EQ(record().coverage, now);
}

TEST_F(DeliveryTest, AfterARefusalNothingMoreIsTried) {
  Delivery follower(*store_, {Role::kFollower, store::Source::kLeaderScrape, 1}, "acme");
  EXPECT_FALSE(run(follower.commit_events({event(1, "7")})));
  ASSERT_TRUE(follower.failure());
  EXPECT_FALSE(run(follower.commit_events({event(1, "7")})));
  CycleReport report;
  follower.tell(report);
  EXPECT_TRUE(report.store_failed);
  EXPECT_EQ(report.failure->code, ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace ghstats::activity
