#include "kube/testing/authorizer.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace ghstats::kube::testing {
namespace {

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases";

RequestInfo info(const std::string& method, const std::string& path, const std::string& query = "") {
  return request_info({method, path, path, query, {}, ""});
}

std::string forbidden_message(const RequestInfo& about) {
  return boost::json::parse(forbidden("u", about).body).at("message").as_string().c_str();
}

TEST(KubeAuthorizer, GetCreateAndUpdateOfOneLeaseAndNothingElse) {
  const auto rules = rules_for_lease("l");
  EXPECT_TRUE(allows(rules, info("GET", kLeases + "/l")));
  EXPECT_TRUE(allows(rules, info("PUT", kLeases + "/l")));
  EXPECT_TRUE(allows(rules, info("POST", kLeases)));
  EXPECT_FALSE(allows(rules, info("GET", kLeases)));
  EXPECT_FALSE(allows(rules, info("GET", kLeases, "watch=true")));
  EXPECT_FALSE(allows(rules, info("GET", kLeases + "/m")));
  EXPECT_FALSE(allows(rules, info("PUT", kLeases + "/m")));
  EXPECT_FALSE(allows(rules, info("PATCH", kLeases + "/l")));
  EXPECT_FALSE(allows(rules, info("DELETE", kLeases + "/l")));
  EXPECT_FALSE(allows(rules, info("GET", kLeases + "/l/status")));
  EXPECT_FALSE(allows(rules, info("GET", "/api/v1/namespaces/monitoring/pods/l")));
  EXPECT_FALSE(allows(rules, info("GET", "/version")));
  EXPECT_TRUE(allows(rules_for_everything(), info("DELETE", kLeases + "/m")));
}

// Why the Role in docs/leader-election.md has two rules.
TEST(KubeAuthorizer, ARuleWithNamesNeverAllowsToCreate) {
  const std::vector<PolicyRule> rules = {{.verbs = {"get", "create", "update"},
                                          .groups = {"coordination.k8s.io"},
                                          .resources = {"leases"},
                                          .names = {"l"}}};
  EXPECT_TRUE(allows(rules, info("GET", kLeases + "/l")));
  EXPECT_FALSE(allows(rules, info("POST", kLeases)));
}

TEST(KubeAuthorizer, SaysWhoMayNotDoWhatWhere) {
  EXPECT_EQ(forbidden_message(info("PUT", kLeases + "/l")),
            "leases.coordination.k8s.io \"l\" is forbidden: User \"u\" cannot update resource \"leases\" in API group "
            "\"coordination.k8s.io\" in the namespace \"monitoring\"");
  EXPECT_EQ(forbidden_message(info("POST", kLeases)),
            "leases.coordination.k8s.io is forbidden: User \"u\" cannot create resource \"leases\" in API group "
            "\"coordination.k8s.io\" in the namespace \"monitoring\"");
  EXPECT_EQ(forbidden_message(info("GET", "/api/v1/nodes")),
            "nodes is forbidden: User \"u\" cannot list resource \"nodes\" in API group \"\" at the cluster scope");
  EXPECT_EQ(forbidden_message(info("GET", "/version")), "forbidden: User \"u\" cannot get path \"/version\"");
}

}  // namespace
}  // namespace ghstats::kube::testing
