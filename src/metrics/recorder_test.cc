#include "metrics/recorder.h"

#include <gtest/gtest.h>

#include <map>

#include "metrics/encoder.h"

namespace ghstats::metrics {
namespace {

std::map<std::vector<std::string>, double> by_labels(const std::vector<Sample>& samples, Family family) {
  std::map<std::vector<std::string>, double> found;
  for (const Sample& sample : samples) {
    EXPECT_EQ(sample.key.family, family);
    EXPECT_TRUE(found.emplace(sample.key.labels, sample.value).second);
  }
  return found;
}

TEST(Recorder, SumsIncrementsOfTheSameSeries) {
  Recorder recorder;
  recorder.add(Family::kScrapeRuns, {"acme", "success"});
  recorder.add(Family::kScrapeRuns, {"acme", "success"}, 2);
  recorder.add(Family::kScrapeRuns, {"acme", "failure"}, 0);
  const std::map<std::vector<std::string>, double> expected = {{{"acme", "failure"}, 0}, {{"acme", "success"}, 3}};
  EXPECT_EQ(by_labels(recorder.take_increments(), Family::kScrapeRuns), expected);
}

TEST(Recorder, ForgetsWhatWasTaken) {
  Recorder recorder;
  recorder.add(Family::kLeaderTransitions, {});
  EXPECT_EQ(recorder.take_increments().size(), 1U);
  EXPECT_TRUE(recorder.take_increments().empty());
}

TEST(Recorder, AddsWhatIsGivenBackToWhatHappenedMeanwhile) {
  Recorder recorder;
  recorder.add(Family::kLeaderTransitions, {}, 2);
  auto taken = recorder.take_increments();
  recorder.add(Family::kLeaderTransitions, {}, 5);
  recorder.put_back(std::move(taken));
  const auto again = recorder.take_increments();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].value, 7);
}

TEST(Recorder, CountsAnObservationInEveryBucketItFallsInto) {
  Recorder recorder;
  recorder.observe(Family::kGitHubRequestDuration, {"meta"}, 2.5);  // a bound belongs to its bucket
  recorder.observe(Family::kGitHubRequestDuration, {"meta"}, 100);
  const std::map<std::vector<std::string>, double> expected = {{{"meta", "2.5"}, 1},  {{"meta", "5.0"}, 1},
                                                               {{"meta", "10.0"}, 1}, {{"meta", "20.0"}, 1},
                                                               {{"meta", "+Inf"}, 2}, {{"meta", "sum"}, 102.5}};
  EXPECT_EQ(by_labels(recorder.take_increments(), Family::kGitHubRequestDuration), expected);
}

}  // namespace
}  // namespace ghstats::metrics
