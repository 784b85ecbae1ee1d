// What becomes of claims in a Redis that loses something, or in which something is not as it was written.
#include <gmock/gmock.h>

#include "net/testing/eventually.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Batch of_note(std::optional<CoverageClaim> claim = std::nullopt, std::string org = "acme") {
  Batch batch;
  batch.coverage = CoverageNote{.org = std::move(org), .claim = std::move(claim)};
  return batch;
}

// A leader has claimed three repositories of 'acme' and one of 'globex', of which there are events, and is about to
// claim again.
class RedisStoreCoverage : public RedisStoreFixture {
 protected:
  void SetUp() override {
    RedisStoreFixture::SetUp();
    if (IsSkipped()) return;
    begin(shared_redis());
  }
  void begin(const redis::testing::RedisServer& server) {
    replicas_.clear();
    store_ = &replica(options(), server.endpoint()).store();
    authority_ = lead(*store_);
    Batch batch;
    for (const std::uint64_t repo : {7U, 8U, 9U}) {
      batch.events.push_back(review("1", "ann", RepoId{repo}));
      batch.events.push_back(review("2", "bob", RepoId{repo}));
      batch.checkpoints.push_back({RepoId{repo}, CollectionFamily::kReviews, clock_.now()});
    }
    get(store_->commit(std::move(batch), authority_));
    claim("acme", {7, 8, 9});
    claim("globex", {7});
    ASSERT_FALSE(get(store_->mend(authority_)));
    serial_ = get(store_->commit(of_note(), authority_)).coverage_serial;
  }

  CoverageClaim claim_of(std::uint64_t serial, const std::vector<std::uint64_t>& members) const {
    CoverageClaim out{.serial = serial, .until = clock_.now(), .families = kinds::kDefaultFamilies};
    for (const std::uint64_t member : members) out.changed[RepoId{member}] = {};
    return out;
  }
  void claim(const std::string& org, const std::vector<std::uint64_t>& members) {
    ASSERT_FALSE(is_refused(claim_of(get(store_->coverage(org)).serial, members), org));
  }
  bool is_refused(CoverageClaim claim, std::string org = "acme") {
    return get(store_->commit(of_note(std::move(claim), std::move(org)), authority_)).claim_refused;
  }
  // What the leader is about to claim: as if everything went on.
  bool claim_goes_on() {
    clock_.advance(1h);
    return !is_refused(claim_of(serial_, {7, 10}));
  }

  template <class... Arguments>
  redis::Reply ask(std::string_view command, const std::string& key, const Arguments&... arguments) {
    return RedisStoreFixture::ask(*replicas_.front(), Command(command, prefix_ + key, arguments...));
  }
  std::vector<std::uint64_t> members(const std::string& org = "acme") {
    std::vector<std::uint64_t> out;
    for (const auto& [repo, member] : get(store_->coverage(org)).coverage.members) out.push_back(to_number(repo));
    return out;
  }

  MetricStore* store_ = nullptr;
  Authority authority_;
  std::uint64_t serial_ = 0;
};

TEST_F(RedisStoreCoverage, WithoutALossTheClaimIsTaken) {
  EXPECT_FALSE(get(store_->mend(authority_)));
  EXPECT_TRUE(claim_goes_on());
  EXPECT_THAT(members(), ElementsAre(7, 8, 9, 10));
}

TEST_F(RedisStoreCoverage, ARepositoryThatLostEventsIsNoMemberAnywhereAndTheOthersStay) {
  for (const std::string lost : {"e:7", "rows:7"}) {
    SCOPED_TRACE(lost);
    const TimePoint until = *get(store_->coverage("acme")).coverage.until;
    ask("DEL", lost);
    EXPECT_TRUE(get(store_->mend(authority_)));
    EXPECT_THAT(members(), ElementsAre(8, 9));
    EXPECT_THAT(members("globex"), IsEmpty());
    const CoverageRecord record = get(store_->coverage("acme"));
    EXPECT_EQ(record.coverage.until, until);
    EXPECT_EQ(record.families, kinds::kDefaultFamilies);
    EXPECT_FALSE(claim_goes_on()) << "what it told of 7 may be what was lost";
    EXPECT_THAT(members(), ElementsAre(8, 9));
    begin(shared_redis());
  }
}

TEST_F(RedisStoreCoverage, AnEventThatIsLostEndsMembershipToo) {
  const auto field = *ask("HKEYS", "e:8").array()->front().string();
  ask("HDEL", "e:8", field);
  EXPECT_TRUE(get(store_->mend(authority_)));
  EXPECT_THAT(members(), ElementsAre(7, 9));
  EXPECT_THAT(members("globex"), ElementsAre(7));
}

