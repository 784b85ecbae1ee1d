#include "sim/world/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/time_format.h"
#include "sim/truth/truth.h"
#include "sim/world/rhythm.h"

namespace ghstats::sim {
namespace {

const TimePoint kFrom = parse_rfc3339("2026-11-16T00:00:00Z").value();  // a Monday

GeneratorOptions small(std::uint64_t seed) {
  GeneratorOptions options;
  options.orgs = {"one", "two"};
  options.repositories = 60;
  options.users = 50;
  options.seed = seed;
  options.from = kFrom;
  options.hours = 24;
  options.events = 900;
  return options;
}

std::vector<TruthSample> truth_of(const GeneratorOptions& options) {
  World world;
  EXPECT_TRUE(generate(world, options).has_value());
  return compute_truth(world, {.at = kFrom + std::chrono::hours{options.hours}, .org = {}, .self_reviews = true});
}

TEST(Generator, MakesTheSameWorldFromTheSameSeed) {
  EXPECT_EQ(truth_of(small(7)), truth_of(small(7)));
  EXPECT_NE(truth_of(small(7)), truth_of(small(8)));
}

TEST(Generator, MakesLinesFromTheSeed) {
  const auto lines_of = [](std::uint64_t seed) {
    World world;
    EXPECT_TRUE(generate(world, small(seed)).has_value());
    Lines sum;
    for (const auto& repository : world.repositories()) {
      for (const auto& commit : repository.commits) sum += commit.lines;
    }
    return sum;
  };
  EXPECT_EQ(lines_of(7), lines_of(7));
  EXPECT_NE(lines_of(7), lines_of(8));
}

TEST(Generator, MergesBranchesWithTheirLines) {
  World world;
  ASSERT_TRUE(generate(world, small(6)).has_value());
  int merges = 0;
  for (const auto& repository : world.repositories()) {
    std::map<std::string, const Commit*> by_sha;
    for (const auto& commit : repository.commits) by_sha[commit.sha] = &commit;
    for (const auto& commit : repository.commits) {
      if (!commit.is_merge()) continue;
      ++merges;
      Lines branch;
      const auto* tip = by_sha.at(commit.parents[1]);
      for (; tip->sha != commit.parents[0]; tip = by_sha.at(tip->parents[0])) branch += tip->lines;
      EXPECT_EQ(commit.lines, branch);
    }
  }
  EXPECT_GT(merges, 10);
}

TEST(Generator, MakesExactlyTheEventsAskedForInTheTimeAskedFor) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    std::int64_t events = 0;
    for (const auto& sample : truth_of(small(seed))) {
      if (sample.family.ends_with("_24h")) events += sample.value;
    }
    EXPECT_EQ(events, 900) << seed;
  }
}

TEST(Generator, NumbersGrowWithTimeInEachRepository) {
  World world;
  ASSERT_TRUE(generate(world, small(5)).has_value());
  for (const auto& repository : world.repositories()) {
    EXPECT_TRUE(std::is_sorted(repository.pulls.begin(), repository.pulls.end(),
                               [](const auto& a, const auto& b) { return a.created_at < b.created_at; }));
  }
}

TEST(Generator, HasTheKindsOfRepositoriesAndPeopleAnOrganisationHas) {
  World world;
  auto options = small(3);
  options.repositories = 400;
  options.users = 200;
  ASSERT_TRUE(generate(world, options).has_value());
  std::map<std::string, int> seen;
  for (const auto& r : world.repositories()) {
    seen["empty"] += r.pushes.empty() ? 1 : 0;
    seen["fork"] += r.fork ? 1 : 0;
    seen["archived"] += r.archived.at(TimePoint::max()) ? 1 : 0;
    seen["renamed"] += r.name.changes().size() > 1 ? 1 : 0;
    seen["public"] += r.is_private ? 0 : 1;
    for (const auto& c : r.commits) {
      seen["late push"] += c.visible_from > c.committer_date + std::chrono::minutes{5} ? 1 : 0;
      seen["no account"] += c.author_account == nullptr ? 1 : 0;
      seen["merge"] += c.is_merge() ? 1 : 0;
      seen["empty commit"] += c.lines.none() && !c.is_merge() ? 1 : 0;
      seen["large"] += c.lines.additions > 500 ? 1 : 0;
      seen["small"] += c.lines.additions < 50 ? 1 : 0;
    }
    for (const auto& review : r.reviews) seen["pending"] += review.submitted_at ? 0 : 1;
  }
  for (const auto& a : world.accounts()) {
    seen["bot"] += a.kind == AccountKind::kBot ? 1 : 0;
    seen["deleted"] += a.deleted_at ? 1 : 0;
  }
  for (const auto* const kind : {"empty", "fork", "archived", "renamed", "public", "late push", "no account", "pending",
                                 "bot", "deleted", "merge", "empty commit", "large", "small"}) {
    EXPECT_GT(seen[kind], 0) << kind;
  }
}

TEST(Generator, ConcentratesActivityOnFewRepositories) {
  auto options = small(4);
  options.repositories = 300;
  options.events = 3000;
  std::map<std::string, std::int64_t> by_repository;
  std::int64_t all = 0;
  for (const auto& sample : truth_of(options)) {
    if (!sample.family.ends_with("_24h")) continue;
    by_repository[sample.repo] += sample.value;
    all += sample.value;
  }
  std::vector<std::int64_t> counts;
  for (const auto& [repo, count] : by_repository) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  std::int64_t busiest_tenth = 0;
  for (std::size_t i = 0; i < 30; ++i) busiest_tenth += counts[i];
  EXPECT_GT(busiest_tenth, all / 2);
  EXPECT_LT(by_repository.size(), 290U);
}

TEST(Generator, RefusesRepositoriesWithoutUsers) {
  World world;
  auto options = small(1);
  options.users = 0;
  EXPECT_EQ(generate(world, options).error().code, ErrorCode::kInvalidArgument);
}

TEST(Rhythm, IsBusiestInOfficeHoursOfWeekdays) {
  const auto busy = busyness(parse_rfc3339("2026-11-18T10:30:00Z").value());
  EXPECT_GT(busy, 3 * busyness(parse_rfc3339("2026-11-18T03:30:00Z").value()));
  EXPECT_GT(busy, 3 * busyness(parse_rfc3339("2026-11-21T10:30:00Z").value()));
}

}  // namespace
}  // namespace ghstats::sim
