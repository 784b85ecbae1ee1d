#include "exposition/view.h"

#include <gtest/gtest.h>

#include "exposition/testing/bodies.h"
#include "exposition/testing/openmetrics_checker.h"

namespace ghstats::exposition {
namespace {

using ledger::Event;
using ledger::EventKind;
using metrics::Family;
using metrics::Format;
using metrics::Sample;
using std::chrono::hours;
using std::chrono::seconds;
using testing::join;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

Event event(EventKind kind, std::uint64_t repo, const std::string& id, const std::string& user, TimePoint at) {
  return {.kind = kind, .repo = RepoId{repo}, .id = id, .user = user, .at = at, .version = at};
}

store::RepositoryName name(std::uint64_t repo, const std::string& repo_name) {
  return {.id = RepoId{repo}, .org = "acme", .name = repo_name};
}

store::ChangeSet names(std::vector<store::RepositoryName> repositories) {
  store::ChangeSet set;
  set.repositories = std::move(repositories);
  return set;
}
store::ChangeSet slots(std::vector<store::ValueSet> sets) {
  store::ChangeSet set;
  set.value_sets = std::move(sets);
  return set;
}
store::ChangeSet counters(std::vector<Sample> samples) {
  store::ChangeSet set;
  set.counters = std::move(samples);
  return set;
}

class ViewTest : public ::testing::Test {
 protected:
  std::string page(TimePoint now = kNow, Format format = Format::kText004, const std::vector<Sample>& own = {}) {
    return join(view_.render(now, format, own).identity());
  }
  // The sample lines that begin with `prefix`.
  std::string lines(const std::string& prefix, TimePoint now = kNow) {
    const std::string text = page(now);
    std::string found;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      if (text.compare(at, prefix.size(), prefix) == 0) found += text.substr(at, end - at);
      at = end;
    }
    return found;
  }

  View view_{ledger::Ledger::Options{}, kNow};
};

TEST_F(ViewTest, IsEmptyBeforeAnythingIsKnown) {
  EXPECT_EQ(page(), "");
  EXPECT_EQ(page(kNow, Format::kOpenMetrics100), "# EOF\n");
}

store::ChangeSet small_world() {
  store::ChangeSet set;
  set.repositories = {name(1, "api")};
  set.events = {event(EventKind::kCommit, 1, std::string(40, 'a'), "octocat", kNow - seconds(5)),
                event(EventKind::kCommit, 1, std::string(40, 'b'), "octocat", kNow - seconds(9)),
                event(EventKind::kCommit, 1, std::string(40, 'c'), "hubot[bot]", kNow - hours(24))};
  set.value_sets = {{"cycle/acme", {{{Family::kScrapeDuration, {"acme"}}, 1.25}}}};
  set.counters = {{{Family::kScrapeRuns, {"acme", "success"}}, 3},
                  {{Family::kGitHubRequestDuration, {"meta", "+Inf"}}, 2},
                  {{Family::kGitHubRequestDuration, {"meta", "20.0"}}, 1},
                  {{Family::kGitHubRequestDuration, {"meta", "sum"}}, 30.5}};
  return set;
}

constexpr const char* kSmallText =
    R"(# HELP gh_activity_commits_24h Commits of this user on the default branch whose committer date is within the last 24 hours.
# TYPE gh_activity_commits_24h gauge
gh_activity_commits_24h{org="acme",repo="api",user="hubot[bot]"} 0
gh_activity_commits_24h{org="acme",repo="api",user="octocat"} 2
# HELP gh_activity_last_event_unixtime When this user's newest event in the repository happened, in seconds since 1970.
# TYPE gh_activity_last_event_unixtime gauge
gh_activity_last_event_unixtime{org="acme",repo="api",user="hubot[bot]"} 1789913600
gh_activity_last_event_unixtime{org="acme",repo="api",user="octocat"} 1789999995
# HELP gh_exporter_scrape_runs_total Collection cycles of an organisation by result: success, partial, failure or skipped_unhealthy.
# TYPE gh_exporter_scrape_runs_total counter
gh_exporter_scrape_runs_total{org="acme",result="success"} 3
# HELP gh_exporter_scrape_duration_seconds How long the organisation's last collection cycle took.
# TYPE gh_exporter_scrape_duration_seconds gauge
gh_exporter_scrape_duration_seconds{org="acme"} 1.25
# HELP gh_exporter_github_request_duration_seconds How long requests to GitHub took, answered or not.
# TYPE gh_exporter_github_request_duration_seconds histogram
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="0.05"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="0.1"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="0.25"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="0.5"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="1.0"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="2.5"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="5.0"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="10.0"} 0
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="20.0"} 1
gh_exporter_github_request_duration_seconds_bucket{endpoint="meta",le="+Inf"} 2
gh_exporter_github_request_duration_seconds_sum{endpoint="meta"} 30.5
gh_exporter_github_request_duration_seconds_count{endpoint="meta"} 2
# HELP gh_exporter_metrics_series_loaded Series of each shared metric on this page.
# TYPE gh_exporter_metrics_series_loaded gauge
gh_exporter_metrics_series_loaded{metric="gh_activity_commits_24h"} 2
gh_exporter_metrics_series_loaded{metric="gh_activity_last_event_unixtime"} 2
gh_exporter_metrics_series_loaded{metric="gh_exporter_github_request_duration_seconds"} 12
gh_exporter_metrics_series_loaded{metric="gh_exporter_scrape_duration_seconds"} 1
gh_exporter_metrics_series_loaded{metric="gh_exporter_scrape_runs_total"} 1
# HELP gh_exporter_metrics_staleness_seconds Age of the view this page was made from: time since the store's changes were last read.
# TYPE gh_exporter_metrics_staleness_seconds gauge
gh_exporter_metrics_staleness_seconds 0.5
# HELP process_cpu_seconds_total User and system CPU time of the answering replica.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total{replica="pod-0"} 12.75
)";

