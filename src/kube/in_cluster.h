// What a pod is told about its cluster (Kubernetes documentation, "Accessing the Kubernetes API from a Pod").
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"

namespace ghstats::kube {

// The value of an environment variable; absent when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Where Kubernetes mounts the service account.
struct ServiceAccountFiles {
  std::string token = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  std::string authority = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
  std::string pod_namespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
};

struct InCluster {
  std::string api_server;    // "https://10.96.0.1:443", "https://[fd00::1]:443"
  std::string token_file;    // held a token
  std::string ca_file;       // PEM; could be read
  std::string in_namespace;  // of the pod; empty when it is not told
};

// kNotFound: not in a cluster, KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set. kInvalidArgument: they
// say nothing usable; the token's file is empty or holds what no token may. Otherwise, for the token's and the
// authority's file: as read_regular_file(). Every message says which variable or file it is about.
Result<InCluster> find_in_cluster(const Environment& environment, const ServiceAccountFiles& files = {});

// ... of this process.
std::optional<std::string> process_environment(const std::string& name);

}  // namespace ghstats::kube
