#include "backfill/coalescing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/time_format.h"

namespace ghstats::backfill {
namespace {

using work::kWholeOrganisation;
using work::Miss;
using work::Reason;

using namespace std::chrono_literals;
using enum store::CollectionFamily;

TimePoint at(std::string_view time_of_day) {
  return *parse_rfc3339("2026-11-23T" + std::string(time_of_day) + "Z");
}

TimeWindow window(std::string_view begin, std::string_view end) {
  return {at(begin), at(end)};
}

Miss miss(TimeWindow window, std::vector<store::CollectionFamily> families = {kCommits}) {
  return {.org = "acme",
          .repo = "api",
          .repo_id = RepoId{7},
          .families = std::move(families),
          .window = window,
          .reason = Reason::kRateLimited};
}

TEST(Widen, RoundsBeginDownAndEndUp) {
  EXPECT_EQ(widen(window("04:31:10", "04:44:59"), 15min), window("04:30:00", "04:45:00"));
  EXPECT_EQ(widen(window("04:29:59", "04:45:01"), 15min), window("04:15:00", "05:00:00"));
  EXPECT_EQ(widen(window("04:30:00", "04:45:00"), 15min), window("04:30:00", "04:45:00"));
  EXPECT_EQ(widen({at("04:30:00") + 1ns, at("04:30:00") + 2ns}, 15min), window("04:30:00", "04:45:00"));
  EXPECT_EQ(widen({at("04:30:00"), at("04:45:00") + 1ns}, 15min), window("04:30:00", "05:00:00"));
}

TEST(Widen, AnEmptyWindowBecomesTheBucketThatContainsIt) {
  const TimeWindow inside = widen(window("04:31:00", "04:31:00"), 15min);
  EXPECT_EQ(inside, window("04:30:00", "04:45:00"));
  const TimeWindow on_the_edge = widen(window("04:30:00", "04:30:00"), 15min);
  EXPECT_EQ(on_the_edge, window("04:15:00", "04:30:00"));
  EXPECT_TRUE(on_the_edge.contains(at("04:30:00")));
}

TEST(Widen, AReversedWindowIsTurnedRound) {
  EXPECT_EQ(widen(window("05:01:00", "04:31:00"), 15min), window("04:30:00", "05:15:00"));
}

TEST(Widen, TimesOutOfReachAreCut) {
  const TimeWindow all = widen({TimePoint::min(), TimePoint::max()}, 15min);
  EXPECT_EQ(all.begin, from_unix_seconds(0));
  EXPECT_EQ(format_rfc3339(all.end), "2200-01-01T00:00:00Z");
  EXPECT_FALSE(widen({TimePoint::min(), TimePoint::min()}, 1ms).empty());
}

TEST(Widen, AlwaysContainsTheWindowAndIsMadeOfWholeBuckets) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2'000; ++i) {
    const Duration bucket{1 + static_cast<std::int64_t>(random() % 5'000'000)};
    const TimePoint begin = from_unix_seconds(1'790'000'000) + std::chrono::nanoseconds{random() % 1'000'000'000'000};
    const TimePoint end = begin + std::chrono::nanoseconds{random() % 1'000'000'000'000};
    const TimeWindow wide = widen({begin, end}, bucket);
    ASSERT_LE(wide.begin, begin);
    ASSERT_GE(wide.end, end);
    ASSERT_GT(wide.begin + bucket + 1ns, begin - bucket);
    ASSERT_LT(wide.end - end, std::chrono::nanoseconds{bucket});
    ASSERT_EQ(wide.begin.time_since_epoch() % bucket, 0ns);
    ASSERT_EQ(wide.end.time_since_epoch() % bucket, 0ns);
    ASSERT_FALSE(wide.empty());
  }
}

TEST(Coalesce, MissesOfABucketBecomeOneJobWithTheFamiliesOfAll) {
  const auto jobs = coalesce({miss(window("04:31:00", "04:36:00"), {kReviews, kCommits}),
                              miss(window("04:38:00", "04:41:00"), {kIssueComments, kCommits})},
                             15min);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].window, window("04:30:00", "04:45:00"));
  EXPECT_EQ(jobs[0].families, (std::vector{kCommits, kReviews, kIssueComments}));
  EXPECT_EQ(jobs[0].repo_id, RepoId{7});
}

TEST(Coalesce, NeighboursThatTouchAreOneAndOthersAreNot) {
  const auto jobs = coalesce({miss(window("04:01:00", "04:05:00")), miss(window("04:31:00", "04:36:00")),
                              miss(window("05:01:00", "05:05:00")), miss(window("04:16:00", "04:17:00"))},
                             15min);
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].window, window("04:00:00", "04:45:00")) << "the last miss closes the gap";
  EXPECT_EQ(jobs[1].window, window("05:00:00", "05:15:00"));
}

