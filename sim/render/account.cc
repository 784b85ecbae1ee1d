#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "base/time_format.h"
#include "sim/access/app_key.h"
#include "sim/render/render.h"

namespace ghstats::sim {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 8> kUserUrls{{{"followers_url", "/followers"},
                                                                        {"following_url", "/following{/other_user}"},
                                                                        {"gists_url", "/gists{/gist_id}"},
                                                                        {"starred_url", "/starred{/owner}{/repo}"},
                                                                        {"subscriptions_url", "/subscriptions"},
                                                                        {"organizations_url", "/orgs"},
                                                                        {"repos_url", "/repos"},
                                                                        {"received_events_url", "/received_events"}}};

std::string_view type_of(AccountKind kind) {
  switch (kind) {
    case AccountKind::kBot:
      return "Bot";
    case AccountKind::kOrganization:
      return "Organization";
    case AccountKind::kUser:
      break;
  }
  return "User";
}

}  // namespace

std::string node_id(std::string_view kind, std::uint64_t id) {
  return fmt::format("{}_{}", kind, base64url(fmt::format("{:016x}", id)));
}

boost::json::value render_account(const View& view, const Account* account) {
  if (account == nullptr || account->deleted(view.now)) return nullptr;
  const auto url = fmt::format("{}/users/{}", view.api_base, account->login);
  boost::json::object user{{"login", account->login},
                           {"id", account->id},
                           {"node_id", node_id("U", account->id)},
                           {"avatar_url", fmt::format("https://avatars.githubusercontent.com/u/{}?v=4", account->id)},
                           {"gravatar_id", ""},
                           {"url", url},
                           {"html_url", "https://github.com/" + account->login}};
  for (const auto& [name, suffix] : kUserUrls) user[name] = url + suffix;
  user["events_url"] = url + "/events{/privacy}";
  user["type"] = type_of(account->kind);
  user["user_view_type"] = "public";
  user["site_admin"] = false;
  return user;
}

boost::json::value render_enterprise(const View& view, const Enterprise& enterprise) {
  const auto created = format_rfc3339(view.now - std::chrono::hours{24 * 365});
  return boost::json::object{
      {"id", enterprise.id},
      {"slug", enterprise.slug},
      {"name", enterprise.slug},
      {"node_id", node_id("E", enterprise.id)},
      {"avatar_url", fmt::format("https://avatars.githubusercontent.com/b/{}?v=4", enterprise.id)},
      {"description", nullptr},
      {"website_url", nullptr},
      {"html_url", "https://github.com/enterprises/" + enterprise.slug},
      {"created_at", created},
      {"updated_at", created}};
}

boost::json::value render_installation(const View& view, const Installation& installation, std::uint64_t app_id,
                                       const std::string& client_id, const std::string& app_slug) {
  boost::json::object permissions;
  for (const auto& permission : installation.permissions) permissions[permission] = "read";
  const auto created = format_rfc3339(installation.created_at);
  const auto* const enterprise = installation.enterprise;
  const auto settings = enterprise != nullptr
                            ? fmt::format("https://github.com/enterprises/{}/settings/installations/{}",
                                          enterprise->slug, installation.id)
                            : fmt::format("https://github.com/organizations/{}/settings/installations/{}",
                                          installation.org->login, installation.id);
  return boost::json::object{
      {"id", installation.id},
      {"client_id", client_id},
      {"account",
       enterprise != nullptr ? render_enterprise(view, *enterprise) : render_account(view, installation.org)},
      {"repository_selection", "all"},
      {"access_tokens_url", fmt::format("{}/app/installations/{}/access_tokens", view.api_base, installation.id)},
      {"repositories_url", view.api_base + "/installation/repositories"},
      {"html_url", settings},
      {"app_id", app_id},
      {"app_slug", app_slug},
      {"target_id", enterprise != nullptr ? enterprise->id : installation.org->id},
      {"target_type", enterprise != nullptr ? "Enterprise" : "Organization"},
      {"permissions", std::move(permissions)},
      {"events", boost::json::array{}},
      {"created_at", created},
      {"updated_at", created},
      {"single_file_name", nullptr},
      {"has_multiple_single_files", false},
      {"single_file_paths", boost::json::array{}},
      {"suspended_by", nullptr},
      {"suspended_at", installation.suspended ? boost::json::value(format_rfc3339(view.now)) : boost::json::value()}};
}

}  // namespace ghstats::sim
