// Everything that can go wrong where the way to GitHub begins: getting a token, and asking whether GitHub is there.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "harness/afflicted_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const Place kMint{.endpoint = "create_installation_token",
                  .path = "^/app/installations/{installation}/access_tokens$",
                  .reason = "scrape_error",
                  .is_organisation = true};
const Place kProbe{.endpoint = "get_meta", .path = "^/meta$", .reason = ""};

// What is different about a POST, and about an answer that is shorter than most.
Fault at_the_mint(Fault fault) {
  if (fault.name == "s301") fault = moved_to("/app/installations/{installation}/access_tokens");
  // Nothing is posted anywhere else, and a key that is refused is not tried twice: the next cycle begins anew.
  if (fault.limit == Limit::kNone) fault.effect = Effect::kMissed;
  fault.outlasts_its_end = false;
  if (fault.name == "half") fault.action = R"({"cut_after_bytes":500})";
  return fault;
}

TEST(TokenFaultMatrix, CostsItsOrganisationWhileItLasts) {
  std::vector<Fault> faults;
  for (const Fault& fault : all_faults()) {
    if (fault.limit == Limit::kNone) faults.push_back(at_the_mint(fault));
  }
  AfflictedWorld world(faults, {});
  world.inflict(kMint);
  world.start();
  EXPECT_EQ(world.wrong_counters(25s, kMint, {}), "");
  EXPECT_EQ(complaints_after(15s, [&] { return world.others_that_suffer(kMint); }), "") << "while the faults last";
  EXPECT_EQ(world.faults_that_do_not_hurt(kMint), "");
  world.simulator().clear_faults();
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(); }), "") << "after the faults";
  ASSERT_TRUE(world.exporter().process().running()) << world.exporter().process().output();
}

// The App's limits are those of all its installations: each has a GitHub to itself.
TEST(TokenFaultMatrix, WaitsForLimits) {
  std::vector<std::unique_ptr<AfflictedWorld>> worlds;
  for (const Fault& fault : all_faults()) {
    if (fault.limit == Limit::kNone) continue;
    worlds.push_back(
        std::make_unique<AfflictedWorld>(std::vector<Fault>{at_the_mint(fault)}, AfflictedWorld::Options{}));
    worlds.back()->inflict(kMint);
    worlds.back()->start();
  }
  for (const auto& world : worlds) {
    SCOPED_TRACE(world->faults().front().name);
    EXPECT_EQ(world->wrong_counters(25s, kMint, {}), "");
    EXPECT_EQ(complaints_after(25s, [&] { return world->difference(); }), "");
    EXPECT_TRUE(world->exporter().process().running()) << world->exporter().process().output();
    EXPECT_EQ(world->simulator().forbidden(), "");
  }
}

// Probes are asked in the name of the first organisation, and what goes wrong with them alone costs nothing.
TEST(ProbeFaultMatrix, CostsNoNumbers) {
  AfflictedWorld world({{.name = "probed", .action = "", .status_class = "", .effect = Effect::kServed}},
                       {.config = "health: {github_probe_interval: 200ms}\n", .scrape_interval = "500ms"});
  world.start();
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(); }), "");
  for (Fault fault : all_faults()) {
    SCOPED_TRACE(fault.name);
    // Bodies are not looked at, and mostly not even sent: 304.
    if (fault.name == "shape" || fault.name == "half") continue;
    if (fault.name == "s301") fault = moved_to("/meta");
    const Samples before = world.samples();
    world.inflict(fault, kProbe, "probed");
    world.perform_everywhere(R"({"type":"commit","repo":"{repo}","author":"ann"})");
    const Labels requests = {{"org", "probed"}, {"endpoint", kProbe.endpoint}, {"status_class", fault.status_class}};
    const auto asked = [&](const Samples& samples) {
      return sum_of(samples, "gh_exporter_github_requests_total", requests);
    };
    EXPECT_TRUE(eventually(15s, [&] { return asked(world.samples()) > asked(before); })) << "no probe";
    EXPECT_EQ(complaints_after(15s, [&] { return world.difference(); }), "") << "while the fault lasts";
    const Samples after = world.samples();
    const auto hits = [](const Samples& samples) {
      return sum_of(samples, "gh_exporter_github_secondary_limit_hits_total", {{"org", "probed"}});
    };
    EXPECT_EQ(hits(after) > hits(before), fault.limit == Limit::kSecondary);
    for (const std::string result : {"partial", "failure", "skipped_unhealthy"}) {
      EXPECT_EQ(sum_of(after, "gh_exporter_scrape_runs_total", {{"result", result}}), 0) << result;
    }
    EXPECT_EQ(sum_of(after, "gh_exporter_backfill_jobs_enqueued_total"), 0);
    world.simulator().clear_faults();
    // Counters are told every second, all at once: with the next request this fault's are complete.
    const Labels probes = {{"org", "probed"}, {"endpoint", kProbe.endpoint}};
    const auto asked_at_all = [&] { return sum_of(world.samples(), "gh_exporter_github_requests_total", probes); };
    const double so_far = asked_at_all();
    EXPECT_TRUE(eventually(15s, [&] { return asked_at_all() > so_far; })) << "no probe after the fault";
    ASSERT_TRUE(world.exporter().process().running()) << world.exporter().process().output();
  }
  EXPECT_EQ(world.simulator().forbidden(), "");
}

}  // namespace
}  // namespace ghstats::harness
