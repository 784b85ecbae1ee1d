#include <boost/json.hpp>

#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

boost::json::object render_state(const RateBucket::State& state) {
  return {{"limit", state.limit}, {"used", state.used}, {"remaining", state.remaining}, {"reset", state.reset}};
}

}  // namespace

// Costs nothing of the primary limit.
Reply get_rate_limit(const Call& call) {
  if (!call.rate_limited) return error_reply(404, "Rate limiting is not enabled.");
  const auto core = render_state(call.budget.state(call.now));
  const auto untouched = [&](std::int64_t limit, std::int64_t window) {
    return render_state({limit, 0, limit, to_unix_seconds(call.now) + window});
  };
  boost::json::object resources{{"core", core},
                                {"search", untouched(30, 60)},
                                {"graphql", render_state(call.graphql_budget.state(call.now))},
                                {"integration_manifest", untouched(5000, 3600)},
                                {"source_import", untouched(100, 60)},
                                {"code_scanning_upload", untouched(1000, 3600)},
                                {"actions_runner_registration", untouched(10'000, 3600)},
                                {"scim", untouched(15'000, 3600)},
                                {"dependency_snapshots", untouched(100, 60)},
                                {"code_search", untouched(10, 60)}};
  boost::json::object body{{"resources", std::move(resources)}};
  if (call.request.headers.get("X-GitHub-Api-Version").value_or("") != "2026-03-10") body["rate"] = core;
  auto reply = json_reply(200, body);
  reply.has_etag = false;
  return reply;
}

Reply get_meta(const Call& call) {
  boost::json::object body{{"verifiable_password_authentication", false},
                           {"packages", boost::json::array{"192.0.2.0/24"}},
                           {"domains",
                            {{"website", boost::json::array{"*.github.com", "*.github.dev", "*.githubusercontent.com"}},
                             {"copilot", boost::json::array{"*.github.com", "*.githubusercontent.com",
                                                            "default.exp-tas.com", "*.githubcopilot.com"}}}}};
  if (!call.rate_limited) {
    body["installed_version"] = "3.19.0";
    return json_reply(200, body);
  }
  for (const auto* const key :
       {"hooks", "web", "api", "git", "pages", "importer", "actions", "dependabot", "copilot"}) {
    body[key] = boost::json::array{"192.0.2.0/24", "2001:db8::/32"};
  }
  body["ssh_key_fingerprints"] = boost::json::object{{"SHA256_ED25519", "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"}};
  body["ssh_keys"] = body["commit_signing_keys"] = boost::json::array{};
  return json_reply(200, body);
}

}  // namespace ghstats::sim
