#include "sim/render/commit_files.h"

namespace ghstats::sim {

std::vector<CommitFile> files_of(const Commit& commit) {
  if (commit.lines.none()) return {};
  const auto stem = commit.sha.substr(0, 2);
  CommitFile code{"src/part_" + stem + ".cc", "modified", commit.lines};
  // Two out of three with more than one line also touch a test.
  const bool with_test = commit.lines.additions > 1 && (commit.sha.empty() || commit.sha.back() > '4');
  if (commit.lines.deletions == 0 && commit.parents.empty()) code.status = "added";
  if (!with_test) return {code};
  CommitFile test{
      "src/part_" + stem + "_test.cc", "modified", {commit.lines.additions / 3, commit.lines.deletions / 3}};
  code.lines.additions -= test.lines.additions;
  code.lines.deletions -= test.lines.deletions;
  if (test.lines.none()) return {code};
  return {code, test};
}

}  // namespace ghstats::sim
