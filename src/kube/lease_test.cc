#include "kube/lease.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace ghstats::kube {
namespace {

using std::chrono::microseconds;

const TimePoint kTime = from_unix_seconds(1'795'405'200) + microseconds{123'456};  // 2026-11-23T03:40:00.123456Z

std::string lease_with(const std::string& spec) {
  return R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"l","resourceVersion":"17"},)"
         R"("spec":)" +
         spec + "}";
}

std::string error_of(const std::string& text) {
  const auto read = parse_lease(text);
  if (read) return "no error";
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
  return read.error().message;
}

TEST(KubeLease, IsCreatedAsClientGoCreatesIt) {
  const LeaseSpec spec{"pod-a_5f0c", 15, kTime, kTime, 0};
  EXPECT_EQ(new_lease("monitoring", "github-stats-exporter", spec),
            R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"github-stats-exporter",)"
            R"("namespace":"monitoring"},"spec":{"holderIdentity":"pod-a_5f0c","leaseDurationSeconds":15,)"
            R"("acquireTime":"2026-11-23T03:40:00.123456Z","renewTime":"2026-11-23T03:40:00.123456Z",)"
            R"("leaseTransitions":0}})");
}

TEST(KubeLease, ReadsWhatAServerAnswers) {
  const std::string text =
      lease_with(R"({"holderIdentity":"pod-b","leaseDurationSeconds":30,"acquireTime":"2026-11-23T03:40:00.123456Z",)"
                 R"("renewTime":"2026-11-23T03:40:05.000000Z","leaseTransitions":4})");
  const auto lease = parse_lease(text);
  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_EQ(lease->resource_version, "17");
  EXPECT_EQ(lease->object, text);
  EXPECT_EQ(lease->spec, (LeaseSpec{"pod-b", 30, kTime, from_unix_seconds(1'795'405'205), 4}));
}

TEST(KubeLease, EveryFieldOfTheSpecMayBeMissing) {
  for (const char* spec : {"{}", "null",
                           R"({"holderIdentity":null,"leaseDurationSeconds":null,"acquireTime":null,"renewTime":null,)"
                           R"("leaseTransitions":null,"strategy":"OldestEmulationVersion","unknown":[1]})"}) {
    const auto lease = parse_lease(lease_with(spec));
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(lease->spec, LeaseSpec{}) << spec;
  }
  const auto without =
      parse_lease(R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"resourceVersion":"1"}})");
  ASSERT_TRUE(without);
  EXPECT_EQ(without->spec, LeaseSpec{});
}

TEST(KubeLease, NamesOfFieldsAreCaseSensitive) {
  const auto lease = parse_lease(lease_with(R"({"HolderIdentity":"x","holderidentity":"y"})"));
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->spec, LeaseSpec{});
}

TEST(KubeLease, WrongTypesAreNamed) {
  EXPECT_EQ(error_of(lease_with(R"({"holderIdentity":5})")),
            "Lease: field 'spec.holderIdentity': expected a string, got a number");
  EXPECT_EQ(error_of(lease_with(R"({"leaseDurationSeconds":"15"})")),
            "Lease: field 'spec.leaseDurationSeconds': expected a number, got a string");
  for (const char* number : {"1.5", "15.0", "3000000000", "-3000000000", "18446744073709551615", "1e3"}) {
    EXPECT_EQ(error_of(lease_with(std::string(R"({"leaseDurationSeconds":)") + number + "}")),
              "Lease: field 'spec.leaseDurationSeconds': expected a whole number of 32 bits")
        << number;
  }
  EXPECT_EQ(error_of(lease_with(R"({"leaseDurationSeconds":0})")),
            "Lease: field 'spec.leaseDurationSeconds': 0 is less than 1");
  EXPECT_EQ(error_of(lease_with(R"({"leaseDurationSeconds":-15})")),
            "Lease: field 'spec.leaseDurationSeconds': -15 is less than 1");
  EXPECT_EQ(error_of(lease_with(R"({"leaseTransitions":-1})")),
            "Lease: field 'spec.leaseTransitions': -1 is less than 0");
  EXPECT_EQ(error_of(lease_with(R"({"renewTime":"2026-11-23T03:40:00Z"})")),
            "Lease: field 'spec.renewTime': '2026-11-23T03:40:00Z' is no time with six fractional digits as Kubernetes "
            "writes it");
  EXPECT_EQ(error_of(lease_with(R"({"acquireTime":true})")),
            "Lease: field 'spec.acquireTime': expected a string, got a boolean");
  EXPECT_EQ(error_of(lease_with("[]")), "Lease: field 'spec': expected an object, got an array");
}

TEST(KubeLease, WhatIsNoLeaseIsNamed) {
  EXPECT_TRUE(error_of("").starts_with("Lease: not JSON: ")) << error_of("");
  EXPECT_TRUE(error_of("<html>").starts_with("Lease: not JSON: "));
  EXPECT_TRUE(error_of(lease_with("{}") + "x").starts_with("Lease: not JSON: "));
  EXPECT_TRUE(error_of(std::string(100, '[')).starts_with("Lease: not JSON: "));
  EXPECT_EQ(error_of("null"), "Lease: not a JSON object");
  EXPECT_EQ(error_of("[]"), "Lease: not a JSON object");
  EXPECT_EQ(error_of("{}"),
            "Lease: expected apiVersion 'coordination.k8s.io/v1' and kind 'Lease', got nothing and nothing");
  EXPECT_EQ(error_of(R"({"kind":"Status","apiVersion":"v1"})"),
            "Lease: expected apiVersion 'coordination.k8s.io/v1' and kind 'Lease', got 'v1' and 'Status'");
  const std::string head = R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":)";
  EXPECT_EQ(error_of(head + "{}}"), "Lease: field 'metadata.resourceVersion': is missing");
  EXPECT_EQ(error_of(head + R"({"resourceVersion":""}})"), "Lease: field 'metadata.resourceVersion': is missing");
  EXPECT_EQ(error_of(head + R"({"resourceVersion":17}})"),
            "Lease: field 'metadata.resourceVersion': expected a string, got a number");
  EXPECT_EQ(error_of(head + "5}"), "Lease: field 'metadata': expected an object, got a number");
}

// The whole object of the last answer goes back, with another spec; of the old spec nothing stays (client-go's
// LeaseLock.Update).
TEST(KubeLease, AnUpdateKeepsAllButTheSpec) {
  const std::string rest =
      R"("metadata":{"name":"l","namespace":"n","uid":"7d1c","resourceVersion":"17","creationTimestamp":)"
      R"("2026-11-23T03:40:00Z","labels":{"a":"b"},"annotations":{"c":"d"},"generation":9007199254740993,)"
      R"("managedFields":[{"manager":"m","fieldsV1":{"f:spec":{}}}]},"unknown":{"x":[1,null,true]})";
  const std::string head = R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1",)";
  const auto lease = parse_lease(
      head + rest + R"(,"spec":{"holderIdentity":"old","strategy":"OldestEmulationVersion","preferredHolder":"x"}})");
  ASSERT_TRUE(lease) << lease.error().message;
  const auto changed = with_spec(*lease, {"new", 15, kTime, kTime, 3});
  ASSERT_TRUE(changed) << changed.error().message;
  const auto expected = boost::json::parse(
      head + rest +
      R"(,"spec":{"holderIdentity":"new","leaseDurationSeconds":15,"acquireTime":)"
      R"("2026-11-23T03:40:00.123456Z","renewTime":"2026-11-23T03:40:00.123456Z","leaseTransitions":3}})");
  EXPECT_EQ(boost::json::parse(*changed), expected) << *changed;
}

TEST(KubeLease, AReleaseHasAnEmptyHolder) {
  const auto lease = parse_lease(lease_with("{}"));
  ASSERT_TRUE(lease);
  const auto changed = with_spec(*lease, {"", 1, kTime, kTime, 3});
  ASSERT_TRUE(changed);
  EXPECT_TRUE(changed->contains(R"("holderIdentity":"","leaseDurationSeconds":1,)")) << *changed;
  EXPECT_FALSE(with_spec({{}, "17", "garbage"}, {}));
}

}  // namespace
}  // namespace ghstats::kube
