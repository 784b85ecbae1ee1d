// Refusals that end after a minute, at every endpoint: limits without a word of how long, and tokens that are refused.
#include <gtest/gtest.h>

#include "harness/afflicted_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const Place kMint{.endpoint = "create_installation_token",
                  .path = "^/app/installations/{installation}/access_tokens$",
                  .reason = "scrape_error",
                  .is_organisation = true};

std::vector<Place> places() {
  return {{.endpoint = "list_org_repos", .path = "^/orgs/{org}/repos$", .reason = {}},
          {.endpoint = "list_commits", .path = "^/repos/{org}/alpha/commits$", .reason = {}},
          {.endpoint = "list_pulls", .path = "^/repos/{org}/alpha/pulls$", .reason = {}},
          {.endpoint = "list_reviews", .path = "^/repos/{org}/alpha/pulls/[0-9]+/reviews$", .reason = {}},
          {.endpoint = "list_issue_comments", .path = "^/repos/{org}/alpha/issues/comments$", .reason = {}},
          {.endpoint = "get_contributor_stats", .path = "^/repos/{org}/alpha/stats/contributors$", .reason = {}}};
}

struct Refusal {
  Fault fault;
  Place place;
};

// Each refusal at each place, in an organisation of its own.
std::vector<Refusal> refusals() {
  std::vector<Refusal> out;
  int number = 0;
  for (const Place& place : places()) {
    const std::string suffix = "-" + std::to_string(++number);
    out.push_back({{.name = "secondary" + suffix,
                    .action = R"({"secondary_limit":true})",
                    .times = 1,
                    .status_class = "4xx",
                    .effect = Effect::kServed,
                    .limit = Limit::kSecondary},
                   place});
    out.push_back({{.name = "s429" + suffix,
                    .action = R"({"status":429})",
                    .times = 1,
                    .status_class = "4xx",
                    .effect = Effect::kServed,
                    .limit = Limit::kSecondary},
                   place});
    out.push_back(
        {{.name = "s401" + suffix, .action = R"({"unauthenticated":true})", .status_class = "4xx", .effect = {}},
         place});
  }
  return out;
}

std::vector<Fault> faults_of(const std::vector<Refusal>& refusals) {
  std::vector<Fault> out;
  for (const Refusal& refusal : refusals) out.push_back(refusal.fault);
  return out;
}

std::string not_refused_yet(const Refusal& refusal, const Samples& samples) {
  const std::string& org = refusal.fault.name;
  const Labels requests = {{"org", org}, {"endpoint", refusal.place.endpoint}, {"status_class", "4xx"}};
  if (sum_of(samples, "gh_exporter_github_requests_total", requests) == 0) return org + ": no refusal\n";
  const bool is_hit = sum_of(samples, "gh_exporter_github_secondary_limit_hits_total", {{"org", org}}) > 0;
  if (is_hit != (refusal.fault.limit == Limit::kSecondary)) return org + ": wrong secondary limit hits\n";
  return {};
}

TEST(LongFaultMatrix, WaitsAMinuteWhereNoTimeIsToldAndThenTellsTheTruth) {
  const auto all = refusals();
  AfflictedWorld world(faults_of(all), {});
  AfflictedWorld minting({{.name = "mint",
                           .action = R"({"secondary_limit":true})",
                           .times = 1,
                           .status_class = "4xx",
                           .effect = Effect::kServed,
                           .limit = Limit::kSecondary,
                           .stops_organisation = true}},
                         {});
  for (const Refusal& refusal : all) world.inflict(refusal.fault, refusal.place, refusal.fault.name);
  minting.inflict(kMint);
  minting.start();
  world.start();
  // What was refused is seen when it is asked for again: requests that are refused are all there is, so far.
  const auto begin = std::chrono::steady_clock::now();
  const auto not_yet = [&] {
    const Samples samples = world.samples();
    std::string out;
    for (const Refusal& refusal : all) out += not_refused_yet(refusal, samples);
    return out + not_refused_yet({minting.faults().front(), kMint}, minting.samples());
  };
  EXPECT_EQ(complaints_after(30s, not_yet), "");
  EXPECT_EQ(world.difference([](const Fault&) { return false; }), "") << "the calm one";
  for (const Refusal& refusal : all) {
    if (refusal.place.endpoint == "get_contributor_stats") continue;  // there are no lines
    const auto is_it = [&](const Fault& fault) { return fault.name == refusal.fault.name; };
    EXPECT_NE(world.difference(is_it), "") << refusal.fault.name;
  }
  world.simulator().clear_faults();
  EXPECT_EQ(complaints_after(120s, [&] { return world.difference() + minting.difference(); }), "");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 45s);
  EXPECT_EQ(world.simulator().forbidden(), "");
  EXPECT_EQ(minting.simulator().forbidden(), "");
  EXPECT_TRUE(world.exporter().process().running()) << world.exporter().process().output();
  EXPECT_TRUE(minting.exporter().process().running()) << minting.exporter().process().output();
}

}  // namespace
}  // namespace ghstats::harness