const std::vector<Sample> kOwn = {{{Family::kProcessCpu, {"pod-0"}}, 12.75}, {{Family::kStaleness, {}}, 0.5}};

TEST_F(ViewTest, WritesText004) {
  view_.load(small_world(), kNow);
  EXPECT_EQ(page(kNow, Format::kText004, kOwn), kSmallText);
  EXPECT_EQ(view_.series_count(), 18U);
}

// The same samples between other headers.
TEST_F(ViewTest, WritesOpenMetrics) {
  view_.load(small_world(), kNow);
  const std::string open = page(kNow, Format::kOpenMetrics100, kOwn);
  EXPECT_EQ(testing::check_openmetrics(open), "");
  EXPECT_NE(open.find("# TYPE gh_exporter_scrape_runs counter\n"
                      "# HELP gh_exporter_scrape_runs Collection cycles of an organisation by result: success, "
                      "partial, failure or skipped_unhealthy.\n"
                      "gh_exporter_scrape_runs_total{org=\"acme\",result=\"success\"} 3\n"
                      "# TYPE gh_exporter_scrape_duration_seconds gauge\n"
                      "# UNIT gh_exporter_scrape_duration_seconds seconds\n"
                      "# HELP gh_exporter_scrape_duration_seconds How long the organisation's last collection cycle "
                      "took.\n"
                      "gh_exporter_scrape_duration_seconds{org=\"acme\"} 1.25\n"),
            std::string::npos);
  const auto samples = [](std::string text) {
    std::string found;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      if (text[at] != '#') found += text.substr(at, text.find('\n', at) + 1 - at);
    }
    return found;
  };
  EXPECT_EQ(samples(open), samples(kSmallText));
}

// t is inside while now - 24h < t; then 0 for the linger time; then the end.
TEST_F(ViewTest, CountsFallAtTheExactSecond) {
  view_.load(small_world(), kNow);
  const std::string series = R"(gh_activity_commits_24h{org="acme",repo="api",user="octocat"})";
  const TimePoint first = kNow - seconds(9) + hours(24);
  const TimePoint second = kNow - seconds(5) + hours(24);
  EXPECT_EQ(lines(series, first - seconds(1)), series + " 2\n");
  EXPECT_EQ(lines(series, first), series + " 1\n");
  EXPECT_EQ(lines(series, second - seconds(1)), series + " 1\n");
  EXPECT_EQ(lines(series, second), series + " 0\n");
  EXPECT_EQ(lines(series, second + hours(1) - seconds(1)), series + " 0\n");
  EXPECT_EQ(lines(series, second + hours(1)), "");
  EXPECT_EQ(lines(series, second), series + " 0\n") << "a clock that steps back steps the numbers back";
}

TEST_F(ViewTest, ARepositoryWithoutANameIsNotShownUntilItHasOne) {
  store::ChangeSet set = small_world();
  set.repositories.clear();
  view_.apply(set);
  EXPECT_EQ(lines("gh_activity"), "");
  view_.apply(names({name(1, "api")}));
  EXPECT_EQ(lines("gh_activity_commits_24h"),
            "gh_activity_commits_24h{org=\"acme\",repo=\"api\",user=\"hubot[bot]\"} 0\n"
            "gh_activity_commits_24h{org=\"acme\",repo=\"api\",user=\"octocat\"} 2\n");
}

