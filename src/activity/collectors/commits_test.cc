#include "activity/collectors/commits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "activity/testing/github_json.h"
#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::testing::ApiFixture;
using testing::commit_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::json_list;

constexpr const char* kCommits = "/repos/acme/api/commits?*";

class CommitsTest : public ::testing::Test {
 protected:
  Result<Collection> collect(EventPolicy policy = {}) {
    return github_.run(collect_commits(github_.api, {RepoId{1}, "acme/api"}, policy, now() - 25h));
  }
  std::vector<std::string> users(EventPolicy policy = {}) {
    const auto collection = collect(policy);
    EXPECT_TRUE(collection);
    std::vector<std::string> users;
    if (!collection) return users;
    for (const ledger::Event& event : collection->events) users.push_back(event.user);
    return users;
  }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }

  ApiFixture github_;
};

TEST_F(CommitsTest, AreEventsAtTheirCommittersDateToldAtGitHubsTime) {
  const std::string sha(40, 'a');
  const TimePoint served = now() - 3min;
  github_.on_get(kCommits).reply(200, json_list({commit_json(sha, "ann", now() - 2h)}),
                                 {{"Date", format_http_date(served)}});
  const auto collection = collect();
  ASSERT_TRUE(collection);
  EXPECT_EQ(collection->collected_until, served);
  ASSERT_EQ(collection->events.size(), 1U);
  const ledger::Event& event = collection->events[0];
  EXPECT_EQ(event.kind, ledger::EventKind::kCommit);
  EXPECT_EQ(event.repo, RepoId{1});
  EXPECT_EQ(event.id, sha);
  EXPECT_EQ(event.user, "ann");
  EXPECT_EQ(event.at, now() - 2h);
  EXPECT_EQ(event.version, served);
}

// The ledger counts, by the moment of the scrape; GitHub has selected by the same date.
TEST_F(CommitsTest, AskForTheWholeWindowAndKeepWhatGitHubSelected) {
  github_.on_get(kCommits).reply(200, json_list({commit_json(std::string(40, 'a'), "ann", now() - 25h)}));
  EXPECT_THAT(users(), ElementsAre("ann"));
  EXPECT_EQ(github_.client.urls().back(),
            "https://api.github.com/repos/acme/api/commits?since=" + format_rfc3339(now() - 25h) + "&per_page=100");
}

TEST_F(CommitsTest, BotsAreLeftOutOnRequest) {
  github_.on_get(kCommits).reply(
      200, json_list({commit_json(std::string(40, 'a'), "deploy[bot]", now() - 1h),
                      commit_json(std::string(40, 'b'), "", now() - 1h, "7+scan[bot]@users.noreply.github.com"),
                      commit_json(std::string(40, 'c'), "ann", now() - 1h)}));
  EXPECT_THAT(users({.include_bots = true}), ElementsAre("deploy[bot]", "scan[bot]", "ann"));
  EXPECT_THAT(users({.include_bots = false}), ElementsAre("ann"));
}

TEST_F(CommitsTest, AnEmptyRepositoryHasNone) {
  github_.on_get(kCommits).reply(409, R"({"message":"Git Repository is empty."})");
  EXPECT_THAT(users(), IsEmpty());
}

TEST_F(CommitsTest, OnePageThatFailsFailsTheWhole) {
  github_.on_get(kCommits).reply(200, json_list({commit_json(std::string(40, 'a'), "ann", now() - 1h)}),
                                 {{"Link", "<https://api.github.com/repositories/1/commits?page=2>; rel=\"next\""}});
  github_.on_get("/repositories/1/commits?page=2").reply(404, "{}");
  const auto collection = collect();
  ASSERT_FALSE(collection);
  EXPECT_EQ(collection.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ghstats::activity