TEST_F(RedisStoreCoverage, ManyLostRepositoriesEndInCoverageOfFew) {
  Batch batch;
  std::vector<std::uint64_t> ids;
  for (std::uint64_t repo = 100; repo < 200; ++repo) {
    batch.events.push_back(review("1", "ann", RepoId{repo}));
    ids.push_back(repo);
  }
  get(store_->commit(std::move(batch), authority_));
  claim("initech", ids);
  claim("globex", {150, 7});
  for (const std::uint64_t repo : ids) {
    if (repo != 160) ask("DEL", "e:" + std::to_string(repo));
  }
  EXPECT_TRUE(get(store_->mend(authority_)));
  EXPECT_THAT(members("initech"), ElementsAre(160));
  EXPECT_THAT(members("globex"), ElementsAre(7));
  EXPECT_THAT(members("acme"), ElementsAre(7, 8, 9));
}

TEST_F(RedisStoreCoverage, WhenAnyOtherDataIsLostMembersStayAndWhoIsAboutToClaimBeginsAnew) {
  const Coverage before = get(store_->coverage("acme")).coverage;
  ask("DEL", "slots");
  ask("DEL", "repos");
  EXPECT_TRUE(get(store_->mend(authority_)));
  EXPECT_EQ(get(store_->coverage("acme")).coverage, before);
  EXPECT_FALSE(claim_goes_on());
}

TEST_F(RedisStoreCoverage, ALostHeaderTakesItsMembersWithItForGood) {
  for (const bool whole : {false, true}) {
    SCOPED_TRACE(whole);
    if (whole) {
      ask("DEL", "cov");
    } else {
      ask("HDEL", "cov", "acme");
    }
    EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
    EXPECT_FALSE(claim_goes_on());
    EXPECT_THAT(members(), IsEmpty());
    claim("acme", {10});
    EXPECT_THAT(members(), ElementsAre(10)) << "not those of the lost one";
    begin(shared_redis());
  }
}

TEST_F(RedisStoreCoverage, LostMembersAreNone) {
  ask("DEL", "cov:acme");
  EXPECT_THAT(members(), IsEmpty());
  EXPECT_THAT(members("globex"), ElementsAre(7));
  EXPECT_TRUE(claim_goes_on()) << "of what it has told itself";
  EXPECT_THAT(members(), ElementsAre(7, 10));
}

TEST_F(RedisStoreCoverage, WithoutMarksNothingIsClaimedOfAnybody) {
  ask("DEL", "marks");
  EXPECT_TRUE(get(store_->mend(authority_)));
  EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
  EXPECT_EQ(get(store_->coverage("globex")), CoverageRecord{});
  EXPECT_EQ(ask("EXISTS", "cov:acme"), redis::Reply(0));
  EXPECT_FALSE(claim_goes_on());
}

// As a version does that knows nothing of coverage when it mends.
TEST_F(RedisStoreCoverage, DataWithAnotherNameHasNoCoverage) {
  ask("HSET", "meta", "incarnation", "given by an earlier version");
  EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
  EXPECT_FALSE(claim_goes_on());
  EXPECT_THAT(members(), IsEmpty());
  claim("acme", {10});
  EXPECT_THAT(members(), ElementsAre(10));
  EXPECT_EQ(ask("HEXISTS", "cov", "globex"), redis::Reply(1));
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority_)));
  EXPECT_EQ(ask("HEXISTS", "cov", "globex"), redis::Reply(0));
  EXPECT_EQ(ask("EXISTS", "cov:globex"), redis::Reply(0));
  EXPECT_THAT(members(), ElementsAre(10));
}

TEST_F(RedisStoreCoverage, DataThatHasNoNameGetsOneWithItsFirstNote) {
  ask("DEL", "meta");
  EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
  EXPECT_FALSE(claim_goes_on());
  EXPECT_THAT(members(), IsEmpty());
  claim("acme", {10});
  EXPECT_THAT(members(), ElementsAre(10));
}

TEST_F(RedisStoreCoverage, AfterAFlushNothingIsClaimed) {
  redis::testing::RedisServer server;
  begin(server);
  RedisStoreFixture::ask(*replicas_.front(), Command("FLUSHALL"));
  EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
  EXPECT_FALSE(claim_goes_on());
  EXPECT_THAT(members(), IsEmpty());
}

