#include "github/graphql/queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace ghstats::github {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Whether they are valid is tested by tools/github_graphql, with what Debian has for it.
TEST(GraphqlQueries, AreCompiledInWithTheirFragmentsAndWithoutComments) {
  using namespace queries;
  for (const Query* query :
       {&kCommitsSince, &kHeadsByIds, &kHeadsSweep, &kIssuesOfRepos, &kIssuesUpdated, &kMoreComments, &kMoreCommits,
        &kMoreReviewComments, &kMoreReviews, &kProbe, &kPullsOfRepos, &kPullsUpdated}) {
    const std::string text(query->text);
    EXPECT_THAT(text, StartsWith("query " + std::string(query->operation) + "("));
    EXPECT_THAT(std::string(query->endpoint), StartsWith("graphql_"));
    EXPECT_THAT(text, HasSubstr("rateLimit { cost limit remaining used resetAt }"));
    EXPECT_THAT(text, Not(HasSubstr("#")));
    for (auto at = text.find("..."); at != std::string::npos; at = text.find("...", at + 3)) {
      if (text[at + 3] == ' ') continue;  // ... on Type
      const std::string name = text.substr(at + 3, text.find(' ', at) - at - 3);
      EXPECT_THAT(text, HasSubstr("fragment " + name + " on ")) << query->operation;
    }
  }
}

}  // namespace
}  // namespace ghstats::github
