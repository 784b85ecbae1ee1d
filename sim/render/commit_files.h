// The files a commit touched, made up so that their lines are the commit's.
#pragma once

#include <string>
#include <vector>

#include "sim/world/objects.h"

namespace ghstats::sim {

struct CommitFile {
  std::string name;
  std::string status;  // added, modified
  Lines lines;
};

// Always the same for a commit: none of an empty one, else one or two.
std::vector<CommitFile> files_of(const Commit& commit);

}  // namespace ghstats::sim