TEST_F(RedisStoreCoverage, AStoreThatWentBackTakesTheDataAndNotTheClaim) {
  redis::testing::RedisServer server;
  begin(server);
  RedisReplica& replica = *replicas_.front();
  RedisStoreFixture::ask(replica, Command("SAVE"));
  const CoverageRecord saved = get(store_->coverage("acme"));
  Batch batch = of_note();
  batch.events = {review("3", "cyd", RepoId{7})};
  EXPECT_EQ(get(store_->commit(batch, authority_)).coverage_serial, ++serial_);
  const auto before = replica.client().connections();
  server.kill();
  server.start();
  ASSERT_TRUE(run(net::testing::eventually(
      [&] { return replica.client().connections() > before && replica.client().state().connected; })));
  replica.wait_connected();
  EXPECT_EQ(get(store_->coverage("acme")), saved);
  batch = of_note(claim_of(serial_, {7, 10}));
  batch.events = {review("4", "dan", RepoId{7})};
  const Receipt receipt = get(store_->commit(batch, authority_));
  EXPECT_TRUE(receipt.claim_refused);
  EXPECT_EQ(receipt.events_new, 1U);
  EXPECT_EQ(get(store_->coverage("acme")).coverage, saved.coverage);
}

TEST_F(RedisStoreCoverage, OfABatchInSeveralCallsNoneMayBeRefusedAnything) {
  RedisStoreOptions in_steps = options();
  in_steps.items_per_call = 4;
  in_steps.max_series_budget = static_cast<std::size_t>(store_->health().active_series);
  MetricStore& store = replica(in_steps, shared_redis().endpoint()).store();
  const auto batch_of = [&](std::vector<ledger::Event> events) {
    Batch batch = of_note(claim_of(get(store.coverage("acme")).serial, {7, 8, 9, 10}));
    batch.events = std::move(events);
    for (int i = 10; i < 20; ++i) batch.events.push_back(review(std::to_string(i), "ann", RepoId{9}));
    return batch;
  };
  const CoverageRecord before = get(store.coverage("acme"));
  const Receipt refused = get(store.commit(batch_of({review("9", "nobody", RepoId{7})}), authority_));
  EXPECT_TRUE(refused.claim_refused) << "the call that refused was not the last one";
  EXPECT_EQ(refused.coverage_serial, before.serial);
  EXPECT_THAT(members(), ElementsAre(8, 9));
  EXPECT_EQ(get(store.coverage("acme")).serial, before.serial);
  const Receipt taken = get(store.commit(batch_of({}), authority_));
  EXPECT_FALSE(taken.claim_refused);
  EXPECT_EQ(taken.coverage_serial, before.serial + 1) << "it counts once";
  EXPECT_THAT(members(), ElementsAre(7, 8, 9, 10));
}

TEST_F(RedisStoreCoverage, WhatIsDamagedIsNoMemberAndNoClaimAndIsWrittenAnew) {
  const std::string member = *ask("HGET", "cov:acme", "7").string();
  const std::string header = *ask("HGET", "cov", "acme").string();
  for (const std::string& damaged : {std::string(), std::string("x"), member.substr(0, 2), "\x02" + member.substr(1)}) {
    ask("HSET", "cov:acme", "7", damaged);
    ask("HSET", "cov:acme", "seven", member);
    EXPECT_THAT(members(), ElementsAre(8, 9));
    claim("acme", {7});
    EXPECT_THAT(members(), ElementsAre(7, 8, 9));
  }
  for (const std::string& damaged :
       {std::string(), std::string("x"), header.substr(0, 13), header.substr(0, 26), "\x02" + header.substr(1),
        header + "x", header.substr(0, 17) + '\x02' + header.substr(18), std::string(header.size(), '\xff'),
        header.substr(0, 6) + std::string(7, '\0') + header.substr(13)}) {
    ask("HSET", "cov", "acme", damaged);
    EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
    EXPECT_FALSE(get(store_->mend(authority_)));
    EXPECT_FALSE(claim_goes_on());
    EXPECT_THAT(members(), IsEmpty());
    claim("acme", {7, 8, 9});
    EXPECT_THAT(members(), ElementsAre(7, 8, 9));
  }
  ask("HSET", "cov", "acme", "x");
  ask("HSET", "names", "7", "x");
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority_)));
  EXPECT_EQ(ask("HEXISTS", "cov", "acme"), redis::Reply(0));
  EXPECT_THAT(members("globex"), ElementsAre(7));
}

TEST_F(RedisStoreCoverage, AnotherReplicaReadsWhatTheLeaderClaimed) {
  RedisStoreOptions other = options();
  MetricStore& follower = replica(other, shared_redis().endpoint()).store();
  EXPECT_EQ(get(follower.coverage("acme")), get(store_->coverage("acme")));
  const Authority next = lead(follower);
  EXPECT_EQ(run(store_->commit(of_note(claim_of(serial_, {10})), authority_)).error().code, ErrorCode::kSuperseded);
  EXPECT_FALSE(get(follower.commit(of_note(claim_of(serial_, {10})), next)).claim_refused);
  EXPECT_THAT(members(), ElementsAre(7, 8, 9, 10));
}

}  // namespace
}  // namespace ghstats::store::testing
