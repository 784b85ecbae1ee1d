// A Kubernetes API server for tests: one namespace with Leases behind TLS, authentication and RBAC. It refuses what a
// real one refuses, in its words.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/testing/authorizer.h"
#include "kube/testing/lease_registry.h"
#include "kube/testing/misfortune.h"

namespace ghstats::kube::testing {

struct ApiServerOptions {
  std::string in_namespace = "monitoring";
  std::string lease_name = "github-stats-exporter";  // the one that the default rules are about
  std::string user = "system:serviceaccount:monitoring:github-stats-exporter";  // whom every token stands for
  std::vector<std::string> tokens = {"token-1"};
};

// As it came in; what a partition kept away is not among them.
struct SeenRequest {
  SteadyPoint at;
  std::string method;
  std::string target;
  std::string body;
  std::string user_agent;
  Writer writer;
  int status = 0;  // that it was answered with; 0: it was not
};

// A server with a thread of its own. Every method may be called from any thread and returns when it has been done.
// Requests of HTTP/1.1 only; no watching, no patching.
class ApiServer {
 public:
  explicit ApiServer(ApiServerOptions options = {});
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  // Of 127.0.0.1.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Another port of the same server, so that each client can have its own way to it: on 127.0.0.1, or ::1. `port`:
  // which, where it must be known before; 0: a free one.
  std::uint16_t open_port(bool ipv6 = false, std::uint16_t port = 0);
  // PEM of the authority that vouches for 127.0.0.1, ::1 and localhost.
  [[nodiscard]] const std::string& authority() const;

  // From now on these tokens and no others are accepted.
  void set_tokens(std::vector<std::string> tokens);
  void set_rules(std::vector<PolicyRule> rules);

  // The next `times` requests of somebody go wrong.
  void fail_next(Fault fault, int times = 1, Whose whose = {});
  void cut_off(Cut cut, Whose whose = {});
  // Ends the partition that was begun with the same words.
  void restore(Whose whose = {});
  // How long each request takes: before it has an effect, and from then until it is answered.
  void slow_down(std::chrono::nanoseconds before, std::chrono::nanoseconds after, Whose whose = {});
  // No partition, no fault, no delay any more.
  void heal();

  // As somebody else would, with all rights.
  bool delete_lease();
  // Answers what the server would: PUT or POST of any JSON.
  http::Response act(const std::string& method, const std::string& target, const std::string& json);

  // JSON of the one Lease; absent when there is none.
  [[nodiscard]] std::optional<std::string> lease() const;
  [[nodiscard]] std::vector<LeaseWrite> writes() const;
  [[nodiscard]] std::vector<SeenRequest> requests() const;
  // How many requests or answers a partition keeps back at this moment.
  [[nodiscard]] std::size_t kept_back() const;

 private:
  struct Impl;
  void call(const std::function<void()>& what) const;

  std::unique_ptr<Impl> impl_;
  std::uint16_t port_ = 0;
};

}  // namespace ghstats::kube::testing
