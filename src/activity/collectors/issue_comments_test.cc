#include "activity/collectors/issue_comments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "activity/testing/github_json.h"
#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using testing::comment_json;
using ::testing::ElementsAre;
using testing::json_list;

class IssueCommentsTest : public ::testing::Test {
 protected:
  void served(const std::vector<std::string>& comments) {
    github_.on_get("/repos/acme/api/issues/comments?*").reply(200, json_list(comments));
  }
  std::vector<std::string> collect(EventPolicy policy = {}) {
    const auto collection =
        github_.run(collect_issue_comments(github_.api, {RepoId{1}, "acme/api"}, policy, now() - 25h));
    EXPECT_TRUE(collection);
    std::vector<std::string> out;
    if (!collection) return out;
    for (const ledger::Event& event : collection->events) {
      EXPECT_EQ(event.kind, ledger::EventKind::kIssueComment);
      EXPECT_EQ(event.repo, RepoId{1});
      out.push_back(event.id + " " + event.user);
    }
    return out;
  }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }

  ApiFixture github_;
};

TEST_F(IssueCommentsTest, CountWhenTheyWereWrittenNotWhenTheyWereEdited) {
  served({comment_json(1, "ann", now() - 1h, now() - 1h), comment_json(2, "ann", now() - 25h, now() - 2h),
          comment_json(3, "ann", now() - 25h - 1s, now() - 3h)});
  EXPECT_THAT(collect(), ElementsAre("1 ann", "2 ann"));
}

TEST_F(IssueCommentsTest, OfADeletedAccountAreAGhosts) {
  served({comment_json(1, "", now() - 1h, now() - 1h)});
  EXPECT_THAT(collect(), ElementsAre("1 ghost"));
}

TEST_F(IssueCommentsTest, BotsAreLeftOutOnRequest) {
  served({comment_json(1, "triage[bot]", now() - 1h, now() - 1h), comment_json(2, "ann", now() - 1h, now() - 1h)});
  EXPECT_THAT(collect({.include_bots = true}), ElementsAre("1 triage[bot]", "2 ann"));
  EXPECT_THAT(collect({.include_bots = false}), ElementsAre("2 ann"));
}

}  // namespace
}  // namespace ghstats::activity
