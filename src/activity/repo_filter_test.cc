#include "activity/repo_filter.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

github::Repository named(std::string name) {
  github::Repository out;
  out.name = std::move(name);
  return out;
}

TEST(RepoFilter, GlobsAndExactNamesWithoutCaseDenyWins) {
  const RepoFilter filter{{"api", "web-*"}, {"web-old*"}, true};
  EXPECT_TRUE(filter.accepts(named("API")));
  EXPECT_TRUE(filter.accepts(named("web-shop")));
  EXPECT_FALSE(filter.accepts(named("web-old-shop")));
  EXPECT_FALSE(filter.accepts(named("api2")));
  EXPECT_FALSE(RepoFilter({}, {}, true).accepts(named("api")));
}

TEST(RepoFilter, ArchivedAndDisabledNeverForksOnRequest) {
  github::Repository repo = named("api");
  EXPECT_TRUE(RepoFilter{}.accepts(repo));
  repo.archived = true;
  EXPECT_FALSE(RepoFilter{}.accepts(repo));
  repo = named("api");
  repo.disabled = true;
  EXPECT_FALSE(RepoFilter{}.accepts(repo));
  repo = named("api");
  repo.fork = true;
  EXPECT_TRUE(RepoFilter{}.accepts(repo));
  EXPECT_FALSE(RepoFilter({"*"}, {}, false).accepts(repo));
}

}  // namespace
}  // namespace ghstats::activity
