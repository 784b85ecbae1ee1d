// Promises about what is claimed as collected of an organisation.
#include <algorithm>
#include <utility>

#include "store/testing/store_conformance.h"

namespace ghstats::store::testing {

namespace {

using namespace std::chrono_literals;

constexpr RepoId kOther{8};

Member settled() {
  return {};
}

Member behind_with_pulls(std::optional<TimePoint> until) {
  Member out;
  out.behind[index_of(kinds::Aspect::kPulls)] = true;
  out.until[index_of(kinds::Aspect::kPulls)] = until;
  return out;
}

CoverageClaim claim_of(std::uint64_t serial, std::optional<TimePoint> until, std::map<RepoId, Member> changed) {
  return {.serial = serial, .until = until, .families = kinds::kDefaultFamilies, .changed = std::move(changed)};
}

Batch of_note(std::string org, std::optional<CoverageClaim> claim = std::nullopt) {
  Batch batch;
  batch.coverage = CoverageNote{.org = std::move(org), .claim = std::move(claim)};
  return batch;
}

Batch with_refused(ledger::Event event, Batch batch = {}) {
  batch.events = {std::move(event)};
  return batch;
}

}  // namespace

CoverageRecord StoreConformance::known_coverage(std::string org) {
  auto record = run(store_->coverage(std::move(org)));
  EXPECT_TRUE(record);
  return record ? *std::move(record) : CoverageRecord{};
}

std::vector<RepoId> StoreConformance::members(std::string org) {
  std::vector<RepoId> out;
  for (const auto& [repo, member] : known_coverage(std::move(org)).coverage.members) out.push_back(repo);
  return out;
}

void StoreConformance::claim_members(const Authority& authority, std::string org, std::vector<RepoId> members) {
  CoverageClaim claim = claim_of(known_coverage(org).serial, clock_.now(), {});
  for (const RepoId member : members) claim.changed[member] = settled();
  const auto receipt = commit(of_note(std::move(org), std::move(claim)), authority);
  ASSERT_TRUE(receipt);
  ASSERT_FALSE(receipt->claim_refused);
}

Authority StoreConformance::lead_with_a_full_budget() {
  open({.max_series_budget = 2, .feed_length = 1000});  // one row: its reviews and its last event
  const Authority authority = lead();
  Batch batch;
  batch.events = {review("1", "ann")};
  EXPECT_EQ(commit(std::move(batch), authority)->series_refused, 0U);
  return authority;
}

TEST_P(StoreConformance, OfAnOrganisationThatNobodyNotedNoCoverageIsKnown) {
  EXPECT_EQ(known_coverage(), CoverageRecord{});
  const Authority authority = lead();
  claim_members(authority, "acme", {kRepo});
  EXPECT_EQ(known_coverage("globex"), CoverageRecord{});
  EXPECT_EQ(commit({}, authority)->coverage_serial, 0U);
}

TEST_P(StoreConformance, ACoverageNoteCountsAndClaimsNothing) {
  const Authority authority = lead();
  Batch batch = of_note("acme");
  batch.events = {review("1", "ann")};
  const auto first = commit(batch, authority);
  EXPECT_EQ(first->events_new, 1U);
  EXPECT_NE(first->coverage_serial, 0U);
  EXPECT_FALSE(first->claim_refused);
  EXPECT_EQ(commit(of_note("acme"), authority)->coverage_serial, first->coverage_serial + 1);
  const CoverageRecord record = known_coverage();
  EXPECT_EQ(record.serial, first->coverage_serial + 1);
  EXPECT_EQ(record.coverage, Coverage{});
  EXPECT_EQ(record.families, kinds::FamilySwitches{});
  batch.coverage.reset();
  EXPECT_EQ(commit(batch, authority)->coverage_serial, 0U);
  EXPECT_EQ(known_coverage(), record);
}

TEST_P(StoreConformance, CoverageIsReadBackAsItWasClaimed) {
  const Authority authority = lead();
  const std::uint64_t serial = commit(of_note("acme"), authority)->coverage_serial;
  Member late;
  late.behind = {true, false, true};
  late.until = {std::nullopt, std::nullopt, clock_.now() - 3h - 1ms};
  CoverageClaim claim = claim_of(serial, clock_.now(), {{kRepo, settled()}, {kOther, late}});
  claim.families = {};
  claim.families[static_cast<std::size_t>(CollectionFamily::kReviewComments)] = true;
  const auto receipt = commit(of_note("acme", claim), authority);
  EXPECT_FALSE(receipt->claim_refused);
  EXPECT_EQ(receipt->coverage_serial, serial + 1);
  const CoverageRecord expected{
      .coverage = {.until = clock_.now(), .members = claim.changed}, .families = claim.families, .serial = serial + 1};
  EXPECT_EQ(known_coverage(), expected);
  EXPECT_TRUE(commit(of_note("acme"), authority));
  EXPECT_EQ(known_coverage().coverage, expected.coverage) << "a note without a claim counts only";
  EXPECT_EQ(known_coverage().families, expected.families);
}

TEST_P(StoreConformance, AMemberIsReadBackWhateverItIsBehindWith) {
  const Authority authority = lead();
  CoverageClaim claim = claim_of(0, clock_.now(), {});
  for (std::uint64_t bits = 0; bits < 64; ++bits) {
    Member& member = claim.changed[RepoId{bits + 1}];
    for (std::size_t i = 0; i < kinds::kAspects.size(); ++i) {
      member.behind[i] = (bits >> i & 1U) != 0;
      if ((bits >> (i + 3) & 1U) != 0) member.until[i] = clock_.now() - i * 1h;
    }
  }
  EXPECT_TRUE(commit(of_note("acme", claim), authority));
  EXPECT_EQ(known_coverage().coverage.members, claim.changed);
}

TEST_P(StoreConformance, TheFirstNoteOfAnOrganisationMayClaim) {
  const Authority authority = lead();
  const auto receipt = commit(of_note("acme", claim_of(0, clock_.now(), {{kRepo, settled()}})), authority);
  EXPECT_FALSE(receipt->claim_refused);
  EXPECT_NE(receipt->coverage_serial, 0U);
  EXPECT_EQ(known_coverage().serial, receipt->coverage_serial);
  EXPECT_EQ(members(), std::vector{kRepo});
}

TEST_P(StoreConformance, WhereSomebodyElseNotedTheDataIsTakenAndTheClaimIsNot) {
  const Authority authority = lead();
  claim_members(authority, "acme", {kRepo});
  const CoverageRecord before = known_coverage();
  EXPECT_TRUE(commit(of_note("acme"), authority));
  int told = 0;
  for (const std::uint64_t serial : {before.serial, before.serial + 9, std::uint64_t{0}, ~std::uint64_t{0}}) {
    CoverageClaim claim = claim_of(serial, clock_.now() + 1h, {{kOther, settled()}});
    claim.left = {kRepo};
    Batch batch = of_note("acme", std::move(claim));
    batch.events = {review(std::to_string(++told), "ann")};
    const std::uint64_t last = known_coverage().serial;
    const auto receipt = commit(std::move(batch), authority);
    EXPECT_TRUE(receipt->claim_refused) << serial;
    EXPECT_EQ(receipt->events_new, 1U) << serial;
    EXPECT_EQ(receipt->coverage_serial, last + 1) << "its data was told";
    EXPECT_EQ(known_coverage().coverage, before.coverage) << serial;
  }
}

TEST_P(StoreConformance, AClaimWhoseAnswerWasLostIsRefusedWhenItIsToldAgain) {
  const Authority authority = lead();
  const std::uint64_t serial = commit(of_note("acme"), authority)->coverage_serial;
  const Batch batch = of_note("acme", claim_of(serial, clock_.now(), {{kRepo, settled()}}));
  EXPECT_FALSE(commit(batch, authority)->claim_refused);
  EXPECT_TRUE(commit(batch, authority)->claim_refused);
  EXPECT_EQ(members(), std::vector{kRepo});
}

TEST_P(StoreConformance, MembersChangeAndLeaveAndAllOthersStay) {
  const Authority authority = lead();
  claim_members(authority, "acme", {RepoId{1}, RepoId{2}, RepoId{3}});
  CoverageClaim next = claim_of(known_coverage().serial, clock_.now() + 1h,
                                {{RepoId{2}, behind_with_pulls(clock_.now())}, {RepoId{4}, settled()}});
  next.left = {RepoId{1}, RepoId{99}};
  EXPECT_FALSE(commit(of_note("acme", next), authority)->claim_refused);
  const Coverage expected{
      .until = clock_.now() + 1h,
      .members = {{RepoId{2}, behind_with_pulls(clock_.now())}, {RepoId{3}, settled()}, {RepoId{4}, settled()}}};
  EXPECT_EQ(known_coverage().coverage, expected);
  next = claim_of(known_coverage().serial, clock_.now() + 2h, {{RepoId{2}, settled()}});
  EXPECT_FALSE(commit(of_note("acme", next), authority)->claim_refused);
  EXPECT_EQ(known_coverage().coverage.members.at(RepoId{2}), settled());
}

TEST_P(StoreConformance, AClaimMayPutTheWatermarkBackAndEndIt) {
  const Authority authority = lead();
  claim_members(authority, "acme", {kRepo});
  const auto put = [&](std::optional<TimePoint> until, kinds::FamilySwitches families) {
    CoverageClaim claim = claim_of(known_coverage().serial, until, {});
    claim.families = families;
    EXPECT_FALSE(commit(of_note("acme", claim), authority)->claim_refused);
    EXPECT_EQ(known_coverage().coverage.until, until);
    EXPECT_EQ(known_coverage().families, families);
    EXPECT_EQ(members(), std::vector{kRepo});
  };
  put(clock_.now() - 48h, kinds::kEveryFamily);
  put(std::nullopt, {});
  put(TimePoint{}, kinds::kDefaultFamilies);
}

TEST_P(StoreConformance, OnlyTheLeaderNotesCoverage) {
  const Authority leader = lead();
  claim_members(leader, "acme", {kRepo});
  const CoverageRecord before = known_coverage();
  const Batch batches[] = {of_note("acme"), of_note("acme", claim_of(before.serial, clock_.now() + 1h, {}))};
  const Authority others[] = {{Role::kFollower, Source::kLeaderScrape, leader.epoch},
                              {Role::kFollower, Source::kWorkerBackfill, 0},
                              {Role::kLeader, Source::kWorkerBackfill, leader.epoch},
                              {Role::kLeader, Source::kReplicaCounters, leader.epoch}};
  for (const Batch& batch : batches) {
    EXPECT_FALSE(is_empty(batch));
    for (const Authority& authority : others) {
      const auto refused = commit(batch, authority);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
      EXPECT_EQ(known_coverage(), before);
    }
  }
}

TEST_P(StoreConformance, ASupersededLeaderChangesNothingOfCoverage) {
  const Authority old = lead();
  claim_members(old, "acme", {kRepo});
  const Authority current = lead();
  const CoverageRecord before = known_coverage();
  EXPECT_EQ(members(), std::vector{kRepo}) << "coverage outlives leaders";
  const auto refused = commit(of_note("acme", claim_of(before.serial, clock_.now() + 1h, {})), old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSuperseded);
  EXPECT_EQ(commit(of_note("acme"), old).error().code, ErrorCode::kSuperseded);
  EXPECT_EQ(known_coverage(), before);
  claim_members(current, "acme", {kOther});
}

TEST_P(StoreConformance, DataThatIsIncompleteEndsMembershipEverywhereAndIsNotCounted) {
  const Authority authority = lead_with_a_full_budget();
  claim_members(authority, "acme", {kRepo, kOther});
  claim_members(authority, "globex", {kRepo, RepoId{9}});
  const std::uint64_t serial = known_coverage().serial;
  const auto receipt = commit(with_refused(review("2", "bob"), of_note("acme")), authority);
  EXPECT_EQ(receipt->series_refused, 1U);
  EXPECT_EQ(receipt->coverage_serial, serial);
  EXPECT_FALSE(receipt->claim_refused);
  EXPECT_EQ(known_coverage().serial, serial);
  EXPECT_EQ(known_coverage().coverage.until, clock_.now()) << "of the others";
  EXPECT_EQ(members(), std::vector{kOther});
  EXPECT_EQ(members("globex"), std::vector{RepoId{9}});
  // Who counts his notes claims nothing.
  EXPECT_TRUE(
      commit(of_note("acme", claim_of(serial + 1, clock_.now() + 1h, {{kRepo, settled()}})), authority)->claim_refused);
  EXPECT_EQ(members(), std::vector{kOther});
}

TEST_P(StoreConformance, AClaimThatComesWithIncompleteDataIsRefused) {
  const Authority authority = lead_with_a_full_budget();
  claim_members(authority, "acme", {kRepo, kOther});
  const CoverageRecord before = known_coverage();
  const auto receipt =
      commit(with_refused(review("2", "bob"),
                          of_note("acme", claim_of(before.serial, clock_.now() + 1h, {{kRepo, settled()}}))),
             authority);
  EXPECT_TRUE(receipt->claim_refused);
  EXPECT_EQ(receipt->coverage_serial, before.serial);
  EXPECT_EQ(known_coverage().coverage.until, before.coverage.until);
  EXPECT_EQ(members(), std::vector{kOther});
}

TEST_P(StoreConformance, AWorkersIncompleteDataEndsMembershipToo) {
  const Authority authority = lead_with_a_full_budget();
  claim_members(authority, "acme", {kRepo, kOther});
  const std::uint64_t serial = known_coverage().serial;
  EXPECT_EQ(commit(with_refused(review("2", "bob")), {Role::kFollower, Source::kWorkerBackfill, 0})->series_refused,
            1U);
  EXPECT_EQ(members(), std::vector{kOther});
  EXPECT_EQ(known_coverage().serial, serial);
}

TEST_P(StoreConformance, CoverageDoesNotBeginWithIncompleteData) {
  const Authority authority = lead_with_a_full_budget();
  EXPECT_EQ(commit(with_refused(review("2", "bob"), of_note("acme")), authority)->coverage_serial, 0U);
  EXPECT_EQ(known_coverage(), CoverageRecord{});
}

TEST_P(StoreConformance, MendingTakesNoMembershipOfDataThatIsThere) {
  const Authority authority = lead();
  Batch batch;
  batch.events = {review("1", "ann")};
  EXPECT_TRUE(commit(std::move(batch), authority));
  claim_members(authority, "acme", {kRepo, kOther});
  const CoverageRecord before = known_coverage();
  EXPECT_FALSE(*run(store_->mend(authority)));
  EXPECT_EQ(known_coverage(), before);
}

TEST_P(StoreConformance, CoverageThatNobodyNotesEndsWithRetention) {
  const Authority authority = lead();
  Batch named;
  named.repositories = {{kRepo, "acme", "api"}, {kOther, "globex", "web"}};
  EXPECT_TRUE(commit(std::move(named), authority));
  claim_members(authority, "acme", {kRepo});
  claim_members(authority, "globex", {kOther});
  const CoverageRecord before = known_coverage();
  clock_.advance(700h);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(known_coverage(), before);
  EXPECT_EQ(snapshot_set().repositories.size(), 2U) << "members have names";
  EXPECT_TRUE(commit(of_note("acme"), authority));
  clock_.advance(30h);
  EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(known_coverage("globex"), CoverageRecord{});
  EXPECT_EQ(members(), std::vector{kRepo});
  const auto names = snapshot_set().repositories;
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(names[0].id, kRepo);
  // What begins anew is not met by who knew the old one.
  const std::uint64_t anew = commit(of_note("globex"), authority)->coverage_serial;
  EXPECT_GT(anew, before.serial + 1'000'000);
}

TEST_P(StoreConformance, TenThousandMembersComeBackAndOneOfThemLeaves) {
  const Authority authority = lead();
  CoverageClaim all = claim_of(0, clock_.now(), {});
  for (std::uint64_t i = 1; i <= 10'000; ++i)
    all.changed[RepoId{i}] = i % 3 == 0 ? behind_with_pulls(clock_.now() - i * 1s) : settled();
  EXPECT_FALSE(commit(of_note("acme", all), authority)->claim_refused);
  EXPECT_EQ(known_coverage().coverage.members, all.changed);
  CoverageClaim next = claim_of(known_coverage().serial, clock_.now(), {});
  next.left = {RepoId{5000}};
  EXPECT_FALSE(commit(of_note("acme", next), authority)->claim_refused);
  EXPECT_EQ(known_coverage().coverage.members.size(), 9'999U);
  EXPECT_FALSE(known_coverage().coverage.members.contains(RepoId{5000}));
}

TEST_P(StoreConformance, AClaimOfMoreThanOneStepIsTooLargeAndChangesNothing) {
  const Authority authority = lead();
  claim_members(authority, "acme", {kRepo});
  const CoverageRecord before = known_coverage();
  CoverageClaim claim = claim_of(before.serial, clock_.now() + 1h, {});
  for (std::uint64_t i = 1; i < kMostClaimed; ++i) claim.changed[RepoId{i}] = settled();
  claim.left = {RepoId{kMostClaimed}, RepoId{kMostClaimed + 1}};
  Batch batch = of_note("acme", claim);
  batch.events = {review("1", "ann")};
  const auto refused = commit(batch, authority);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(known_coverage(), before);
  EXPECT_TRUE(snapshot_set().events.empty());
  batch.coverage->claim->left.pop_back();
  EXPECT_FALSE(commit(batch, authority)->claim_refused);
  EXPECT_EQ(members().size(), kMostClaimed - 1);
}

}  // namespace ghstats::store::testing