TEST_F(ViewTest, ARenameMovesTheSeries) {
  view_.load(small_world(), kNow);
  page();
  view_.apply(names({name(1, "api-v2")}));
  EXPECT_EQ(lines("gh_activity_commits_24h{org=\"acme\",repo=\"api\""), "");
  EXPECT_EQ(lines("gh_activity_commits_24h"),
            "gh_activity_commits_24h{org=\"acme\",repo=\"api-v2\",user=\"hubot[bot]\"} 0\n"
            "gh_activity_commits_24h{org=\"acme\",repo=\"api-v2\",user=\"octocat\"} 2\n");
}

// Another repository's renaming puts the line before the event's own repository had a turn.
TEST_F(ViewTest, AnEventThatEndsBeforeItsRepositoryHadATurnLeavesNoLineUnderASharedName) {
  view_.apply(names({name(1, "api"), name(2, "api")}));
  store::ChangeSet first;
  first.events = {event(EventKind::kCommit, 1, std::string(40, 'a'), "octocat", kNow - seconds(5))};
  view_.apply(first);
  ASSERT_NE(lines("gh_activity_commits_24h"), "");
  store::ChangeSet late;
  late.events = {event(EventKind::kCommit, 2, std::string(40, 'b'), "octocat", kNow - std::chrono::hours(20))};
  view_.apply(late);
  view_.apply(names({name(1, "web")}));
  const TimePoint later = kNow + std::chrono::hours(6);
  EXPECT_EQ(lines("gh_activity_commits_24h", later),
            "gh_activity_commits_24h{org=\"acme\",repo=\"web\",user=\"octocat\"} 1\n");
}

TEST_F(ViewTest, TwoRepositoriesOfOneNameAreShownOnceAsTheirSum) {
  view_.load(small_world(), kNow);
  store::ChangeSet second = names({name(2, "web")});
  second.events = {event(EventKind::kCommit, 2, std::string(40, 'd'), "octocat", kNow - seconds(1))};
  view_.apply(second);
  view_.apply(names({name(2, "api")}));
  EXPECT_EQ(lines("gh_activity_commits_24h"),
            "gh_activity_commits_24h{org=\"acme\",repo=\"api\",user=\"hubot[bot]\"} 0\n"
            "gh_activity_commits_24h{org=\"acme\",repo=\"api\",user=\"octocat\"} 3\n");
  view_.apply(names({name(1, "old-api")}));
  EXPECT_EQ(lines("gh_activity_commits_24h"),
            "gh_activity_commits_24h{org=\"acme\",repo=\"api\",user=\"octocat\"} 1\n"
            "gh_activity_commits_24h{org=\"acme\",repo=\"old-api\",user=\"hubot[bot]\"} 0\n"
            "gh_activity_commits_24h{org=\"acme\",repo=\"old-api\",user=\"octocat\"} 2\n");
}

TEST_F(ViewTest, RemembersALastEventWhoseEventIsGone) {
  store::ChangeSet set = names({name(1, "api")});
  set.last_events = {{RepoId{1}, "octocat", kNow - hours(24 * 7)}};
  view_.load(set, kNow);
  EXPECT_EQ(lines("gh_activity"),
            "gh_activity_last_event_unixtime{org=\"acme\",repo=\"api\",user=\"octocat\"} 1789395200\n");
}

TEST_F(ViewTest, ASetReplacesWhatHadItsSlot) {
  const auto remaining = [](const std::string& installation, double value) {
    return Sample{{Family::kRateLimitRemaining, {"acme", installation}}, value};
  };
  view_.apply(slots({{"a", {remaining("1", 10), remaining("2", 20)}}, {"b", {remaining("3", 30)}}}));
  page();
  view_.apply(slots({{"a", {remaining("2", 21)}}}));
  EXPECT_EQ(lines("gh_exporter_github_rate_limit_remaining"),
            "gh_exporter_github_rate_limit_remaining{org=\"acme\",installation_id=\"2\"} 21\n"
            "gh_exporter_github_rate_limit_remaining{org=\"acme\",installation_id=\"3\"} 30\n");
  view_.apply(slots({{"a", {}}}));
  EXPECT_EQ(lines("gh_exporter_github_rate_limit_remaining"),
            "gh_exporter_github_rate_limit_remaining{org=\"acme\",installation_id=\"3\"} 30\n");
}

