// What a pod finds in its file system, in a folder of the test's.
#pragma once

#include <string>

#include "kube/in_cluster.h"
#include "net/testing/child_process.h"

namespace ghstats::kube::testing {

class ServiceAccountFolder {
 public:
  ServiceAccountFolder(const std::string& authority, const std::string& token,
                       const std::string& in_namespace = "monitoring") {
    net::testing::write_file(folder_.path() / "ca.crt", authority);
    net::testing::write_file(folder_.path() / "namespace", in_namespace);
    set_token(token);
  }

  // Replaced at once, as the kubelet does.
  void set_token(const std::string& token) const { net::testing::write_file(folder_.path() / "token", token + "\n"); }
  void remove_token() const { std::filesystem::remove(folder_.path() / "token"); }

  [[nodiscard]] ServiceAccountFiles files() const {
    return {.token = folder_.path() / "token",
            .authority = folder_.path() / "ca.crt",
            .pod_namespace = folder_.path() / "namespace"};
  }

 private:
  net::testing::TemporaryFolder folder_;
};

}  // namespace ghstats::kube::testing
