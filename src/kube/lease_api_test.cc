#include "kube/lease_api.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "kube/testing/api_fixture.h"

namespace ghstats::kube {
namespace {

using std::chrono::microseconds;
using testing::kImpatience;
using testing::kPatience;

const TimePoint kTime = from_unix_seconds(1'795'405'200) + microseconds{123'456};
const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases";
const LeaseSpec kMine{"pod-a", 15, kTime, kTime, 0};

class LeaseApiTest : public testing::ApiFixture {
 protected:
  LeaseApi make(std::uint16_t port, const std::string& in_namespace = "monitoring",
                const std::string& name = "github-stats-exporter") {
    return {make_client(cluster(port)), in_namespace, name};
  }
  Result<Lease> get(std::chrono::nanoseconds timeout = kPatience) { return run(api_.get(timeout)); }
  Result<Lease> create(LeaseSpec spec) { return run(api_.create(std::move(spec), kPatience)); }
  Result<Lease> update(Lease lease, LeaseSpec spec, std::chrono::nanoseconds timeout = kPatience) {
    return run(api_.update(std::move(lease), std::move(spec), timeout));
  }
  static ErrorCode code_of(const Result<Lease>& result) { return result ? ErrorCode::kInternal : result.error().code; }

  LeaseApi api_ = make(server_.port());
};

TEST_F(LeaseApiTest, CreatesReadsAndReplacesOneLease) {
  EXPECT_EQ(code_of(get()), ErrorCode::kNotFound);
  const auto made = create(kMine);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->spec, kMine);
  const auto read = get();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->spec, kMine);
  EXPECT_EQ(read->resource_version, made->resource_version);
  LeaseSpec renewed = kMine;
  renewed.renew_time = kTime + microseconds{1};
  const auto replaced = update(*read, renewed);
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_EQ(replaced->spec, renewed);
  EXPECT_NE(replaced->resource_version, read->resource_version);
  const auto again = update(*replaced, kMine);  // with the object of the last answer
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(server_.writes().size(), 3U);
}

TEST_F(LeaseApiTest, OfTwoWritersOneHasAConflict) {
  ASSERT_TRUE(create(kMine));
  const auto mine = get();
  const auto theirs = get();
  ASSERT_TRUE(mine && theirs);
  LeaseSpec other = kMine;
  other.holder_identity = "pod-b";
  ASSERT_TRUE(update(*theirs, other));
  const auto lost = update(*mine, kMine);
  EXPECT_EQ(code_of(lost), ErrorCode::kConflict);
  EXPECT_TRUE(lost.error().message.ends_with(
      "HTTP 409 Conflict: Operation cannot be fulfilled on leases.coordination.k8s.io \"github-stats-exporter\": the "
      "object has been modified; please apply your changes to the latest version and try again"))
      << lost.error().message;
  EXPECT_EQ(code_of(create(kMine)), ErrorCode::kConflict);
  EXPECT_EQ(get()->spec, other);
}

TEST_F(LeaseApiTest, KeepsWhatOthersHaveSaidAboutTheLease) {
  const auto theirs = server_.act("POST", kLeases,
                                  R"({"metadata":{"name":"github-stats-exporter","labels":{"team":"metrics"},)"
                                  R"("annotations":{"note":"ours"}},"spec":{"strategy":"OldestEmulationVersion"}})");
  ASSERT_EQ(theirs.status, 201) << theirs.body;
  const auto read = get();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->spec, LeaseSpec{});
  ASSERT_TRUE(update(*read, kMine));
  const auto object = boost::json::parse(*server_.lease());
  EXPECT_EQ(object.at("metadata").at("labels").at("team"), "metrics");
  EXPECT_EQ(object.at("metadata").at("annotations").at("note"), "ours");
  EXPECT_EQ(object.at("metadata").at("managedFields").as_array().size(), 2U);
  EXPECT_FALSE(object.at("spec").as_object().contains("strategy"));
}

