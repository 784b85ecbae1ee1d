// The test API server must refuse what a real one refuses. The words of decoding errors are those of
// k8s.io/apimachinery v0.37 for the same documents.
#include "kube/testing/lease_registry.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace ghstats::kube::testing {
namespace {

namespace json = boost::json;

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases";
const std::string kUser = "system:serviceaccount:monitoring:github-stats-exporter";

std::string body_of(const std::string& metadata, const std::string& spec) {
  return R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":)" + metadata + R"(,"spec":)" + spec + "}";
}

class LeaseRegistryTest : public ::testing::Test {
 protected:
  http::Response ask(const std::string& method, const std::string& target, const std::string& body = "",
                     const std::string& type = "application/json") {
    const http::ServerRequest request{method, target, target, {}, {{"Content-Type", type}}, body};
    return registry_.handle(request_info(request), request, rules_, kUser, {"t", 1}, {});
  }
  http::Response create(const std::string& spec) { return ask("POST", kLeases, body_of(R"({"name":"l"})", spec)); }
  http::Response put(const std::string& metadata, const std::string& spec) {
    return ask("PUT", kLeases + "/l", body_of(metadata, spec));
  }
  // "409 Conflict: ..."
  static std::string told(const http::Response& answer) {
    const auto value = json::parse(answer.body);
    const json::object& status = value.as_object();
    if (!status.contains("message")) return std::to_string(answer.status);
    const std::string reason = status.contains("reason") ? status.at("reason").as_string().c_str() : "-";
    return std::to_string(answer.status) + " " + reason + ": " + status.at("message").as_string().c_str();
  }
  static std::string version_of(const http::Response& answer) {
    return json::parse(answer.body).at("metadata").at("resourceVersion").as_string().c_str();
  }
  std::string with_version(const std::string& version) {
    return R"({"name":"l","resourceVersion":")" + version + R"("})";
  }

