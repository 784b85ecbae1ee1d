#include <boost/json/value.hpp>

#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

std::string without_suffix(const Account& account) {
  constexpr std::string_view kSuffix = "[bot]";
  auto login = account.login;
  if (account.kind == AccountKind::kBot && login.ends_with(kSuffix)) login.erase(login.size() - kSuffix.size());
  return login;
}

ObjectPtr account_object(std::string_view type, const Account& account, std::string login) {
  Record::Fields fields{{"createdAt", format_rfc3339(account.created_at)},
                        {"databaseId", database_id(account.id)},
                        {"id", node_id("U", account.id)},
                        {"login", std::move(login)}};
  if (type == "User") fields.emplace("name", nullptr);
  return std::make_shared<const Record>(type, std::move(fields));
}

struct About {
  const Moment& moment;
  const Account& organization;
};

Item item_of(const About& about, const Repository& repository, const std::string& order) {
  const auto now = about.moment.now();
  const auto& moment = about.moment;
  Item item{{0, {}, repository.id}, [&moment, &repository] { return repository_object(moment, repository); }};
  const auto pushed = pushed_at(repository, now);
  if (order == "NAME") item.key.text = lower_case(repository.name.at(now));
  if (order == "CREATED_AT") item.key.number = to_unix_seconds(repository.created_at);
  if (order == "UPDATED_AT")
    item.key.number = to_unix_seconds(std::max(pushed.value_or(repository.created_at), repository.created_at));
  if (order == "PUSHED_AT" && pushed) item.key.number = to_unix_seconds(*pushed);
  return item;
}

Resolved repositories(const About& about, const Arguments& arguments) {
  const auto& moment = about.moment;
  const auto order = arguments.text("orderBy", "field").value_or("");
  const auto archived = arguments.boolean("isArchived");
  const auto fork = arguments.boolean("isFork");
  const auto privacy = arguments.text("privacy");
  Listing listing{.type = "RepositoryConnection", .edge = "RepositoryEdge", .items = {}};
  listing.descending = arguments.text("orderBy", "direction") == "DESC";
  for (const auto& repository : moment.world().repositories()) {
    if (repository.owner != &about.organization || !moment.sees(repository)) continue;
    if (archived && *archived != repository.archived.at(moment.now())) continue;
    if (fork && *fork != repository.fork) continue;
    if (privacy && (*privacy == "PRIVATE") != repository.is_private) continue;
    listing.items.push_back(item_of(about, repository, order));
  }
  return page_of(std::move(listing), arguments);
}

}  // namespace

ObjectPtr actor_object(const Moment& moment, const Account* account) {
  if (account == nullptr || account->deleted(moment.now())) return nullptr;
  if (account->kind == AccountKind::kOrganization) return organization_object(moment, *account);
  const bool bot = account->kind == AccountKind::kBot;
  return account_object(bot ? "Bot" : "User", *account, without_suffix(*account));
}

ObjectPtr user_object(const Moment& moment, const Account* account) {
  if (account == nullptr || account->deleted(moment.now())) return nullptr;
  return account_object("User", *account, account->login);
}

ObjectPtr organization_object(const Moment& moment, const Account& organization) {
  using Of = const About&;
  using With = const Arguments&;
  static const Modelled<About>::Fields fields{
      {"createdAt", [](Of a, With) -> Resolved { return format_rfc3339(a.organization.created_at); }},
      {"databaseId", [](Of a, With) { return database_id(a.organization.id); }},
      {"id", [](Of a, With) -> Resolved { return node_id("U", a.organization.id); }},
      {"login", [](Of a, With) -> Resolved { return a.organization.login; }},
      {"name", [](Of a, With) -> Resolved { return a.organization.login; }},
      {"repositories", repositories}};
  return std::make_shared<const Modelled<About>>("Organization", fields, About{moment, organization});
}

}  // namespace ghstats::sim::graphql