TEST_F(LeaseApiTest, ADeletedLeaseIsAConflictForWhoHasReadIt) {
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  ASSERT_TRUE(server_.delete_lease());
  EXPECT_EQ(code_of(update(*made, kMine)), ErrorCode::kConflict);
  EXPECT_EQ(code_of(get()), ErrorCode::kNotFound);
  EXPECT_TRUE(create(kMine));
}

TEST_F(LeaseApiTest, TheDocumentedRoleIsEnoughAndNotMore) {
  auto other = make(server_.port(), "monitoring", "somebody-elses");
  const auto read = run(other.get(kPatience));
  EXPECT_EQ(code_of(read), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(read.error().message.ends_with(
      "HTTP 403 Forbidden: leases.coordination.k8s.io \"somebody-elses\" is forbidden: User "
      "\"system:serviceaccount:monitoring:github-stats-exporter\" cannot get resource \"leases\" in API group "
      "\"coordination.k8s.io\" in the namespace \"monitoring\""))
      << read.error().message;
  auto elsewhere = make(server_.port(), "default");
  EXPECT_EQ(code_of(run(elsewhere.create(kMine, kPatience))), ErrorCode::kPermissionDenied);
  server_.set_rules({});
  EXPECT_EQ(code_of(create(kMine)), ErrorCode::kPermissionDenied);
}

TEST_F(LeaseApiTest, ANameThatIsNoneIsRefusedByTheServer) {
  auto wrong = make(server_.port(), "monitoring", "Not_A_Name");
  const auto made = run(wrong.create(kMine, kPatience));
  EXPECT_EQ(code_of(made), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(made.error().message.contains("metadata.name: Invalid value: \"Not_A_Name\"")) << made.error().message;
}

TEST_F(LeaseApiTest, AnUpdateWhoseAnswerIsLostHasHappened) {
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  LeaseSpec renewed = kMine;
  renewed.renew_time = kTime + microseconds{1};
  server_.cut_off(testing::Cut::kAnswersLost);
  EXPECT_TRUE(call_in_vain<Lease>([&] { return api_.update(*made, renewed, kPatience); },
                                  [&] { return server_.writes().size() == 2; }));
  server_.heal();
  EXPECT_EQ(get()->spec, renewed);
  EXPECT_EQ(code_of(update(*made, kMine)), ErrorCode::kConflict);
}

TEST_F(LeaseApiTest, AnUpdateThatIsLostHasNotHappened) {
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  LeaseSpec renewed = kMine;
  renewed.renew_time = kTime + microseconds{1};
  server_.cut_off(testing::Cut::kRequestsLost);
  EXPECT_EQ(code_of(update(*made, renewed, kImpatience)), ErrorCode::kTimeout);
  server_.heal();
  EXPECT_EQ(get()->spec, kMine);
}

TEST_F(LeaseApiTest, AnUpdateThatComesLateLosesToANewerOne) {
  const auto made = create(kMine);
  ASSERT_TRUE(made);
  server_.cut_off(testing::Cut::kRequestsLate, {.port = server_.port()});
  LeaseSpec late = kMine;
  late.holder_identity = "late";
  EXPECT_TRUE(call_in_vain<Lease>([&] { return api_.update(*made, late, kPatience); },
                                  [&] { return server_.kept_back() == 1; }));
  auto other = make(server_.open_port());
  LeaseSpec newer = kMine;
  newer.holder_identity = "newer";
  ASSERT_TRUE(run(other.update(*made, newer, kPatience)));
  server_.heal();
  ASSERT_TRUE(net::testing::wait_for(std::chrono::seconds{10}, [&] { return server_.requests().size() == 3; }));
  EXPECT_EQ(server_.requests()[2].status, 409);
  EXPECT_EQ(get()->spec, newer);
}

TEST_F(LeaseApiTest, AMalformedLeaseIsAnError) {
  for (const char* body : {"", "<html>", "{}", R"({"kind":"Lease"})", R"({"kind":"Status","apiVersion":"v1"})"}) {
    server_.fail_next(testing::answering_body(200, body));
    EXPECT_EQ(code_of(get()), ErrorCode::kInvalidData) << body;
  }
}

}  // namespace
}  // namespace ghstats::kube
