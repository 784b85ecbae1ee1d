#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/time_format.h"
#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

boost::json::value render(const Call& call, const Installation& installation) {
  const auto& app = call.credentials.app();
  return render_installation({call.now, call.api_base}, installation, app.id, app.client_id, app.slug);
}

Installation* named_installation(const Call& call) {
  const auto& text = call.parameters[0];
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && end == text.data() + text.size() ? call.credentials.find_installation(id) : nullptr;
}

Reply unprocessable(std::string_view message) {
  return error_reply(422, message);
}

// What a token request narrows the token down to.
struct Narrowing {
  std::set<std::uint64_t> repositories;
  std::set<std::string> permissions;
};

// False when a name or id is none of the installation's repositories.
bool add_repositories(const Call& call, const Installation& installation, const boost::json::object& wish,
                      std::set<std::uint64_t>& chosen) {
  const auto add = [&](const Repository* repository) {
    if (repository == nullptr || repository->owner != installation.org || repository->hidden.at(call.now)) return false;
    chosen.insert(repository->id);
    return true;
  };
  if (const auto* const ids = wish.if_contains("repository_ids"); ids != nullptr && ids->is_array()) {
    for (const auto& id : ids->as_array()) {
      if (!id.is_int64() || !add(call.world.find_repository(static_cast<std::uint64_t>(id.as_int64())))) return false;
    }
  }
  if (const auto* const names = wish.if_contains("repositories"); names != nullptr && names->is_array()) {
    for (const auto& name : names->as_array()) {
      if (!name.is_string() || installation.org == nullptr) return false;
      if (!add(call.world.find_repository(installation.org->login, name.as_string(), call.now).repository))
        return false;
    }
  }
  return true;
}

std::expected<Narrowing, Reply> narrow(const Call& call, const Installation& installation) {
  Narrowing narrowing{{}, installation.permissions};
  if (call.request.body.empty()) return narrowing;
  boost::json::error_code error;
  const auto body = boost::json::parse(call.request.body, error);
  if (!error && body.is_null()) return narrowing;  // what clients send that marshal "no options"
  if (error || !body.is_object()) return std::unexpected(error_reply(400, "Problems parsing JSON"));
  const auto& wish = body.as_object();
  if (!add_repositories(call, installation, wish, narrowing.repositories)) {
    return std::unexpected(
        unprocessable("There is at least one repository that does not exist or is not accessible to "
                      "the parent installation."));
  }
  constexpr std::size_t kMostRepositories = 500;
  if (narrowing.repositories.size() > kMostRepositories) {
    return std::unexpected(unprocessable("Too many repositories for installation"));
  }
  if (const auto* const wanted = wish.if_contains("permissions"); wanted != nullptr && wanted->is_object()) {
    narrowing.permissions.clear();
    for (const auto& [name, level] : wanted->as_object()) {
      if (!installation.permissions.contains(std::string(name)) || level != "read") {
        return std::unexpected(unprocessable("The permissions requested are not granted to this installation."));
      }
      narrowing.permissions.insert(std::string(name));
    }
  }
  return narrowing;
}

}  // namespace

Reply get_app(const Call& call) {
  const auto& app = call.credentials.app();
  return json_reply(200, boost::json::object{{"id", app.id},
                                             {"slug", app.slug},
                                             {"client_id", app.client_id},
                                             {"node_id", node_id("A", app.id)},
                                             {"name", app.slug},
                                             {"description", nullptr},
                                             {"external_url", "https://example.com"},
                                             {"html_url", "https://github.com/apps/" + app.slug},
                                             {"events", boost::json::array{}},
                                             {"installations_count", call.credentials.installations().size()}});
}

Reply list_installations(const Call& call) {
  std::vector<const Installation*> listed;
  for (const auto& installation : call.credentials.installations()) listed.push_back(&installation);
  return list_reply(call, listed, "/app/installations", [&](const Installation* i) { return render(call, *i); });
}

Reply get_installation(const Call& call) {
  const auto* const installation = named_installation(call);
  return installation == nullptr ? not_found() : json_reply(200, render(call, *installation));
}

Reply get_organization_installation(const Call& call) {
  const auto* const org = call.world.find_account(call.parameters[0]);
  const auto* const installation = org == nullptr ? nullptr : call.credentials.find_installation(*org);
  return installation == nullptr ? not_found() : json_reply(200, render(call, *installation));
}

Reply get_enterprise_installation(const Call& call) {
  const auto* const enterprise = call.world.find_enterprise(call.parameters[0]);
  const auto* const installation = enterprise == nullptr ? nullptr : call.credentials.find_installation(*enterprise);
  return installation == nullptr ? not_found() : json_reply(200, render(call, *installation));
}

Reply create_installation_token(const Call& call) {
  const auto* const installation = named_installation(call);
  if (installation == nullptr) return not_found();
  if (installation->suspended) return error_reply(403, "This installation has been suspended");
  auto narrowing = narrow(call, *installation);
  if (!narrowing) return narrowing.error();
  boost::json::object permissions;
  for (const auto& permission : narrowing->permissions) permissions[permission] = "read";
  boost::json::array repositories;
  for (const auto id : narrowing->repositories) {
    repositories.push_back(render_repository({call.now, call.api_base}, *call.world.find_repository(id)));
  }
  const bool selected = !narrowing->repositories.empty();
  const auto token = call.credentials.issue_token(*installation, std::move(narrowing->repositories),
                                                  std::move(narrowing->permissions), call.now);
  boost::json::object body{{"token", token.text},
                           {"expires_at", format_rfc3339(token.expires_at)},
                           {"permissions", std::move(permissions)},
                           {"repository_selection", selected ? "selected" : "all"}};
  if (selected) body["repositories"] = std::move(repositories);
  return json_reply(201, body);
}

}  // namespace ghstats::sim