// As long as it may have been lost: a reader that only fell behind is told all there is.
TEST_F(ViewTest, ASetWithAnEditionOutlivesAStoreThatForgotIt) {
  const auto report = [](std::int64_t rank) {
    return store::ValueSet{
        "copilot", {{{Family::kScrapeDuration, {"acme\n"}}, double(rank)}}, store::Edition{rank, "a note"}};
  };
  const std::string series = R"(gh_exporter_scrape_duration_seconds{org="acme\n"})";
  const store::ValueSet ended{"ended", {}, store::Edition{7, ""}};
  const store::ValueSet plain{"cycle", {{{Family::kLeaderCycleLastRun, {}}, 1}}};
  view_.load(slots({report(20), ended, plain}), kNow);
  EXPECT_EQ(view_.remembered().value_sets, (std::vector{report(20), ended}));

  for (const auto& snapshot : {slots({}), slots({report(19)})}) {
    view_.load(snapshot, kNow, SnapshotOf::kOtherData);
    EXPECT_EQ(lines(series), series + " 20\n");
    EXPECT_EQ(lines("gh_exporter_leader"), "") << "a gauge is the store's";
    EXPECT_EQ(view_.remembered().value_sets, (std::vector{report(20), ended}));
  }
  view_.apply(slots({report(18)}));
  EXPECT_EQ(lines(series), series + " 20\n") << "of a writer who came late";
  view_.load(slots({report(21)}), kNow, SnapshotOf::kOtherData);
  EXPECT_EQ(lines(series), series + " 21\n");
  view_.load(slots({{"copilot", {}}}), kNow, SnapshotOf::kOtherData);
  EXPECT_EQ(lines(series), "");
  view_.apply(slots({report(1)}));
  view_.load(slots({}), kNow, SnapshotOf::kSameData);
  EXPECT_EQ(lines(series), "");
  EXPECT_TRUE(view_.remembered().value_sets.empty());
}

TEST_F(ViewTest, ASeriesMovesFromSlotToSlotInEitherOrder) {
  const Sample sample{{Family::kScrapeDuration, {"acme"}}, 1};
  view_.apply(slots({{"a", {sample}}}));
  page();
  view_.apply(slots({{"b", {sample}}, {"a", {}}}));
  EXPECT_EQ(lines("gh_exporter_scrape_duration_seconds"), "gh_exporter_scrape_duration_seconds{org=\"acme\"} 1\n");
  view_.apply(slots({{"a", {sample}}}));
  view_.apply(slots({{"b", {}}}));
  EXPECT_EQ(lines("gh_exporter_scrape_duration_seconds"), "gh_exporter_scrape_duration_seconds{org=\"acme\"} 1\n");
}

store::LocRecord lines_record(RepoId repo, std::int64_t added, TimePoint asked_at) {
  store::LocRecord record{.repo = repo, .users = {{"octocat", added, 0, {}}}, .valid_until = kNow + hours(24 * 7)};
  record.week = kNow - hours(24 * 7);
  record.asked_at = asked_at;
  return record;
}

