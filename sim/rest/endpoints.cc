#include "sim/rest/endpoints.h"

#include <charconv>

#include "sim/rest/query.h"

namespace ghstats::sim {
namespace {

using For = Endpoint::For;
using copilot::OwnerKind;

enum class About { kEverybody, kUsers };
enum class Span { kPeriod, kDay };

template <OwnerKind kKind, About kAbout, Span kSpan>
Reply copilot_report(const Call& call) {
  return get_copilot_report(call, {kKind, kAbout == About::kUsers, kSpan == Span::kDay});
}

const std::vector<Endpoint>& all_endpoints() {
  static const std::vector<std::string_view> org_metrics{"organization_copilot_metrics"};
  static const std::vector<std::string_view> enterprise_metrics{"enterprise_copilot_metrics"};
  static const std::vector<Endpoint> endpoints{
      {"GET", "/orgs/{org}/repos", For::kAnyone, {"metadata"}, list_organization_repositories},
      {"GET", "/organizations/{id}/repos", For::kAnyone, {"metadata"}, list_organization_repositories_by_id},
      {"GET", "/users/{user}/repos", For::kAnyone, {"metadata"}, list_user_repositories},
      {"GET", "/installation/repositories", For::kUsers, {"metadata"}, list_installation_repositories},
      {"GET", "/repos/{owner}/{repo}", For::kAnyone, {"metadata"}, get_repository},
      {"GET", "/repos/{owner}/{repo}/commits", For::kAnyone, {"contents"}, list_commits},
      {"GET", "/repos/{owner}/{repo}/commits/{ref}", For::kAnyone, {"contents"}, get_commit},
      {"GET", "/repos/{owner}/{repo}/stats/contributors", For::kAnyone, {"metadata"}, get_contributor_statistics},
      {"GET", "/repos/{owner}/{repo}/pulls", For::kAnyone, {"pull_requests"}, list_pulls},
      {"GET", "/repos/{owner}/{repo}/pulls/comments", For::kAnyone, {"pull_requests"}, list_review_comments},
      {"GET", "/repos/{owner}/{repo}/pulls/{number}", For::kAnyone, {"pull_requests"}, get_pull},
      {"GET", "/repos/{owner}/{repo}/pulls/{number}/reviews", For::kAnyone, {"pull_requests"}, list_reviews},
      {"GET", "/repos/{owner}/{repo}/issues", For::kAnyone, {"issues"}, list_issues},
      {"GET", "/repos/{owner}/{repo}/issues/comments", For::kAnyone, {"issues", "pull_requests"}, list_issue_comments},
      {"GET", "/repos/{owner}/{repo}/issues/{number}", For::kAnyone, {"issues", "pull_requests"}, get_issue},
      {"GET", "/app", For::kApp, {}, get_app},
      {"GET", "/app/installations", For::kApp, {}, list_installations},
      {"GET", "/app/installations/{id}", For::kApp, {}, get_installation},
      {"GET", "/orgs/{org}/installation", For::kApp, {}, get_organization_installation},
      {"GET", "/enterprises/{enterprise}/installation", For::kApp, {}, get_enterprise_installation},
      {"POST", "/app/installations/{id}/access_tokens", For::kApp, {}, create_installation_token},
      {"GET", "/orgs/{org}/copilot/metrics/reports/organization-28-day/latest", For::kUsers, org_metrics,
       copilot_report<OwnerKind::kOrganization, About::kEverybody, Span::kPeriod>},
      {"GET", "/orgs/{org}/copilot/metrics/reports/organization-1-day", For::kUsers, org_metrics,
       copilot_report<OwnerKind::kOrganization, About::kEverybody, Span::kDay>},
      {"GET", "/orgs/{org}/copilot/metrics/reports/users-28-day/latest", For::kUsers, org_metrics,
       copilot_report<OwnerKind::kOrganization, About::kUsers, Span::kPeriod>},
      {"GET", "/orgs/{org}/copilot/metrics/reports/users-1-day", For::kUsers, org_metrics,
       copilot_report<OwnerKind::kOrganization, About::kUsers, Span::kDay>},
      {"GET", "/enterprises/{enterprise}/copilot/metrics/reports/enterprise-28-day/latest", For::kUsers,
       enterprise_metrics, copilot_report<OwnerKind::kEnterprise, About::kEverybody, Span::kPeriod>},
      {"GET", "/enterprises/{enterprise}/copilot/metrics/reports/enterprise-1-day", For::kUsers, enterprise_metrics,
       copilot_report<OwnerKind::kEnterprise, About::kEverybody, Span::kDay>},
      {"GET", "/enterprises/{enterprise}/copilot/metrics/reports/users-28-day/latest", For::kUsers, enterprise_metrics,
       copilot_report<OwnerKind::kEnterprise, About::kUsers, Span::kPeriod>},
      {"GET", "/enterprises/{enterprise}/copilot/metrics/reports/users-1-day", For::kUsers, enterprise_metrics,
       copilot_report<OwnerKind::kEnterprise, About::kUsers, Span::kDay>},
      {"GET", "/rate_limit", For::kAnyone, {}, get_rate_limit, true},
      {"GET", "/meta", For::kAnyone, {}, get_meta},
      {"POST", "/graphql", For::kUsers, {}, nullptr, true, true}};
  return endpoints;
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

bool is_placeholder(std::string_view segment) {
  return segment.starts_with('{');
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i].empty() || (!is_placeholder(pattern[i]) && pattern[i] != path[i])) return false;
  }
  return true;
}

}  // namespace

Match match_endpoint(std::string_view method, std::string_view path) {
  auto segments = split(path);
  Match match;
  const bool by_id = segments.size() >= 2 && segments[0] == "repositories";
  const bool by_name = segments.size() >= 3 && segments[0] == "repos";
  if (by_id) {
    std::uint64_t id = 0;
    const auto text = segments[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size()) return match;
    match.repository_id = id;
    segments[0] = "repos";
    segments.insert(segments.begin() + 2, text);  // so that one pattern serves both ways
  } else if (by_name) {
    match.owner = percent_decode(segments[1]);
    match.repo = percent_decode(segments[2]);
  }
  const bool names_repository = by_id || by_name;
  for (std::size_t i = 3; names_repository && i < segments.size(); ++i) match.rest += '/' + std::string(segments[i]);
  for (const auto& endpoint : all_endpoints()) {
    const auto pattern = split(endpoint.pattern);
    if (endpoint.method != method || !fits(pattern, segments)) continue;
    match.endpoint = &endpoint;
    for (std::size_t i = names_repository ? 3 : 0; i < pattern.size(); ++i) {
      if (is_placeholder(pattern[i])) match.parameters.push_back(percent_decode(segments[i]));
    }
    break;
  }
  return match;
}

}  // namespace ghstats::sim
