// The people and repositories a generated world begins with.
#pragma once

#include <vector>

#include "sim/world/generator_options.h"
#include "sim/world/random.h"
#include "sim/world/world.h"

namespace ghstats::sim {

struct Population {
  struct Place {
    Repository* repository = nullptr;
    std::vector<const Account*> team;  // who mostly works there
    bool can_be_active = true;         // neither empty nor archived nor disabled
  };

  std::vector<const Account*> people;  // bots and the later deleted ones included
  std::vector<const Account*> bots;
  std::vector<Place> places;  // the busiest first
};

// Creates accounts and repositories with some old commits. Among them: bots, accounts deleted before options.from,
// empty, forked, archived, disabled, public and renamed repositories (some renamed or archived in the middle of the
// time span).
Result<Population> populate(World& world, const GeneratorOptions& options, Random& random);

// How an account writes itself into a commit.
GitPerson git_identity(const Account& account, Random& random);

}  // namespace ghstats::sim
