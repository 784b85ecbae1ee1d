// Who is asking, and what they may see.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "sim/world/objects.h"

namespace ghstats::sim {

// The App as installed in one organisation or enterprise.
struct Installation {
  std::uint64_t id = 0;
  const Account* org = nullptr;            // null: an enterprise's
  const Enterprise* enterprise = nullptr;  // null: an organisation's
  TimePoint created_at;
  std::set<std::string> permissions;  // each granted as "read"
  bool suspended = false;
};

struct Identity {
  enum class Kind { kAnonymous, kApp, kInstallation, kPersonal };
  Kind kind = Kind::kAnonymous;
  const Installation* installation = nullptr;  // kInstallation
  std::set<std::uint64_t> only_repositories;   // kInstallation: a token for some repositories; empty: all
  std::set<std::string> permissions;           // kInstallation
  std::string login;                           // kPersonal

  // Whether a repository exists for them at all; GitHub hides the others behind 404.
  [[nodiscard]] bool sees(const Repository& repository, TimePoint now) const {
    if (repository.created_at > now || repository.hidden.at(now)) return false;
    if (!repository.is_private || kind == Kind::kPersonal) return true;
    return has_installed(repository);
  }
  // Whether it belongs to the installation's repositories.
  [[nodiscard]] bool has_installed(const Repository& repository) const {
    return kind == Kind::kInstallation && repository.owner == installation->org &&
           (only_repositories.empty() || only_repositories.contains(repository.id));
  }
};

// Who has a bucket of the primary limit of their own, in the words of GitHub's refusals: "installation ID 1000".
std::string payer(const Identity& identity);

}  // namespace ghstats::sim
