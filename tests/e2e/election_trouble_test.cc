// An API server in trouble, and people who change the Lease by hand: nobody dies of it, and one leads afterwards.
#include <boost/json.hpp>

#include "harness/election_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using kube::testing::answering;
using kube::testing::answering_body;
using kube::testing::Fault;

constexpr const char* kLease = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/github-stats-exporter";

class ElectionTrouble : public ElectionWorld {
 protected:
  static constexpr int kForLong = 1'000'000;

  double errors(const std::string& code) {
    return sum_of(members[0]->replica->look(), "gh_exporter_leader_election_errors_total", {{"error", code}});
  }
  // The Lease with this for its spec, whatever it was.
  void write_spec(const boost::json::value& spec) {
    const auto answer = api.act("GET", kLease, {});
    boost::json::object lease = boost::json::parse(answer.body).as_object();
    lease["spec"] = spec;
    // Somebody may be faster.
    ASSERT_TRUE(eventually(kPatience, [&] {
      lease["metadata"] = boost::json::parse(api.act("GET", kLease, {}).body).at("metadata");
      return api.act("PUT", kLease, boost::json::serialize(lease)).status == 200;
    }));
  }
  // Exactly one leads, within the time that the loss of a leader takes.
  void expect_one_soon() {
    const auto since = std::chrono::steady_clock::now();
    EXPECT_NE(elected(), nullptr) << logs();
    EXPECT_LE(std::chrono::steady_clock::now() - since, kAfterLoss);
  }
};

TEST_F(ElectionTrouble, ATokenThatIsReplacedIsReadWithoutAChangeOfLeaders) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  for (const auto& member : members) member->account.set_token("token-2");
  api.set_tokens({"token-2"});
  // Everybody is refused with the old one, and goes on with the new one.
  const auto asked_with = [&](const Member& member, const std::string& token, int status) {
    const auto requests = api.requests();
    return std::ranges::count_if(requests, [&](const auto& request) {
      return request.writer.port == member.api_port && request.writer.token == token && request.status == status;
    });
  };
  for (const auto& member : members) {
    EXPECT_TRUE(eventually(kPatience, [&] { return asked_with(*member, "token-2", 200) > 3; })) << member->log();
    EXPECT_EQ(asked_with(*member, "token-1", 401), 1) << "it was told once";
    EXPECT_EQ(troubles(*member), 0U) << member->log();
    EXPECT_EQ(member->log().find("token-"), std::string::npos) << "no token is told";
  }
  expect_truth();
  EXPECT_EQ(elected(), &first);
  EXPECT_EQ(leaderships(), 1);
}

TEST_F(ElectionTrouble, RefusalsAndGarbageAreCountedAndOver) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  // Whoever asks, one kind after the other.
  constexpr int kTimes = 4;
  const std::pair<const char*, Fault> kinds[] = {
      {"conflict", answering(409, "Conflict", "the object has been modified")},
      {"rate_limited", answering(429, "TooManyRequests", "too many requests, please try again later", 1)},
      {"unavailable", answering(500, "InternalError", "etcdserver: leader changed")},
      {"invalid_data", answering_body(200, "{\"spec\": 7, garbage", "application/json")},
      {"invalid_data", answering_body(200, "<html>a proxy</html>")},
      {"unavailable", kube::testing::cutting_answer(20)}};
  std::map<std::string, double> expected;
  for (const auto& kind : kinds) expected[kind.first] = errors(kind.first);
  for (const auto& [code, fault] : kinds) {
    expected[code] += kTimes;
    api.fail_next(fault, kTimes);
  }
  for (const auto& [code, times] : expected) {
    EXPECT_TRUE(eventually(kPatience, [&] { return errors(code) >= times; })) << code << errors(code) << logs();
  }
  expect_one_soon();
  for (const auto& member : members) {
    EXPECT_TRUE(eventually(kPatience, [&] { return election_of(*member, "trouble") == "null"; })) << member->log();
    EXPECT_TRUE(member->replica->exporter().process().running()) << member->log();
  }
  pass(50min);
  expect_truth();
}

// Neither a leader nor a storm of warnings, and then one leader.
TEST_F(ElectionTrouble, AnApiServerThatFailsForLongerThanALeaseLeavesNobodyUntilItIsBack) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  const auto since = std::chrono::steady_clock::now();
  api.fail_next(answering(500, "InternalError", "etcdserver: no leader"), kForLong);
  EXPECT_TRUE(eventually(kPatience, [&] { return nobody_leads(); })) << logs();
  EXPECT_LE(std::chrono::steady_clock::now() - since, kStepDown);
  // Well beyond the lease.
  EXPECT_FALSE(eventually(kAfterLoss, [&] { return !nobody_leads(); })) << logs();
  for (const auto& member : members) {
    EXPECT_EQ(troubles(*member), 1U) << member->log();
    EXPECT_EQ(member->replica->mode(), "degraded");
    EXPECT_NE(reasons_of(*member).find("HTTP 500 InternalError"), std::string::npos) << reasons_of(*member);
    EXPECT_EQ(member->replica->status("/readyz"), 200) << member->log();
  }
  pass(50min);
  api.heal();
  expect_one_soon();
  expect_truth();
  EXPECT_EQ(leaderships(), 2);
  for (const auto& member : members) {
    EXPECT_TRUE(eventually(kPatience, [&] { return member->replica->mode() == "healthy"; })) << reasons_of(*member);
  }
}

TEST_F(ElectionTrouble, ALeaseThatPeopleDeleteOrChangeIsOneLeadersAgain) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  ASSERT_TRUE(api.delete_lease());
  ASSERT_TRUE(eventually(kPatience, [&] { return !end_of(first).empty(); })) << first.log();
  EXPECT_EQ(end_of(first), "the lease was deleted");
  expect_one_soon();
  pass(50min);
  expect_truth();
  if (HasFatalFailure()) return;

  // Nobody's: an object without what a Lease should have.
  double begun = leaderships();
  write_spec(boost::json::object{});
  ASSERT_TRUE(eventually(kPatience, [&] { return leaderships() > begun; })) << logs();
  expect_one_soon();
  pass(50min);
  expect_truth();
  if (HasFatalFailure()) return;

  // Somebody's who is not there, without a time: it is theirs until it runs out.
  Member& third = *elected();
  begun = leaderships();
  write_spec({{"holderIdentity", "somebody"}, {"leaseDurationSeconds", 3}});
  EXPECT_TRUE(eventually(kStepDown, [&] { return third.replica->role() == "follower"; })) << third.log();
  ASSERT_TRUE(eventually(kAfterLoss, [&] { return leaderships() > begun; })) << logs();
  EXPECT_EQ(end_of(third), "the lease is held by 'somebody'");
  expect_one_soon();
  pass(50min);
  expect_truth();
}

}  // namespace
}  // namespace ghstats::harness
