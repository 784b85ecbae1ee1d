#include "kube/testing/authorizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "kube/testing/status_body.h"

namespace ghstats::kube::testing {
namespace {

std::vector<std::string> segments_of(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) out.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string verb_of(const http::ServerRequest& request, bool named) {
  if (request.method == "GET" || request.method == "HEAD") {
    if (named) return "get";
    return request.query.contains("watch=true") || request.query.contains("watch=1") ? "watch" : "list";
  }
  if (request.method == "POST") return "create";
  if (request.method == "PUT") return "update";
  if (request.method == "PATCH") return "patch";
  if (request.method == "DELETE") return named ? "delete" : "deletecollection";
  return "";
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool matches(const std::vector<std::string>& allowed, const std::string& value) {
  return std::ranges::any_of(allowed, [&](const std::string& one) { return one == "*" || one == value; });
}

}  // namespace

RequestInfo request_info(const http::ServerRequest& request) {
  RequestInfo out;
  out.path = request.path;
  out.verb = lower(request.method);
  std::vector<std::string> parts = segments_of(request.path);
  const bool grouped = !parts.empty() && parts[0] == "apis";
  const bool core = !parts.empty() && parts[0] == "api";
  const std::size_t prefix = grouped ? 3 : 2;
  if ((!grouped && !core) || parts.size() <= prefix) return out;
  out.is_resource = true;
  out.group = grouped ? parts[1] : "";
  out.version = parts[prefix - 1];
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(prefix));
  if (parts[0] == "namespaces" && parts.size() > 2) {
    out.in_namespace = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  out.resource = parts[0];
  if (parts.size() > 1) out.name = parts[1];
  if (parts.size() > 2) out.subresource = parts[2];
  out.verb = verb_of(request, !out.name.empty());
  return out;
}

std::vector<PolicyRule> rules_for_lease(const std::string& name) {
  return {{.verbs = {"get", "update"}, .groups = {"coordination.k8s.io"}, .resources = {"leases"}, .names = {name}},
          {.verbs = {"create"}, .groups = {"coordination.k8s.io"}, .resources = {"leases"}}};
}

std::vector<PolicyRule> rules_for_everything() {
  return {{.verbs = {"*"}, .groups = {"*"}, .resources = {"*"}}};
}

bool allows(const std::vector<PolicyRule>& rules, const RequestInfo& info) {
  const std::string resource = info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
  return std::ranges::any_of(rules, [&](const PolicyRule& rule) {
    return matches(rule.verbs, info.verb) && matches(rule.groups, info.group) && matches(rule.resources, resource) &&
           (rule.names.empty() || matches(rule.names, info.name));
  });
}

http::Response forbidden(const std::string& user, const RequestInfo& info) {
  if (!info.is_resource) {
    return status_answer(403, "Forbidden",
                         fmt::format("forbidden: User \"{}\" cannot {} path \"{}\"", user, info.verb, info.path));
  }
  const std::string where =
      info.in_namespace.empty() ? "at the cluster scope" : fmt::format("in the namespace \"{}\"", info.in_namespace);
  const std::string resource = info.subresource.empty() ? info.resource : info.resource + "/" + info.subresource;
  const std::string what = info.group.empty() ? info.resource : info.resource + "." + info.group;
  const std::string named = info.name.empty() ? what : fmt::format("{} \"{}\"", what, info.name);
  return status_answer(403, "Forbidden",
                       fmt::format("{} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}",
                                   named, user, info.verb, resource, info.group, where),
                       {.name = info.name, .group = info.group, .kind = info.resource, .causes = {}});
}

}  // namespace ghstats::kube::testing