TEST(Coalesce, AllFamiliesAreAllHoweverTheyAreSpelled) {
  const auto w = window("04:31:00", "04:36:00");
  EXPECT_TRUE(coalesce({miss(w, {kAllFamilies.rbegin(), kAllFamilies.rend()})}, 15min)[0].families.empty());
  EXPECT_TRUE(coalesce({miss(w, {kReviews}), miss(w, {})}, 15min)[0].families.empty());
  EXPECT_TRUE(coalesce({miss(w, {}), miss(w, {kReviews})}, 15min)[0].families.empty());
}

TEST(Coalesce, KeepsApartWhatIsNotTheSame) {
  const auto w = window("04:31:00", "04:36:00");
  const Miss one = miss(w);
  Miss other_org = one;
  other_org.org = "umbrella";
  Miss other_repo = one;
  other_repo.repo_id = RepoId{8};
  Miss other_reason = one;
  other_reason.reason = Reason::kScrapeError;
  Miss other_report = one;
  other_report.copilot.report_type = "users-28-day";
  EXPECT_EQ(coalesce({one, other_org, other_repo, other_reason, other_report}, 15min).size(), 5U);
}

TEST(Coalesce, SpellingAndRenamesMakeNoOtherRepository) {
  const auto w = window("04:31:00", "04:36:00");
  Miss renamed = miss(w);
  renamed.org = "ACME";
  renamed.repo = "api-renamed";
  const auto jobs = coalesce({miss(w), renamed}, 15min);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].org, "acme") << "as it was spelled first";
  EXPECT_EQ(dedup_key(coalesce({renamed}, 15min)[0]), dedup_key(jobs[0]));
}

TEST(Coalesce, AnEmptyRepoIsTheWholeOrganisation) {
  Miss whole = miss(window("04:31:00", "04:36:00"), {});
  whole.repo = "";
  whole.repo_id.reset();
  const auto jobs = coalesce({whole}, 15min);
  EXPECT_EQ(jobs.at(0).repo, kWholeOrganisation);
  whole.repo = kWholeOrganisation;
  EXPECT_EQ(coalesce({whole}, 15min), jobs);
}

// Nothing that was missed is left out, whatever the order, and equal misses make equal keys.
TEST(Coalesce, JobsCoverEveryMiss) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Miss> misses;
    for (unsigned i = 1 + random() % 12; i > 0; --i) {
      const TimePoint begin = at("00:00:00") + std::chrono::minutes{random() % 600};
      misses.push_back(miss({begin, begin + std::chrono::minutes{random() % 40}},
                            {kAllFamilies.at(random() % kAllFamilies.size())}));
      misses.back().repo_id = RepoId{1 + random() % 3};
    }
    const auto jobs = coalesce(misses, 15min);
    std::set<std::string> keys;
    for (const Miss& job : jobs) ASSERT_TRUE(keys.insert(dedup_key(job)).second) << "two jobs are the same";
    for (const Miss& missed : misses) {
      ASSERT_EQ(
          std::ranges::count_if(jobs,
                                [&](const Miss& job) {
                                  return job.repo_id == missed.repo_id && job.window.begin <= missed.window.begin &&
                                         job.window.end >= missed.window.end &&
                                         (job.families.empty() ||
                                          std::ranges::find(job.families, missed.families[0]) != job.families.end());
                                }),
          1);
    }
    std::ranges::shuffle(misses, random);
    std::set<std::string> keys_of_another_order;
    for (const Miss& job : coalesce(misses, 15min)) keys_of_another_order.insert(dedup_key(job));
    ASSERT_EQ(keys, keys_of_another_order);
  }
}

TEST(DedupKey, SaysWhatItIsAbout) {
  const auto job = coalesce({miss(window("04:31:00", "04:36:00"), {kReviews, kCommits})}, 15min)[0];
  EXPECT_EQ(dedup_key(job), "acme/#7/rate_limited/2026-11-23T04:30:00.000Z/2026-11-23T04:45:00.000Z/commits+reviews");
}

TEST(DedupKey, AnotherFamilyOrReportIsAnotherJob) {
  const auto w = window("04:30:00", "04:45:00");
  EXPECT_NE(dedup_key(miss(w, {kCommits})), dedup_key(miss(w, {kReviews})));
  Miss report = miss(w, {});
  report.copilot = {.scope = "org", .scope_id = "acme", .report_type = "organization-28-day"};
  Miss other = report;
  other.copilot.report_type = "users-28-day";
  EXPECT_NE(dedup_key(report), dedup_key(other));
  EXPECT_NE(dedup_key(report), dedup_key(miss(w, {})));
}

}  // namespace
}  // namespace ghstats::backfill
