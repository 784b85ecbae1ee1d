#include "activity/collectors/pull_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

github::PullRequest pull(std::uint64_t number, std::optional<github::Account> user, TimePoint created,
                         std::optional<TimePoint> merged = {}) {
  return {.number = number, .user = std::move(user), .created_at = created, .updated_at = kNow, .merged_at = merged};
}

// "7 ann pr_opened", and where it happened `at` is right.
std::vector<std::string> events(std::vector<github::PullRequest> pulls, EventPolicy policy = {}) {
  const Collection out =
      pull_request_events({.items = std::move(pulls), .served_at = kNow}, {RepoId{1}, "acme/api"}, policy, kNow - 25h);
  EXPECT_EQ(out.collected_until, kNow);
  std::vector<std::string> told;
  for (const ledger::Event& event : out.events) {
    EXPECT_EQ(event.repo, RepoId{1});
    EXPECT_EQ(event.version, kNow);
    told.push_back(event.id + " " + event.user + " " + std::string(to_string(event.kind)));
  }
  return told;
}

const github::Account kAnn{"ann", false};

TEST(PullRequestEvents, OpeningAndMergeAreEventsOfTheAuthorEachInItsWindow) {
  EXPECT_THAT(events({pull(1, kAnn, kNow - 1h, kNow - 1min), pull(2, kAnn, kNow - 25h), pull(3, kAnn, kNow - 25h - 1s),
                      pull(4, kAnn, kNow - 900h, kNow - 25h), pull(5, kAnn, kNow - 900h, kNow - 25h - 1s)}),
              ElementsAre("1 ann pr_opened", "1 ann pr_merged", "2 ann pr_opened", "4 ann pr_merged"));
}

TEST(PullRequestEvents, OneClosedWithoutAMergeWasOpenedOnly) {
  EXPECT_THAT(events({pull(1, kAnn, kNow - 1h)}), ElementsAre("1 ann pr_opened"));
}

TEST(PullRequestEvents, OfADeletedAccountAreAGhosts) {
  EXPECT_THAT(events({pull(1, std::nullopt, kNow - 1h)}), ElementsAre("1 ghost pr_opened"));
}

TEST(PullRequestEvents, BotsAreLeftOutOnRequest) {
  const std::vector<github::PullRequest> pulls{pull(1, github::Account{"renovate[bot]", true}, kNow - 1h, kNow - 1min)};
  EXPECT_THAT(events(pulls, {.include_bots = true}),
              ElementsAre("1 renovate[bot] pr_opened", "1 renovate[bot] pr_merged"));
  EXPECT_THAT(events(pulls, {.include_bots = false}), IsEmpty());
}

}  // namespace
}  // namespace ghstats::activity
