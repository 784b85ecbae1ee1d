// An election is configured, and there is nothing that could elect, or not yet.
#include "harness/election_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class ElectionBootstrap : public ElectionWorld {
 protected:
  static constexpr const char* kNoElection =
      "no election is possible here: this replica leads, and the store lets one writer win";

  static std::size_t warnings_of_election(const Member& member) {
    const auto lines = log_lines(member.log());
    return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const auto& line) {
      return text_of(line, "level") == "warn" && text_of(line, "component") == "leader";
    }));
  }
  // It says once that it leads as if alone, and why.
  static void expect_warning(const Member& member, const std::string& why) {
    EXPECT_EQ(warnings_of_election(member), 1U) << member.log();
    EXPECT_NE(last_said(member, kNoElection, "error").find(why), std::string::npos) << member.log();
    EXPECT_TRUE(eventually(kPatience, [&] { return member.replica->mode() == "degraded"; })) << member.log();
    EXPECT_NE(reasons_of(member).find(why), std::string::npos) << reasons_of(member);
    EXPECT_EQ(election_of(member, "elected_by"), "configuration");
    EXPECT_EQ(member.replica->status("/readyz"), 200) << member.log();
  }
};

// Two that were started so by mistake: the store takes one's word, and the other one knows why it follows.
TEST_F(ElectionBootstrap, OutsideAClusterOneLeadsAndTheNextOneTakesOver) {
  make_members(ElectedBy::kKubernetes, 2);
  Member& outside = *members[0];
  Member& without_token = *members[1];
  start(outside, {{"KUBERNETES_SERVICE_HOST", ""}, {"KUBERNETES_SERVICE_PORT", ""}});
  EXPECT_EQ(elected(), &outside) << outside.log();
  ASSERT_EQ(wrong_after(*outside.replica, kPatience), "");
  expect_warning(outside, "KUBERNETES_SERVICE_HOST is not set");

  without_token.account.remove_token();
  start(without_token);
  ASSERT_TRUE(eventually(kPatience, [&] { return outside.replica->role() == "follower"; })) << outside.log();
  EXPECT_EQ(elected(), &without_token);
  expect_warning(without_token, without_token.account.files().token);
  const std::string why = end_of(outside);
  EXPECT_NE(why.find("epoch " + std::to_string(epoch_of(outside))), std::string::npos) << why;
  EXPECT_NE(why.find("epoch " + std::to_string(epoch_of(without_token))), std::string::npos) << why;
  EXPECT_EQ(election_of(outside, "last_end"), why);

  pass(50min);
  ASSERT_TRUE(without_token.replica->exporter().complete_cycle("acme")) << without_token.log();
  for (Member* member : living()) EXPECT_EQ(wrong_after(*member->replica, 5s), "") << member->name;
  EXPECT_EQ(disagreement(without_token), "");
  EXPECT_EQ(leaderships(), 2);
  EXPECT_EQ(outside.replica->role(), "follower") << "it does not fight";
  EXPECT_EQ(warnings_of_election(outside), 1U) << outside.log();
  EXPECT_TRUE(api.requests().empty());
}

// A pod whose API server is not up yet waits for it: it would not be alone.
TEST_F(ElectionBootstrap, WithoutAnApiServerNobodyLeadsUntilItIsUp) {
  make_members(ElectedBy::kKubernetes);
  for (const auto& member : members) {
    member->api_port = net::testing::free_port();
    start(*member);
  }
  for (const auto& member : members) {
    EXPECT_TRUE(eventually(kPatience, [&] { return troubles(*member) == 1; })) << member->log();
    EXPECT_TRUE(eventually(kPatience, [&] { return member->replica->mode() != "healthy"; })) << member->log();
    EXPECT_NE(reasons_of(*member).find(":" + std::to_string(member->api_port)), std::string::npos)
        << reasons_of(*member);
  }
  EXPECT_FALSE(eventually(kAfterLoss, [&] { return !nobody_leads(); })) << logs();
  EXPECT_EQ(simulator->requests(), 0U) << "nobody collects";
  for (const auto& member : members) EXPECT_EQ(warnings_of_election(*member), 1U) << member->log();

  for (const auto& member : members) api.open_port(false, member->api_port);
  const auto since = std::chrono::steady_clock::now();
  EXPECT_NE(elected(), nullptr) << logs();
  EXPECT_LE(std::chrono::steady_clock::now() - since, kAfterLoss);
  expect_truth();
  for (const auto& member : members) {
    EXPECT_TRUE(eventually(kPatience, [&] { return member->replica->mode() == "healthy"; })) << reasons_of(*member);
  }
}

}  // namespace
}  // namespace ghstats::harness
