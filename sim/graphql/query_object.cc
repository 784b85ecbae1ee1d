#include <algorithm>
#include <charconv>

#include "base/time_format.h"
#include "sim/access/app_key.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

using Of = const Moment* const&;
using With = const Arguments&;

Failure no_node(const std::string& id) {
  return {"NOT_FOUND", "Could not resolve to a node with the global id of '" + id + "'."};
}

Resolved node(const Moment& moment, const std::string& id) {
  auto object = node_object(moment, id);
  if (object == nullptr) return no_node(id);
  return object;
}

Resolved nodes(Of moment, With arguments) {
  constexpr std::size_t kMost = 100;
  const auto ids = arguments.texts("ids").value_or(std::vector<std::string>());
  if (ids.size() > kMost) {
    return Failure{"ARGUMENT_LIMIT",
                   "You may not provide more than 100 node ids; you provided " + std::to_string(ids.size()) + "."};
  }
  List found;
  for (const auto& id : ids) found.push_back(node(*moment, id));
  return found;
}

Resolved organization(Of moment, With arguments) {
  const auto login = arguments.text("login").value_or("");
  const auto* const account = std::as_const(moment->world()).find_account(login);
  if (account == nullptr || account->kind != AccountKind::kOrganization) {
    return Failure{"NOT_FOUND", "Could not resolve to an Organization with the login of '" + login + "'."};
  }
  return organization_object(*moment, *account);
}

Resolved repository(Of moment, With arguments) {
  const auto owner = arguments.text("owner").value_or("");
  const auto name = arguments.text("name").value_or("");
  const auto found = moment->world().find_repository(owner, name, moment->now());
  const bool follows = !found.moved || arguments.boolean("followRenames").value_or(true);
  if (found.repository == nullptr || !follows || !moment->sees(*found.repository)) {
    return Failure{"NOT_FOUND", "Could not resolve to a Repository with the name '" + owner + '/' + name + "'."};
  }
  return repository_object(*moment, *found.repository);
}

Resolved rate_limit(Of moment, With /*arguments*/) {
  if (!moment->budget) return nullptr;
  const auto& budget = *moment->budget;
  return ObjectPtr(std::make_shared<const Record>(
      "RateLimit", Record::Fields{{"cost", moment->cost.points},
                                  {"limit", budget.limit},
                                  {"nodeCount", moment->cost.nodes},
                                  {"remaining", budget.remaining},
                                  {"resetAt", format_rfc3339(from_unix_seconds(budget.reset))},
                                  {"used", budget.used}}));
}

Resolved viewer(Of moment, With /*arguments*/) {
  const bool person = moment->identity().kind == Identity::Kind::kPersonal;
  const auto login = person ? moment->identity().login : moment->app_login();
  const auto* const account = std::as_const(moment->world()).find_account(login);
  if (auto known = user_object(*moment, account)) return known;
  return ObjectPtr(std::make_shared<const Record>("User", Record::Fields{{"createdAt", format_rfc3339(TimePoint{})},
                                                                         {"databaseId", nullptr},
                                                                         {"id", "U_" + login},
                                                                         {"login", login},
                                                                         {"name", nullptr}}));
}

// The object with that id in one of a repository's lists.
template <class T>
const T* find(const std::vector<T>& objects, std::uint64_t id, TimePoint now) {
  const auto it = std::ranges::find(objects, id, &T::id);
  return it == objects.end() || it->created_at > now ? nullptr : &*it;
}

ObjectPtr object_in(const Moment& moment, const Repository& repository, std::string_view kind, std::uint64_t id) {
  const auto now = moment.now();
  if (kind == "PR") {
    if (const auto* const pull = find(repository.pulls, id, now)) return pull_object(moment, repository, *pull);
  } else if (kind == "I") {
    if (const auto* const issue = find(repository.issues, id, now)) return issue_object(moment, repository, *issue);
  } else if (kind == "IC") {
    if (const auto* const comment = find(repository.comments, id, now)) {
      return comment_object(moment, repository, *comment);
    }
  } else if (kind == "PRRC") {
    if (const auto* const comment = find(repository.review_comments, id, now)) {
      return review_comment_object(moment, repository, *comment);
    }
  } else if (kind == "PRR") {
    const auto* const review = find(repository.reviews, id, now);
    if (review != nullptr && moment.sees(*review)) return review_object(moment, repository, *review);
  }
  return nullptr;
}

ObjectPtr commit_node(const Moment& moment, const std::string& sha) {
  for (const auto& repository : moment.world().repositories()) {
    if (!moment.sees(repository)) continue;
    const auto commit = std::ranges::find(repository.commits, sha, &Commit::sha);
    if (commit != repository.commits.end() && commit->visible_from <= moment.now()) {
      return commit_object(moment, repository, *commit);
    }
  }
  return nullptr;
}

}  // namespace

ObjectPtr node_object(const Moment& moment, const std::string& id) {
  const auto line = id.find('_');
  if (line == std::string::npos) return nullptr;
  const auto kind = id.substr(0, line);
  if (kind == "C") return commit_node(moment, id.substr(line + 1));
  const auto digits = base64url_decode(id.substr(line + 1));
  std::uint64_t number = 0;
  if (!digits || std::from_chars(digits->data(), digits->data() + digits->size(), number, 16).ec != std::errc{}) {
    return nullptr;
  }
  if (kind == "R") {
    const auto* const repository = moment.world().find_repository(number);
    if (repository == nullptr || !moment.sees(*repository)) return nullptr;
    return repository_object(moment, *repository);
  }
  if (kind == "U") {
    const auto account = std::ranges::find(moment.world().accounts(), number, &Account::id);
    return account == moment.world().accounts().end() ? nullptr : actor_object(moment, &*account);
  }
  for (const auto& repository : moment.world().repositories()) {
    if (!moment.sees(repository)) continue;
    if (auto found = object_in(moment, repository, kind, number)) return found;
  }
  return nullptr;
}

ObjectPtr query_object(const Moment& moment) {
  static const Modelled<const Moment*>::Fields fields{
      {"node", [](Of m, With arguments) { return node(*m, arguments.text("id").value_or("")); }},
      {"nodes", nodes},
      {"organization", organization},
      {"rateLimit", rate_limit},
      {"repository", repository},
      {"search", [](Of m, With arguments) { return search(*m, arguments); }},
      {"viewer", viewer}};
  return std::make_shared<const Modelled<const Moment*>>("Query", fields, &moment);
}

}  // namespace ghstats::sim::graphql
