#include "kube/in_cluster.h"

#include <gtest/gtest.h>

#include <map>

#include "kube/testing/service_account.h"

namespace ghstats::kube {
namespace {

using Variables = std::map<std::string, std::string>;

class InClusterTest : public ::testing::Test {
 protected:
  [[nodiscard]] Result<InCluster> find(Variables set) const {
    return find_in_cluster(
        [set = std::move(set)](const std::string& name) -> std::optional<std::string> {
          const auto at = set.find(name);
          return at == set.end() ? std::nullopt : std::optional(at->second);
        },
        files_);
  }
  [[nodiscard]] Result<InCluster> find() const {
    return find({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}});
  }

  testing::ServiceAccountFolder account_{"-----BEGIN CERTIFICATE-----\n", "secret-token", "monitoring\n"};
  ServiceAccountFiles files_ = account_.files();
};

TEST_F(InClusterTest, FindsWhatKubernetesTellsAPod) {
  const auto found = find();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->api_server, "https://10.96.0.1:443");
  EXPECT_EQ(found->token_file, files_.token);
  EXPECT_EQ(found->ca_file, files_.authority);
  EXPECT_EQ(found->in_namespace, "monitoring");
}

TEST_F(InClusterTest, BracketsAnIpv6Address) {
  const auto found = find({{"KUBERNETES_SERVICE_HOST", "fd00:10:96::1"}, {"KUBERNETES_SERVICE_PORT", "6443"}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->api_server, "https://[fd00:10:96::1]:6443");
}

TEST_F(InClusterTest, TakesAName) {
  const auto found = find({{"KUBERNETES_SERVICE_HOST", "kubernetes.default"}, {"KUBERNETES_SERVICE_PORT", "443"}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->api_server, "https://kubernetes.default:443");
}

TEST_F(InClusterTest, OutsideSaysWhichVariableIsMissing) {
  const auto no_host = find({});
  ASSERT_FALSE(no_host);
  EXPECT_EQ(no_host.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(no_host.error().message, "not in a Kubernetes cluster: KUBERNETES_SERVICE_HOST is not set");
  const auto no_port = find({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", ""}});
  ASSERT_FALSE(no_port);
  EXPECT_EQ(no_port.error().message, "not in a Kubernetes cluster: KUBERNETES_SERVICE_PORT is not set");
}

TEST_F(InClusterTest, RefusesWhatIsNoHostOrPort) {
  for (const char* port : {"0", "65536", "https", "443 ", "-1"}) {
    const auto found = find({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", port}});
    ASSERT_FALSE(found) << port;
    EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(found.error().message.starts_with("KUBERNETES_SERVICE_PORT: ")) << found.error().message;
  }
  for (const char* host : {"a b", "user@host", "host/path", "[::1]:1"}) {
    const auto found = find({{"KUBERNETES_SERVICE_HOST", host}, {"KUBERNETES_SERVICE_PORT", "443"}});
    ASSERT_FALSE(found) << host;
    EXPECT_TRUE(found.error().message.starts_with("KUBERNETES_SERVICE_HOST: ")) << found.error().message;
  }
}

TEST_F(InClusterTest, SaysThatThereIsNoToken) {
  account_.remove_token();
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(found.error().message, "token file '" + files_.token + "': does not exist");
}

TEST_F(InClusterTest, SaysThatThereIsNoAuthority) {
  files_.authority += ".missing";
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(found.error().message, "the cluster's CA file '" + files_.authority + "': does not exist");
}

TEST_F(InClusterTest, DoesWithoutANamespace) {
  files_.pod_namespace += ".missing";
  const auto found = find();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->in_namespace, "");
}

}  // namespace
}  // namespace ghstats::kube
