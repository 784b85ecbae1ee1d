#include "activity/loc/commit_lines.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

TEST(CommitLines, ForgetTheOldestBeyondTheirCapacity) {
  CommitLines commits(2);
  commits.keep("a", {1, 0});
  commits.keep("b", {2, 0});
  commits.keep("a", {1, 0});  // known
  commits.keep("c", {3, 4});
  EXPECT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits.find("a"), nullptr);
  ASSERT_NE(commits.find("c"), nullptr);
  EXPECT_EQ(commits.find("c")->deletions, 4);
}

}  // namespace
}  // namespace ghstats::activity
