#include "exposition/loc_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "exposition/testing/bodies.h"
#include "exposition/view.h"

namespace ghstats::exposition {
namespace {

using namespace std::chrono_literals;
using store::LocMode;
using ::testing::HasSubstr;
using ::testing::Not;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

store::LocRecord record(std::uint64_t repo, std::vector<store::UserLines> users) {
  store::LocRecord out{.repo = RepoId{repo}, .users = std::move(users), .valid_until = kNow + 240h};
  out.week = kNow - 240h;
  out.asked_at = out.refreshed_at = kNow;
  return out;
}

store::ChangeSet of(std::vector<store::LocRecord> records) {
  store::ChangeSet set;
  set.loc_records = std::move(records);
  return set;
}

class LocSeriesTest : public ::testing::Test {
 protected:
  void SetUp() override { name(1, "api"); }
  void name(std::uint64_t repo, std::string name) {
    store::ChangeSet set;
    set.repositories = {{RepoId{repo}, "acme", std::move(name)}};
    view_.apply(set);
  }
  std::string page(TimePoint now = kNow) {
    return testing::join(view_.render(now, metrics::Format::kText004, {}).identity());
  }
  View view_{{.linger = 1h, .retention = 720h}, kNow};
};

TEST_F(LocSeriesTest, ShowsLinesModeAndWhetherTheyAreComplete) {
  view_.apply(of({record(1, {{"ann", 12, 5, {}}})}));
  EXPECT_THAT(page(), HasSubstr("gh_activity_loc_added_weekly{org=\"acme\",repo=\"api\",user=\"ann\"} 12\n"));
  EXPECT_THAT(page(), HasSubstr("gh_activity_loc_removed_weekly{org=\"acme\",repo=\"api\",user=\"ann\"} 5\n"));
  EXPECT_THAT(page(),
              HasSubstr("gh_exporter_loc_source_mode{org=\"acme\",repo=\"api\",mode=\"stats_contributors\"} 1\n"));
  EXPECT_THAT(page(), HasSubstr("gh_exporter_loc_fallback_incomplete{org=\"acme\",repo=\"api\"} 0\n"));
}

TEST_F(LocSeriesTest, AUserWithoutLinesStaysAsZeroForTheLingerAndComesBackWithAStepOfTheClock) {
  view_.apply(of({record(1, {{"ann", 0, 0, kNow - 30min}})}));
  const std::string zero = "gh_activity_loc_added_weekly{org=\"acme\",repo=\"api\",user=\"ann\"} 0\n";
  EXPECT_THAT(page(kNow), HasSubstr(zero));
  EXPECT_THAT(page(kNow + 30min - 1s), HasSubstr(zero));
  EXPECT_THAT(page(kNow + 30min), Not(HasSubstr("loc_added_weekly")));
  EXPECT_THAT(page(kNow + 10min), HasSubstr(zero));
}

TEST_F(LocSeriesTest, NothingIsShownOfAWeekTooLongPast) {
  view_.apply(of({record(1, {{"ann", 12, 5, {}}})}));
  EXPECT_THAT(page(kNow + 240h - 1s), HasSubstr("user=\"ann\"} 12\n"));
  EXPECT_THAT(page(kNow + 240h), Not(HasSubstr("loc_")));
}

TEST_F(LocSeriesTest, BeforeTheFirstAnswerOnlyTheModeIsShown) {
  store::LocRecord warming{.repo = RepoId{1}};
  warming.asked_at = kNow;
  view_.apply(of({warming}));
  EXPECT_THAT(page(), HasSubstr("mode=\"stats_contributors\"} 1\n"));
  EXPECT_THAT(page(), Not(HasSubstr("incomplete")));
}

TEST_F(LocSeriesTest, AChangeOfModeEndsTheOldOne) {
  view_.apply(of({record(1, {})}));
  store::LocRecord sampled = record(1, {});
  sampled.mode = LocMode::kSampledCommitStats;
  sampled.incomplete = true;
  view_.apply(of({sampled}));
  EXPECT_THAT(page(), Not(HasSubstr("mode=\"stats_contributors\"")));
  EXPECT_THAT(page(), HasSubstr("mode=\"sampled_commit_stats\"} 1\n"));
  EXPECT_THAT(page(), HasSubstr("gh_exporter_loc_fallback_incomplete{org=\"acme\",repo=\"api\"} 1\n"));
}

TEST_F(LocSeriesTest, ARenameMovesTheSeriesAndTheEndOfTheRecordEndsThem) {
  view_.apply(of({record(1, {{"ann", 12, 5, {}}})}));
  page();
  name(1, "web");
  EXPECT_THAT(page(), HasSubstr("repo=\"web\",user=\"ann\"} 12\n"));
  EXPECT_THAT(page(), Not(HasSubstr("repo=\"api\"")));
  store::ChangeSet ended;
  ended.ended_loc = {RepoId{1}};
  view_.apply(ended);
  EXPECT_THAT(page(), Not(HasSubstr("loc_")));
}

TEST_F(LocSeriesTest, TwoRepositoriesOfOneNameAreAddedUp) {
  name(2, "api");
  view_.apply(of({record(1, {{"ann", 12, 5, {}}}), record(2, {{"ann", 3, 1, {}}, {"bob", 1, 1, {}}})}));
  EXPECT_THAT(page(), HasSubstr("gh_activity_loc_added_weekly{org=\"acme\",repo=\"api\",user=\"ann\"} 15\n"));
  name(1, "old");
  EXPECT_THAT(page(), HasSubstr("gh_activity_loc_added_weekly{org=\"acme\",repo=\"api\",user=\"ann\"} 3\n"));
  EXPECT_THAT(page(), HasSubstr("gh_activity_loc_added_weekly{org=\"acme\",repo=\"old\",user=\"ann\"} 12\n"));
}

TEST_F(LocSeriesTest, ARecordMayComeBeforeTheName) {
  view_.apply(of({record(9, {{"ann", 12, 5, {}}})}));
  EXPECT_THAT(page(), Not(HasSubstr("loc_")));
  name(9, "late");
  EXPECT_THAT(page(), HasSubstr("repo=\"late\",user=\"ann\"} 12\n"));
}

}  // namespace
}  // namespace ghstats::exposition
