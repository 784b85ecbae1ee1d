// Who elects is away for long: nobody leads, everybody serves, and afterwards one leads.
#include "harness/election_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class ElectionForLong : public ElectionWorld {
 protected:
  // For so long nobody leads, and every page is as it was, apart from what has become too old. Time passes.
  void expect_nobody_for(std::chrono::seconds outage) {
    const auto end = std::chrono::steady_clock::now() + outage;
    while (std::chrono::steady_clock::now() < end) {
      ASSERT_FALSE(eventually(5s, [&] { return !nobody_leads(); })) << logs();
      pass(1min);
      for (Member* member : living()) {
        ASSERT_TRUE(member->replica->exporter().process().running()) << member->log();
        ASSERT_EQ(overstated(*member->replica), "") << member->name;
        ASSERT_EQ(member->replica->mode(), "degraded");
      }
    }
  }
  void expect_one_soon() {
    const auto since = std::chrono::steady_clock::now();
    EXPECT_NE(elected(), nullptr) << logs();
    EXPECT_LE(std::chrono::steady_clock::now() - since, kAfterLoss);
    expect_truth();
    EXPECT_EQ(leaderships(), 2) << logs();
    for (Member* member : living()) {
      EXPECT_TRUE(eventually(kPatience, [&] { return member->replica->mode() == "healthy"; })) << reasons_of(*member);
    }
  }
};

// It accepts connections and is silent.
TEST_F(ElectionForLong, AnApiServerThatIsAwayForFiveMinutes) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  const auto since = std::chrono::steady_clock::now();
  api.cut_off(kube::testing::Cut::kRequestsLost);
  EXPECT_TRUE(eventually(kPatience, [&] { return nobody_leads(); })) << logs();
  EXPECT_LE(std::chrono::steady_clock::now() - since, kStepDown);
  expect_nobody_for(5min);
  if (HasFatalFailure()) return;
  for (const auto& member : members) {
    EXPECT_EQ(troubles(*member), 1U) << member->log();
    EXPECT_EQ(member->replica->status("/readyz"), 200) << member->log();
  }
  EXPECT_NE(end_of(first).find("the lease was not renewed within 2s"), std::string::npos) << end_of(first);
  api.restore();
  expect_one_soon();
}

// Elector and store at once.
TEST_F(ElectionForLong, ARedisThatElectsAndIsAwayForAMinuteAndEmptyAfterwards) {
  start_all(ElectedBy::kRedis);
  if (HasFatalFailure()) return;
  const auto since = std::chrono::steady_clock::now();
  redis->kill();
  EXPECT_TRUE(eventually(kPatience, [&] { return nobody_leads(); })) << logs();
  EXPECT_LE(std::chrono::steady_clock::now() - since, kStepDown);
  expect_nobody_for(1min);
  if (HasFatalFailure()) return;
  for (const auto& member : members) {
    EXPECT_EQ(troubles(*member), 1U) << member->log();
    EXPECT_EQ(member->replica->status("/readyz"), 200) << member->log();
  }
  redis->start();
  expect_one_soon();
}

}  // namespace
}  // namespace ghstats::harness
