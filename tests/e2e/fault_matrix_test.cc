// Everything that can go wrong with a request, at every endpoint: it costs what was asked for, and only while it lasts.
// Each fault has an organisation to itself, so that all of them strike the same running program.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/afflicted_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

// For moved(), which addresses of organisations do not have.
std::vector<Fault> faults_at(const Place& place) {
  std::vector<Fault> faults = all_faults();
  for (Fault& fault : faults) {
    if (fault.name == "s301" && place.endpoint == "list_org_repos") {
      fault = moved_to("/orgs/{org}/repos?type=all&per_page=100");
    }
  }
  return faults;
}

class FaultMatrix : public ::testing::TestWithParam<Place> {
 protected:
  AfflictedWorld world{faults_at(GetParam()), {}};
};

TEST_P(FaultMatrix, CostsWhatWasAskedForWhileItLasts) {
  const Place& place = GetParam();
  world.start();
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(); }), "") << "before the faults";
  const Samples before = world.samples();
  world.inflict(place);
  world.work();  // or there is nothing to tell but 304
  EXPECT_EQ(world.wrong_counters(25s, place, before), "");
  world.work();  // what was under way when the faults began cannot know of this
  EXPECT_EQ(complaints_after(15s, [&] { return world.others_that_suffer(place); }), "") << "while the faults last";
  EXPECT_EQ(world.faults_that_do_not_hurt(place), "");
  world.simulator().clear_faults();
  const auto heals = [&](const Fault& fault) { return expectation(fault, place).heals; };
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(heals); }), "") << "after the faults";
  for (const Fault& fault : world.faults()) {
    if (expectation(fault, place).effect != Effect::kFinal) continue;
    EXPECT_NE(world.difference([&](const Fault& other) { return other.name == fault.name; }), "")
        << fault.name << " was asked about again";
  }
  ASSERT_TRUE(world.exporter().process().running()) << world.exporter().process().output();
  EXPECT_EQ(world.simulator().forbidden(), "");
  world.start();
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(); }), "") << "after a restart";
}

INSTANTIATE_TEST_SUITE_P(
    Endpoints, FaultMatrix,
    ::testing::Values(
        Place{.endpoint = "list_org_repos",
              .path = "^/orgs/{org}/repos$",
              .reason = "scrape_error",
              .is_organisation = true},
        Place{.endpoint = "list_commits", .path = "^/repos/{org}/alpha/commits$", .reason = "activity_commits_failed"},
        Place{.endpoint = "list_pulls", .path = "^/repos/{org}/alpha/pulls$", .reason = "activity_pulls_failed"},
        Place{.endpoint = "list_reviews",
              .path = "^/repos/{org}/alpha/pulls/[0-9]+/reviews$",
              .reason = "activity_reviews_failed"},
        Place{.endpoint = "list_issue_comments",
              .path = "^/repos/{org}/alpha/issues/comments$",
              .reason = "activity_issue_comments_failed"}),
    [](const auto& info) { return info.param.endpoint; });

}  // namespace
}  // namespace ghstats::harness
