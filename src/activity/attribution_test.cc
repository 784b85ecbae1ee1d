#include "activity/attribution.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

github::Commit commit(std::optional<github::Account> author, std::optional<std::string> name,
                      std::optional<std::string> email) {
  github::Commit out;
  out.author = std::move(author);
  out.author_name = std::move(name);
  out.author_email = std::move(email);
  return out;
}

TEST(Attribution, TheAccountComesFirst) {
  EXPECT_EQ(user_of(commit(github::Account{"octocat", false}, "Mona", "1+other@users.noreply.github.com")), "octocat");
  EXPECT_EQ(user_of(commit(github::Account{"renovate[bot]", true}, {}, {})), "renovate[bot]");
}

TEST(Attribution, ThenTheLoginOfANoreplyAddress) {
  EXPECT_EQ(user_of(commit({}, "Mona", "583231+octocat@users.noreply.github.com")), "octocat");
  EXPECT_EQ(user_of(commit({}, "R", "29139614+renovate[bot]@users.noreply.github.com")), "renovate[bot]");
}

TEST(Attribution, ANoreplyAddressCountsWithoutANameAndInAnyCase) {
  EXPECT_EQ(user_of(commit({}, "Mona", "583231+octocat@Users.NoReply.GitHub.com")), "octocat");
  EXPECT_EQ(user_of(commit({}, {}, "583231+octocat@users.noreply.github.com")), "octocat");
}

TEST(Attribution, OtherAddressesAreNeverPeople) {
  for (const char* email :
       {"octocat@users.noreply.github.com", "x+octocat@users.noreply.github.com", "1+@users.noreply.github.com",
        "1+a\"b@users.noreply.github.com", "mona@example.com", "1+octocat@users.noreply.github.com.evil.example", ""}) {
    EXPECT_EQ(user_of(commit({}, "Mona", email)), "unlinked_git_author") << email;
  }
  EXPECT_EQ(user_of(commit({}, {}, "mona@example.com")), "unattributed_commit");
  EXPECT_EQ(user_of(commit({}, "", {})), "unattributed_commit");
}

TEST(Attribution, ADeletedAccountIsTheGhost) {
  EXPECT_EQ(user_of(std::optional<github::Account>{}), "ghost");
  EXPECT_EQ(user_of(std::optional{github::Account{"ann", false}}), "ann");
}

TEST(Attribution, BotsByTypeOrByName) {
  EXPECT_TRUE(is_bot(github::Account{"ci", true}, "ci"));
  EXPECT_TRUE(is_bot({}, "renovate[bot]"));
  EXPECT_FALSE(is_bot(github::Account{"robot", false}, "robot"));
}

}  // namespace
}  // namespace ghstats::activity
