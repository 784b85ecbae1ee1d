#include "sim/world/population.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ghstats::sim {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::array kFirst{"ada",     "alan",     "barbara", "bjarne", "claude", "dana",      "edsger",
                            "frances", "grace",    "hedy",    "ivan",   "jean",   "katherine", "ken",
                            "leslie",  "margaret", "niklaus", "olga",   "radia",  "tony"};
constexpr std::array kLast{"baker",  "chen",   "diaz",  "eriksen", "fischer", "garcia", "haddad",
                           "ivanov", "jensen", "kim",   "lopez",   "mensah",  "novak",  "okafor",
                           "patel",  "quinn",  "rossi", "sato",    "tran",    "weber"};
constexpr std::array kBots{"dependabot[bot]", "renovate[bot]", "github-actions[bot]"};
constexpr std::array kKinds{"service", "lib", "web", "infra", "tool", "api", "worker", "docs"};
constexpr std::array kThings{"billing", "catalog",  "checkout", "gateway", "identity", "ledger",   "mailer", "metrics",
                             "orders",  "payments", "pricing",  "reports", "search",   "shipping", "stock",  "tickets"};
constexpr std::array kLanguages{"Go", "TypeScript", "Python", "C++", "Java", "Rust", "HCL", "Kotlin"};

template <class List>
auto pick(const List& list, Random& random) {
  return list[random.below(list.size())];
}

Status add_people(World& world, const GeneratorOptions& options, Random& random, Population& population) {
  constexpr double kBotShare = 0.03;
  constexpr double kDeletedShare = 0.02;
  for (std::size_t i = 0; i < options.users; ++i) {
    const auto joined = options.from - hours{24 * random.between(60, 3000)};
    const bool bot = i % 20 == 7 ? true : random.chance(kBotShare);
    const std::size_t bot_number = population.bots.size();
    std::string login = bot_number < kBots.size() ? kBots[bot_number] : fmt::format("helper-{}[bot]", bot_number);
    if (!bot) login = fmt::format("{}-{}{}", pick(kFirst, random), pick(kLast, random), i);
    const auto added = world.add_account(std::move(login), bot ? AccountKind::kBot : AccountKind::kUser, joined);
    if (!added) return std::unexpected(added.error());
    if (bot) population.bots.push_back(*added);
    if (!bot && random.chance(kDeletedShare)) (*added)->deleted_at = options.from;
    population.people.push_back(*added);
  }
  return {};
}

// Changes that happen to a few repositories; returns whether there may be activity.
bool decide_fate(World& world, Repository& repository, const GeneratorOptions& options, Random& random) {
  const auto before = options.from - hours{24 * random.between(2, 50)};
  const auto within = options.from + seconds{random.between(1, seconds{hours{options.hours}}.count())};
  if (random.chance(0.03)) {
    const auto when = random.chance(0.3) ? within : before;
    // A name that is taken leaves the repository as it is.
    (void)world.rename(repository, repository.name.at(when) + "-next", when);
  }
  if (random.chance(0.05)) {
    // Archived ones get no generated activity even before the archiving: what an exporter must show of a repository
    // archived a moment ago would depend on when it last looked.
    repository.archived.set(random.chance(0.2) ? within : before, true);
    return false;
  }
  if (random.chance(0.01)) {
    repository.disabled.set(before, true);
    return false;
  }
  return true;
}

void add_old_commits(World& world, Repository& repository, const Population::Place& place, TimePoint before,
                     Random& random) {
  const std::size_t count = 1 + random.below(3);
  auto t = repository.created_at;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* const author = place.team[random.below(place.team.size())];
    const auto person = git_identity(*author, random);
    NewCommit commit;
    commit.author = commit.committer = person;
    commit.author_account = commit.committer_account = author;
    commit.author_date = commit.committer_date = commit.visible_from = t;
    commit.message = i == 0 ? "Initial commit" : "Set up the build";
    world.add_commit(repository, std::move(commit));
    t += seconds{random.between(600, std::max<std::int64_t>(601, (before - t) / seconds{1} / 4))};
  }
}

}  // namespace

GitPerson git_identity(const Account& account, Random& random) {
  std::string name = account.login;
  std::replace(name.begin(), name.end(), '-', ' ');
  if (account.kind == AccountKind::kBot || random.chance(0.3)) {
    return {name, fmt::format("{}+{}@users.noreply.github.com", account.id, account.login)};
  }
  return {name, account.login + "@example.com"};
}

Result<Population> populate(World& world, const GeneratorOptions& options, Random& random) {
  Population population;
  const auto people = add_people(world, options, random, population);
  if (!people) return std::unexpected(people.error());
  std::vector<const Account*> orgs;
  for (const auto& login : options.orgs) {
    const auto org = world.add_account(login, AccountKind::kOrganization, options.from - hours{24 * 3650});
    if (!org) return std::unexpected(org.error());
    orgs.push_back(*org);
  }
  const Zipf popular(population.people.size(), 0.8);
  for (std::size_t i = 0; i < options.repositories; ++i) {
    Population::Place place;
    NewRepository made;
    made.name = fmt::format("{}-{}-{}", pick(kThings, random), pick(kKinds, random), i);
    made.created_at = options.from - hours{24 * random.between(60, 2000)};
    made.fork = random.chance(0.08);
    made.is_private = !random.chance(0.15);
    made.default_branch = random.chance(0.2) ? "master" : "main";
    made.language = pick(kLanguages, random);
    made.description = fmt::format("Everything about {}", made.name);
    const auto repository = world.add_repository(*orgs[i % orgs.size()], std::move(made));
    if (!repository) return std::unexpected(repository.error());
    place.repository = *repository;
    const std::size_t team = 2 + random.below(9);
    for (std::size_t k = 0; k < team; ++k) place.team.push_back(population.people[popular(random)]);
    place.can_be_active = decide_fate(world, **repository, options, random);
    if (random.chance(0.03)) {
      place.can_be_active = false;  // never pushed to
    } else {
      add_old_commits(world, **repository, place, options.from, random);
    }
    population.places.push_back(std::move(place));
  }
  for (std::size_t i = population.places.size(); i > 1; --i) {
    std::swap(population.places[i - 1], population.places[random.below(i)]);
  }
  return population;
}

}  // namespace ghstats::sim
