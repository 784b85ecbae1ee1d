#include "activity/collectors/issues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "activity/testing/github_json.h"
#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::issue_json;
using testing::json_list;

class IssuesTest : public ::testing::Test {
 protected:
  void served(const std::vector<std::string>& issues) {
    github_.on_get("/repos/acme/api/issues?*").reply(200, json_list(issues));
  }
  Result<Collection> collection(EventPolicy policy = {}) {
    return github_.run(collect_issues(github_.api, {RepoId{1}, "acme/api"}, policy, now() - 25h));
  }
  // "7 ann issue_opened", and "7 ann not issue_closed" of what is taken back.
  std::vector<std::string> collect(EventPolicy policy = {}) {
    const auto collected = collection(policy);
    EXPECT_TRUE(collected);
    std::vector<std::string> out;
    if (!collected) return out;
    for (const ledger::Event& event : collected->events) {
      EXPECT_EQ(event.repo, RepoId{1});
      EXPECT_EQ(event.version, collected->collected_until);
      const std::string_view negation = event.at == ledger::kTakenBack ? "not " : "";
      out.push_back(fmt::format("{} {} {}{}", event.id, event.user, negation, to_string(event.kind)));
    }
    return out;
  }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }

  ApiFixture github_;
};

TEST_F(IssuesTest, OpeningIsTheAuthorsAndClosingIsWhoClosedThemEachInItsWindow) {
  served({issue_json(1, "ann", now() - 2h, now() - 1h, "bob", now() - 1h), issue_json(2, "ann", now() - 25h, now()),
          issue_json(3, "ann", now() - 25h - 1s, now()), issue_json(4, "ann", now() - 900h, now(), "bob", now() - 25h),
          issue_json(5, "ann", now() - 900h, now(), "bob", now() - 25h - 1s)});
  EXPECT_THAT(collect(),
              ElementsAre("1 ann issue_opened", "1 bob issue_closed", "2 ann issue_opened", "4 bob issue_closed"));
}

TEST_F(IssuesTest, AreAtTheTimesGitHubTells) {
  served({issue_json(1, "ann", now() - 2h, now(), "bob", now() - 1h)});
  const auto events = collection()->events;
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at, now() - 2h);
  EXPECT_EQ(events[1].at, now() - 1h);
}

TEST_F(IssuesTest, OfADeletedAccountAreAGhosts) {
  served({issue_json(1, "", now() - 2h, now() - 1h, "", now() - 1h)});
  EXPECT_THAT(collect(), ElementsAre("1 ghost issue_opened", "1 ghost issue_closed"));
}

TEST_F(IssuesTest, BotsAreLeftOutOnRequestEachWithTheirOwnPart) {
  served({issue_json(1, "triage[bot]", now() - 2h, now() - 1h, "ann", now() - 1h),
          issue_json(2, "ann", now() - 2h, now() - 1h, "stale[bot]", now() - 1h)});
  EXPECT_THAT(collect({.include_bots = true}), ElementsAre("1 triage[bot] issue_opened", "1 ann issue_closed",
                                                           "2 ann issue_opened", "2 stale[bot] issue_closed"));
  EXPECT_THAT(collect({.include_bots = false}),
              ElementsAre("1 ann issue_closed", "2 ann issue_opened", "2 ann not issue_closed"));
}

TEST_F(IssuesTest, AnIssueThatWasOpenedAgainTakesItsClosingBack) {
  served({issue_json(1, "ann", now() - 900h, now(), "", {}, true), issue_json(2, "ann", now() - 900h, now())});
  EXPECT_THAT(collect(), ElementsAre("1 ann not issue_closed"));
}

// Lists of 2022, as an Enterprise Server may have them still, do not tell.
TEST_F(IssuesTest, WhoClosedThemIsAskedForWhereTheListDoesNotTell) {
  const auto untold = [&](int number, TimePoint closed_at) {
    return fmt::format(R"({{"number":{},"user":null,"created_at":"{}","updated_at":"{}","closed_at":"{}"}})", number,
                       format_rfc3339(now() - 900h), format_rfc3339(now()), format_rfc3339(closed_at));
  };
  served({untold(1, now() - 1h), untold(2, now() - 2h), untold(3, now() - 800h)});
  auto& one = github_.on_get("/repos/acme/api/issues/1");
  one.reply(200, issue_json(1, "ann", now() - 900h, now(), "bob", now() - 1h));
  github_.on_get("/repos/acme/api/issues/2").reply(410, R"({"message":"This issue was deleted"})");
  EXPECT_THAT(collect(), ElementsAre("1 bob issue_closed"));
  EXPECT_THAT(github_.client.unexpected(), IsEmpty()) << "nothing asked about the third";
}

TEST_F(IssuesTest, AreNotCollectedWhereWhoClosedOneCannotBeLearnt) {
  served({fmt::format(R"({{"number":1,"user":null,"created_at":"{0}","updated_at":"{0}","closed_at":"{0}"}})",
                      format_rfc3339(now() - 1h))});
  github_.on_get("/repos/acme/api/issues/1").reply(200, "[]");
  const auto collected = collection();
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().code, ErrorCode::kInvalidData);
}

}  // namespace
}  // namespace ghstats::activity