TEST_F(ViewTest, LoadingKeepsWhatIsTrueAnywayAndForgetsTheRest) {
  store::ChangeSet before = small_world();
  before.last_events = {{RepoId{1}, "old-hand", kNow - hours(24 * 7)}};
  before.loc_records = {lines_record(RepoId{1}, 5, kNow)};
  view_.load(before, kNow);
  const std::string activity = lines("gh_activity");
  EXPECT_NE(activity.find("old-hand"), std::string::npos);
  EXPECT_NE(activity.find("gh_activity_loc_added_weekly"), std::string::npos);

  store::ChangeSet restored = counters({{{Family::kLeaderTransitions, {}}, 1}});
  restored.loc_records = {lines_record(RepoId{1}, 4, kNow - hours(24))};
  view_.load(restored, kNow);
  EXPECT_EQ(lines("gh_activity"), activity);
  EXPECT_EQ(lines("gh_exporter_scrape"), "");
  EXPECT_EQ(lines("gh_exporter_leader"), "gh_exporter_leader_transitions_total 1\n");

  // Told to an empty store, and loaded from there, it is all there again.
  View other({}, kNow);
  other.load(view_.remembered(), kNow);
  const std::string page = testing::join(other.render(kNow, Format::kText004, {}).identity());
  for (const auto& line : {"old-hand", "gh_activity_loc_added_weekly", "gh_activity_commits_24h"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

TEST_F(ViewTest, LoadingEndsLinesOfCodeThatTheStoreWouldHaveEnded) {
  store::ChangeSet set = names({name(1, "api")});
  set.loc_records = {{.repo = RepoId{1}, .asked_at = kNow}};  // asked for, not answered yet: shown without end
  view_.load(set, kNow);
  EXPECT_NE(lines("gh_exporter_loc_source_mode"), "");
  view_.load(names({name(1, "api")}), kNow + hours(24 * 30));
  EXPECT_EQ(lines("gh_exporter_loc_source_mode"), "");
  EXPECT_TRUE(view_.remembered().loc_records.empty());
}

TEST_F(ViewTest, ShowsNothingOfAFamilyThatIsSwitchedOff) {
  store::ChangeSet set = names({name(1, "api")});
  set.events = {{ledger::EventKind::kReviewComment, RepoId{1}, "5", "octocat", kNow, kNow}};
  View off({}, kNow, kinds::kDefaultFamilies);
  off.apply(set);
  off.advance(kNow);
  EXPECT_EQ(off.series_count(), 0U);
  EXPECT_TRUE(off.remembered().events.empty());
  view_.apply(set);
  EXPECT_NE(lines("gh_activity_review_comments_24h"), "");
}

TEST_F(ViewTest, IgnoresSamplesThatAreNotTheStoresToTell) {
  view_.apply(slots({{"a",
                      {{{Family::kStaleness, {}}, 1},
                       {{metrics::family_of(ledger::EventKind::kCommit), {"acme", "api", "octocat"}}, 1},
                       {{Family::kScrapeDuration, {"acme", "extra"}}, 1}}}}));
  view_.apply(counters({{{Family::kProcessCpu, {"pod-0"}}, 1}, {{Family::kScrapeRuns, {"acme"}}, 1}}));
  EXPECT_EQ(page(), "");
}

TEST_F(ViewTest, IgnoresOwnSamplesOfSharedFamilies) {
  EXPECT_EQ(page(kNow, Format::kText004,
                 {{{Family::kScrapeRuns, {"acme", "success"}}, 1}, {{Family::kSeriesLoaded, {"x"}}, 1}}),
            "");
}

TEST_F(ViewTest, APageStaysWhatItIs) {
  view_.load(small_world(), kNow);
  const Page before = view_.render(kNow, Format::kText004, {});
  const std::string text = join(before.identity());
  view_.apply(names({name(1, "renamed")}));
  page(kNow + hours(30));
  EXPECT_EQ(join(before.identity()), text);
}

TEST_F(ViewTest, AfterAClockThatWasWrongThePageIsAsItWas) {
  for (const auto jump : {hours(1), hours(24), hours(48), hours(168), hours(24 * 400)}) {
    for (const int direction : {1, -1}) {
      View view(ledger::Ledger::Options{}, kNow);
      store::ChangeSet world = small_world();
      world.last_events = {{RepoId{1}, "long ago", kNow - hours(240)}};
      view.load(world, kNow);
      const std::string before = join(view.render(kNow, Format::kText004, {}).identity());
      const TimePoint wrong = kNow + direction * jump;
      view.settle(std::min(kNow, wrong));
      view.load(world, wrong);
      for (int second = 0; second < 3; ++second) view.render(wrong + seconds(second), Format::kText004, {});
      view.settle(kNow);
      EXPECT_EQ(join(view.render(kNow, Format::kText004, {}).identity()), before) << direction * jump.count();
    }
  }
}

// As a process does that starts while its clock is wrong.
TEST_F(ViewTest, AViewThatBeganWithAClockThatWasWrongTakesInEverything) {
  view_.load(small_world(), kNow);
  View late(ledger::Ledger::Options{}, kNow + hours(168));
  late.settle(kNow);
  late.load(small_world(), kNow + hours(168));
  EXPECT_EQ(join(late.render(kNow, Format::kText004, {}).identity()), page());
}

TEST_F(ViewTest, SharesEveryChunkWhenNothingChanged) {
  view_.load(small_world(), kNow);
  const Page first = view_.render(kNow, Format::kText004, {});
  const Page second = view_.render(kNow, Format::kText004, {});
  ASSERT_EQ(first.chunks.size(), second.chunks.size());
  std::size_t fresh = 0;
  for (std::size_t i = 0; i < first.chunks.size(); ++i) fresh += first.chunks[i] == second.chunks[i] ? 0 : 1;
  EXPECT_EQ(fresh, 1U) << "only this replica's own families are rendered anew";
}

}  // namespace
}  // namespace ghstats::exposition
