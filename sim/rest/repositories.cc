#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <functional>
#include <tuple>

#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

struct Listed {
  const Repository* repository = nullptr;
  std::string text;  // sort key, when it is a name
  TimePoint time;    // sort key, when it is a time
};

std::vector<Listed> select(const Call& call, const std::function<bool(const Repository&)>& wanted) {
  std::vector<Listed> listed;
  for (const auto& repository : call.world.repositories()) {
    if (call.identity.sees(repository, call.now) && wanted(repository)) listed.push_back({&repository, {}, {}});
  }
  return listed;
}

bool has_type(const Repository& repository, std::string_view type) {
  if (type == "public") return !repository.is_private;
  if (type == "private") return repository.is_private;
  if (type == "forks") return repository.fork;
  if (type == "sources") return !repository.fork;
  return true;
}

// False when `sort` is none GitHub knows.
bool sort_by(const Call& call, const std::string& sort, bool ascending, std::vector<Listed>& listed) {
  for (auto& item : listed) {
    const auto& repository = *item.repository;
    if (sort == "full_name") {
      item.text = lower_case(repository.name.at(call.now));
    } else if (sort == "created") {
      item.time = repository.created_at;
    } else if (sort == "updated") {
      item.time = std::max(pushed_at(repository, call.now).value_or(repository.created_at), repository.created_at);
    } else if (sort == "pushed") {
      item.time = pushed_at(repository, call.now).value_or(TimePoint::min());
    } else {
      return false;
    }
  }
  std::sort(listed.begin(), listed.end(), [&](const Listed& a, const Listed& b) {
    const auto key = [](const Listed& item) { return std::tie(item.text, item.time, item.repository->id); };
    return ascending ? key(a) < key(b) : key(b) < key(a);
  });
  return true;
}

Reply list(const Call& call, std::string_view default_sort, std::string_view allowed_types, const std::string& path,
           const std::function<bool(const Repository&)>& wanted) {
  const auto type = call.query.get_or("type", "all");
  if (!fmt::format(" {} ", allowed_types).contains(fmt::format(" {} ", type)))
    return invalid_field("Repository", "type");
  const auto sort = call.query.get_or("sort", default_sort);
  const auto direction = call.query.get_or("direction", sort == "full_name" ? "asc" : "desc");
  auto listed = select(call, [&](const Repository& r) { return wanted(r) && has_type(r, type); });
  if (!sort_by(call, sort, direction == "asc", listed)) return invalid_field("Repository", "sort");
  const View view{call.now, call.api_base};
  return list_reply(call, listed, path, [&](const Listed& item) { return render_repository(view, *item.repository); });
}

Reply list_of(const Call& call, const Account* org) {
  if (org == nullptr || org->kind != AccountKind::kOrganization) return not_found();
  return list(call, "created", "all public private forks sources member",
              fmt::format("/organizations/{}/repos", org->id),
              [&](const Repository& repository) { return repository.owner == org; });
}

}  // namespace

Reply list_organization_repositories(const Call& call) {
  return list_of(call, call.world.find_account(call.parameters[0]));
}

Reply list_organization_repositories_by_id(const Call& call) {
  const auto& text = call.parameters[0];
  std::uint64_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  for (const auto& account : call.world.accounts()) {
    if (account.id == id) return list_of(call, &account);
  }
  return not_found();
}

// Public ones only, whoever asks.
Reply list_user_repositories(const Call& call) {
  const auto* const owner = call.world.find_account(call.parameters[0]);
  if (owner == nullptr || owner->deleted(call.now)) return not_found();
  return list(call, "full_name", "all owner member", fmt::format("/user/{}/repos", owner->id),
              [&](const Repository& repository) { return repository.owner == owner && !repository.is_private; });
}

Reply list_installation_repositories(const Call& call) {
  if (call.identity.kind != Identity::Kind::kInstallation) {
    return error_reply(403,
                       "You must authenticate with an installation access token in order to list repositories for "
                       "an installation.");
  }
  const auto listed = select(call, [&](const Repository& r) { return call.identity.has_installed(r); });
  const View view{call.now, call.api_base};
  const auto page = requested_page(call.query);
  boost::json::array rendered;
  for (auto i = page.begin(listed.size()); i < page.end(listed.size()); ++i) {
    rendered.push_back(render_repository(view, *listed[i].repository));
  }
  auto reply = json_reply(
      200, boost::json::object{{"total_count", listed.size()},
                               {"repository_selection", call.identity.only_repositories.empty() ? "all" : "selected"},
                               {"repositories", std::move(rendered)}});
  auto link = link_header(call, page, listed.size(), "/installation/repositories");
  if (!link.empty()) reply.headers.add("Link", std::move(link));
  return reply;
}

Reply get_repository(const Call& call) {
  return json_reply(200, render_full_repository({call.now, call.api_base}, *call.repository));
}

}  // namespace ghstats::sim