  std::vector<PolicyRule> rules_ = rules_for_lease("l");
  LeaseRegistry registry_{"monitoring"};
};

// As the exporter that this one replaces writes them.
TEST_F(LeaseRegistryTest, TimesInWholeSecondsAreRefused) {
  EXPECT_EQ(told(create(R"({"holderIdentity":"a","leaseDurationSeconds":30,"renewTime":"2026-11-23T03:40:00Z"})")),
            "400 BadRequest: Lease in version \"v1\" cannot be handled as a Lease: parsing time "
            "\"2026-11-23T03:40:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"");
  EXPECT_FALSE(registry_.object("l"));
}

TEST_F(LeaseRegistryTest, DecodesAsGoDoes) {
  const std::string head = "400 BadRequest: Lease in version \"v1\" cannot be handled as a Lease: ";
  const std::string layout = " as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse ";
  const auto time = [&](const std::string& text) { return told(create(R"({"renewTime":")" + text + R"("})")); };
  const auto expect_cannot = [&](const std::string& text, const std::string& rest, const std::string& element) {
    EXPECT_EQ(time(text), head + "parsing time \"" + text + "\"" + layout + "\"" + rest + "\" as \"" + element + "\"");
  };
  const auto expect_problem = [&](const std::string& text, const std::string& problem) {
    EXPECT_EQ(time(text), head + "parsing time \"" + text + "\": " + problem);
  };
  expect_cannot("2026-11-23T03:40:00.5Z", ".5Z", ".000000");
  expect_cannot("2026-11-23T03:40:00.1234567Z", "7Z", "Z07:00");
  expect_cannot("2026-11-23T03:40:00.123456z", "z", "Z07:00");
  expect_cannot("2026-11-23t03:40:00.123456Z", "t03:40:00.123456Z", "T");
  expect_cannot("2026-11-23T03:40:00.123456+0100", "+0100", "Z07:00");
  expect_cannot("", "", "2006");
  expect_cannot("yesterday", "yesterday", "2006");
  expect_problem("2026-11-23T03:40:00.123456+25:00", "time zone offset hour out of range");
  expect_problem("2026-02-30T03:40:00.123456Z", "day out of range");
  expect_problem("2026-13-30T03:40:00.123456Z", "month out of range");
  expect_problem("2026-11-23T24:40:00.123456Z", "hour out of range");
  expect_problem("2026-11-23T03:40:60.123456Z", "second out of range");
  expect_problem("2026-11-23T03:40:00.123456Zx", "extra text: \"x\"");

  const std::string field = "json: cannot unmarshal ";
  EXPECT_EQ(told(create(R"({"renewTime":17})")),
            head + field + "number into Go struct field LeaseSpec.spec.renewTime of type string");
  EXPECT_EQ(told(create(R"({"leaseDurationSeconds":"15"})")),
            head + field + "string into Go struct field LeaseSpec.spec.leaseDurationSeconds of type int32");
  EXPECT_EQ(told(create(R"({"leaseDurationSeconds":15.0})")),
            head + field + "number 15.0 into Go struct field LeaseSpec.spec.leaseDurationSeconds of type int32");
  EXPECT_EQ(told(create(R"({"leaseDurationSeconds":3000000000})")),
            head + field + "number 3000000000 into Go struct field LeaseSpec.spec.leaseDurationSeconds of type int32");
  EXPECT_EQ(told(create("[]")), head + field + "array into Go struct field Lease.spec of type v1.LeaseSpec");
  EXPECT_EQ(told(put(R"({"labels":{"a":5}})", "{}")),
            head + field + "number into Go struct field ObjectMeta.metadata.labels of type string");
  EXPECT_EQ(told(put(R"({"resourceVersion":5})", "{}")),
            head + field + "number into Go struct field ObjectMeta.metadata.resourceVersion of type string");
  EXPECT_TRUE(told(ask("POST", kLeases, R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v2"})"))
                  .starts_with("400 BadRequest: Lease in version \"v2\" cannot be handled as a Lease: no kind"));
  EXPECT_TRUE(told(ask("POST", kLeases, "x")).starts_with("400 BadRequest: the object provided is unrecognized"));
  EXPECT_TRUE(told(ask("POST", kLeases, "[]")).starts_with("400 BadRequest: the object provided is unrecognized"));
}

TEST_F(LeaseRegistryTest, KeepsWhatGoWouldKeep) {
  const auto made =
      create(R"({"holderIdentity":"a","acquireTime":null,"renewTime":"2026-11-23T3:40:00,123456+01:00","unknown":1,)"
             R"("HolderIdentity":"b"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(json::serialize(json::parse(made.body).at("spec")),
            R"({"holderIdentity":"a","renewTime":"2026-11-23T02:40:00.123456Z"})");
}

TEST_F(LeaseRegistryTest, ValidatesWhatItDecodes) {
  EXPECT_EQ(told(create(R"({"leaseDurationSeconds":0})")),
            "422 Invalid: Lease.coordination.k8s.io \"l\" is invalid: spec.leaseDurationSeconds: Invalid value: 0: "
            "must be greater than 0");
  EXPECT_EQ(told(create(R"({"leaseDurationSeconds":-1,"leaseTransitions":-2})")),
            "422 Invalid: Lease.coordination.k8s.io \"l\" is invalid: [spec.leaseDurationSeconds: Invalid value: -1: "
            "must be greater than 0, spec.leaseTransitions: Invalid value: -2: must be greater than or equal to 0]");
  EXPECT_EQ(told(create(R"({"preferredHolder":"x"})")),
            "422 Invalid: Lease.coordination.k8s.io \"l\" is invalid: spec.preferredHolder: Forbidden: may only be "
            "specified if `strategy` is defined");
  EXPECT_EQ(told(ask("POST", kLeases, body_of("{}", "{}"))),
            "422 Invalid: Lease.coordination.k8s.io \"\" is invalid: metadata.name: Required value: name or "
            "generateName is required");
  const auto made = create("{}");
  EXPECT_EQ(told(put(with_version(version_of(made)), R"({"leaseDurationSeconds":0})")),
            "422 Invalid: Lease.coordination.k8s.io \"l\" is invalid: spec.leaseDurationSeconds: Invalid value: 0: "
            "must be greater than 0");
}

TEST_F(LeaseRegistryTest, EveryWriteHasAnotherVersionAndOldOnesConflict) {
  const auto made = create(R"({"holderIdentity":"a"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto renewed = put(with_version(version_of(made)), R"({"holderIdentity":"b"})");
  ASSERT_EQ(renewed.status, 200) << renewed.body;
  EXPECT_NE(version_of(renewed), version_of(made));
  const auto lost = put(with_version(version_of(made)), R"({"holderIdentity":"c"})");
  EXPECT_EQ(lost.body,
            R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be )"
            R"(fulfilled on leases.coordination.k8s.io \"l\": the object has been modified; please apply your changes )"
            R"(to the latest version and try again","reason":"Conflict","details":{"name":"l","group":)"
            R"("coordination.k8s.io","kind":"leases"},"code":409})"
            "\n");
  EXPECT_EQ(told(create("{}")), "409 AlreadyExists: leases.coordination.k8s.io \"l\" already exists");
  ASSERT_EQ(registry_.writes().size(), 2U);
  EXPECT_EQ(registry_.writes()[1].holder, "b");
  EXPECT_EQ(std::to_string(registry_.writes()[1].resource_version), version_of(renewed));
  EXPECT_EQ(registry_.writes()[1].writer.token, "t");
}

TEST_F(LeaseRegistryTest, AnUpdateMustSayWhichVersionItReplaces) {
  const auto made = create("{}");
  for (const char* metadata :
       {R"({"name":"l"})", R"({"name":"l","resourceVersion":""})", R"({"name":"l","resourceVersion":"0"})"}) {
    EXPECT_EQ(told(put(metadata, R"({"holderIdentity":"a"})")),
              "422 Invalid: leases.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0x0: "
              "must be specified for an update");
  }
  EXPECT_EQ(told(put(with_version("x"), "{}")), "500 -: strconv.ParseUint: parsing \"x\": invalid syntax");
  EXPECT_EQ(told(ask("POST", kLeases, body_of(with_version("7"), "{}"))),
            "500 -: resourceVersion should not be set on objects to be created");
}

TEST_F(LeaseRegistryTest, WhatChangesNothingIsNoWrite) {
  const auto made = create(R"({"holderIdentity":"a"})");
  const auto same = put(with_version(version_of(made)), R"({"holderIdentity":"a"})");
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(version_of(same), version_of(made));
  EXPECT_EQ(registry_.writes().size(), 1U);
}

TEST_F(LeaseRegistryTest, AnUpdateOfNothingCreatesUnlessItNamesWhatWasThere) {
  const auto made = create("{}");
  const std::string uid = json::parse(made.body).at("metadata").at("uid").as_string().c_str();
  ASSERT_TRUE(registry_.remove("l", {}));
  EXPECT_EQ(told(put(R"({"name":"l","resourceVersion":"1","uid":")" + uid + R"("})", "{}")),
            "409 Conflict: Operation cannot be fulfilled on leases.coordination.k8s.io \"l\": StorageError: invalid "
            "object, Code: 4, Key: /registry/leases/monitoring/l, ResourceVersion: 0, AdditionalErrorMsg: Precondition "
            "failed: UID in precondition: " +
                uid + ", UID in object meta: ");
  rules_ = {rules_[0]};
  EXPECT_TRUE(told(put(R"({"name":"l"})", "{}")).contains(" cannot create resource \"leases\""));
  rules_ = rules_for_lease("l");
  EXPECT_EQ(put(R"({"name":"l","resourceVersion":"1"})", "{}").status, 201);
}

TEST_F(LeaseRegistryTest, NamesMustBeThoseOfTheUrl) {
  create("{}");
  EXPECT_EQ(told(put(R"({"name":"m","resourceVersion":"1"})", "{}")),
            "400 BadRequest: the name of the object (m) does not match the name on the URL (l)");
  EXPECT_EQ(told(put(R"({"name":"l","namespace":"default","resourceVersion":"1"})", "{}")),
            "400 BadRequest: the namespace of the object (default) does not match the namespace on the request "
            "(monitoring)");
  EXPECT_EQ(told(ask("POST", kLeases, body_of(R"({"name":"x","namespace":"default"})", "{}"))),
            "400 BadRequest: the namespace of the provided object does not match the namespace sent on the request");
  EXPECT_EQ(
      told(ask("POST", "/apis/coordination.k8s.io/v1/namespaces/nowhere/leases", body_of(R"({"name":"x"})", "{}"))),
      "404 NotFound: namespaces \"nowhere\" not found");
}

TEST_F(LeaseRegistryTest, OnlyJsonAndOnlyLeases) {
  EXPECT_TRUE(told(ask("POST", kLeases, "{}", "text/plain")).starts_with("415 UnsupportedMediaType: "));
  EXPECT_TRUE(told(ask("POST", kLeases, "{}", "application/x-www-form-urlencoded")).starts_with("415 "));
  EXPECT_EQ(ask("POST", kLeases, body_of(R"({"name":"l"})", "{}"), "application/json; charset=utf-8").status, 201);
  EXPECT_EQ(ask("GET", "/apis/coordination.k8s.io/v1beta1/namespaces/monitoring/leases/l").status, 404);
  EXPECT_EQ(told(ask("GET", "/apis/coordination.k8s.io/v1/namespaces/monitoring/rents/l")),
            "404 NotFound: the server could not find the requested resource");
  EXPECT_TRUE(told(ask("PATCH", kLeases + "/l", "{}")).starts_with("405 MethodNotAllowed: "));
}

}  // namespace
}  // namespace ghstats::kube::testing
