// Who may do what: the part of RBAC that an API server with one Lease needs (apiserver, pkg/endpoints/request and
// pkg/endpoints/handlers/responsewriters/errors.go; plugin/pkg/auth/authorizer/rbac).
#pragma once

#include <string>
#include <vector>

#include "http/client.h"
#include "http/router.h"

namespace ghstats::kube::testing {

// What a request is about.
struct RequestInfo {
  bool is_resource = false;
  std::string verb;  // "get", "list", "create", "update", ...; of a path that is no resource: the method in lower case
  std::string path;
  std::string group;
  std::string version;
  std::string in_namespace;
  std::string resource;
  std::string name;  // of the URL: none when something is created
  std::string subresource;
};

RequestInfo request_info(const http::ServerRequest& request);

// A rule of a Role. "*" is everything; no names at all: every name.
struct PolicyRule {
  std::vector<std::string> verbs;
  std::vector<std::string> groups;
  std::vector<std::string> resources;
  std::vector<std::string> names = {};
};

// The Role of docs/leader-election.md. A rule with names never matches a create: its URL has no name.
std::vector<PolicyRule> rules_for_lease(const std::string& name);
// ... of somebody who may do everything in the namespace.
std::vector<PolicyRule> rules_for_everything();

bool allows(const std::vector<PolicyRule>& rules, const RequestInfo& info);

http::Response forbidden(const std::string& user, const RequestInfo& info);

}  // namespace ghstats::kube::testing
