#include "leader/kubernetes_lease.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "kube/testing/api_fixture.h"

namespace ghstats::leader {
namespace {

using kube::testing::kPatience;
using std::chrono::microseconds;
using std::chrono::seconds;

const TimePoint kTime = from_unix_seconds(1'795'405'200) + microseconds{123'456};  // 2026-11-23T03:40:00.123456Z
const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases";
const LeaseRecord kMine{"pod-a_5f0c", seconds{15}, kTime, kTime, 0};

class KubernetesLeaseTest : public kube::testing::ApiFixture {
 protected:
  Result<LeaseObject> get() { return run(lease_->get(kPatience)); }
  Result<LeaseObject> create(LeaseRecord record) { return run(lease_->create(std::move(record), kPatience)); }
  Result<LeaseObject> update(LeaseObject base, LeaseRecord record) {
    return run(lease_->update(std::move(base), std::move(record), kPatience));
  }
  static ErrorCode code_of(const Result<LeaseObject>& result) {
    return result ? ErrorCode::kInternal : result.error().code;
  }
  [[nodiscard]] std::string stored_spec() const {
    return boost::json::serialize(boost::json::parse(*server_.lease()).at("spec"));
  }

  std::unique_ptr<LeaseClient> lease_ = make_kubernetes_lease(make_client(), "monitoring", "github-stats-exporter");
};

TEST_F(KubernetesLeaseTest, SendsWhatClientGoSends) {
  const auto made = create(kMine);
  ASSERT_TRUE(made) << made.error().message;
  const auto sent = server_.requests().at(0);
  EXPECT_EQ(sent.method + " " + sent.target, "POST " + kLeases);
  EXPECT_EQ(sent.body,
            R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"github-stats-exporter",)"
            R"("namespace":"monitoring"},"spec":{"holderIdentity":"pod-a_5f0c","leaseDurationSeconds":15,)"
            R"("acquireTime":"2026-11-23T03:40:00.123456Z","renewTime":"2026-11-23T03:40:00.123456Z",)"
            R"("leaseTransitions":0}})");
  EXPECT_EQ(made->record, kMine);
}

TEST_F(KubernetesLeaseTest, ReadsBackWhatItWrote) {
  EXPECT_EQ(code_of(get()), ErrorCode::kNotFound);
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  const LeaseRecord renewed{"pod-a_5f0c", seconds{15}, kTime, kTime + seconds{5}, 7};
  const auto updated = update(*made, renewed);
  ASSERT_TRUE(updated) << updated.error().message;
  EXPECT_EQ(updated->record, renewed);
  EXPECT_NE(updated->version, made->version);
  const auto read = get();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->record, renewed);
  EXPECT_EQ(read->version, updated->version);
}

TEST_F(KubernetesLeaseTest, ReleasesAsClientGoDoes) {
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  ASSERT_TRUE(update(*made, {"", seconds{1}, kTime + seconds{9}, kTime + seconds{9}, 3}));
  EXPECT_EQ(stored_spec(),
            R"({"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":"2026-11-23T03:40:09.123456Z",)"
            R"("renewTime":"2026-11-23T03:40:09.123456Z","leaseTransitions":3})");
}

TEST_F(KubernetesLeaseTest, ALeaseThatPeoplePreparedHasNoHolder) {
  ASSERT_EQ(server_.act("POST", kLeases, R"({"metadata":{"name":"github-stats-exporter"}})").status, 201);
  const auto read = get();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->record, LeaseRecord{});
  const auto taken = update(*read, kMine);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->record, kMine);
}

// Go writes a zero time as null, which the server leaves out.
TEST_F(KubernetesLeaseTest, ATimeThatWasNeverSetStaysSo) {
  LeaseRecord record = kMine;
  record.acquired = TimePoint{};
  const auto made = create(record);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->record, record);
  EXPECT_FALSE(stored_spec().contains("acquireTime"));
}

TEST_F(KubernetesLeaseTest, ALongDurationDoesNotWrapAround) {
  LeaseRecord record = kMine;
  record.duration = std::chrono::hours{24 * 365 * 100};
  const auto made = create(record);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->record.duration, seconds{2'147'483'647});
}

TEST_F(KubernetesLeaseTest, WhoComesSecondHasAConflict) {
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  EXPECT_EQ(code_of(create(kMine)), ErrorCode::kConflict);
  ASSERT_TRUE(update(*made, {"pod-b", seconds{15}, kTime, kTime, 1}));
  EXPECT_EQ(code_of(update(*made, kMine)), ErrorCode::kConflict);
  ASSERT_TRUE(server_.delete_lease());
  EXPECT_EQ(code_of(update(*made, kMine)), ErrorCode::kConflict);
}

TEST_F(KubernetesLeaseTest, EveryFailureIsAnErrorOfItsKind) {
  ASSERT_TRUE(create(kMine));
  using kube::testing::answering;
  server_.fail_next(answering(429, "TooManyRequests", "later", 1));
  EXPECT_EQ(code_of(get()), ErrorCode::kRateLimited);
  server_.fail_next(answering(500, "InternalError", "etcd"));
  EXPECT_EQ(code_of(get()), ErrorCode::kUnavailable);
  server_.fail_next(answering(503, "ServiceUnavailable", "starting"));
  EXPECT_EQ(code_of(get()), ErrorCode::kUnavailable);
  server_.fail_next(kube::testing::answering_body(200, R"({"kind":"List"})"));
  EXPECT_EQ(code_of(get()), ErrorCode::kInvalidData);
  server_.fail_next(kube::testing::resetting_before(), kube::testing::kEveryAttempt);
  EXPECT_EQ(code_of(get()), ErrorCode::kUnavailable);
  server_.heal();
  server_.set_rules({});
  EXPECT_EQ(code_of(get()), ErrorCode::kPermissionDenied);
  server_.set_tokens({});
  EXPECT_EQ(code_of(get()), ErrorCode::kUnauthenticated);
  server_.cut_off(kube::testing::Cut::kRequestsLost);
  EXPECT_EQ(code_of(run(lease_->get(kube::testing::kImpatience))), ErrorCode::kTimeout);
}

}  // namespace
}  // namespace ghstats::leader
