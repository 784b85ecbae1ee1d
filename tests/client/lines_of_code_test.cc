// A week's lines of code are the same whoever is asked: histories over GraphQL, single commits over REST, and GitHub's
// statistics where they have lines.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "activity/loc/collect_loc.h"
#include "activity/loc/weeks.h"
#include "base/time_format.h"
#include "client/simulated_github.h"
#include "client/told.h"
#include "github/rest/list_org_repositories.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"

namespace ghstats::client {
namespace {

using activity::LocSettings;
using activity::LocSource;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::HasSubstr;

class LinesOfCode : public SimulatedGithub {
 protected:
  LinesOfCode() : SimulatedGithub(quiet_world()) {}
  ~LinesOfCode() override { EXPECT_EQ(forbidden(), ""); }

  // The week that holds the simulated day, and everything that is pushed here, is over.
  void end_the_week() {
    const TimePoint monday = activity::week_begin(clock_.now()) + activity::kWeek + hours{36};
    pass(monday - clock_.now());
  }
  std::vector<activity::LocTarget> targets() {
    std::vector<activity::LocTarget> out;
    for (const auto& repository : told(github::list_org_repositories(*rest_)).items) {
      out.push_back({.id = repository.id,
                     .org = "acme",
                     .name = repository.name,
                     .full_name = repository.full_name,
                     .pushed_at = repository.pushed_at,
                     .node_id = repository.node_id});
    }
    return out;
  }
  static std::vector<activity::LocTarget> only(const std::string& full_name, std::vector<activity::LocTarget> targets) {
    std::erase_if(targets, [&](const auto& target) { return target.full_name != full_name; });
    return targets;
  }

  enum class Over { kRest, kGraphql };
  // As a process does that starts with an empty store, and looks again each minute.
  std::vector<store::LocRecord> collect(Over over, LocSettings settings, std::vector<activity::LocTarget> targets) {
    const auto store = store::make_memory_store(io_.get_executor(), clock_, {});
    const store::Authority authority{Role::kLeader, store::Source::kLeaderScrape, told(store->begin_leadership())};
    metrics::Recorder recorder;
    activity::LocMemory memory;
    const activity::LocEnvironment environment{.store = *store,
                                               .recorder = recorder,
                                               .clock = clock_,
                                               .memory = memory,
                                               .logger = log::testing::make_logger(),
                                               .graphql = over == Over::kGraphql ? graphql_.get() : nullptr};
    std::size_t refreshed = 0;
    for (int look = 0; look < 5 && refreshed < targets.size(); ++look) {
      const auto report = run(activity::collect_loc(environment, *rest_, authority, settings, targets));
      for (const auto& miss : report.misses) ADD_FAILURE() << miss.repo << ": " << miss.error.message;
      refreshed += report.refreshed + report.refused;
      pass(minutes{1});
    }
    std::vector<RepoId> ids;
    for (const auto& target : targets) ids.push_back(target.id);
    return told(store->loc_records(std::move(ids)));
  }

  static Lines lines_of(const std::vector<store::LocRecord>& records) {
    Lines out;
    for (const auto& record : records) {
      if (record.incomplete) out.insert(fmt::format("{} is incomplete", to_number(record.repo)));
      for (const auto& user : record.users) {
        out.insert(fmt::format("{} in {} week {} +{} -{}", user.user, to_number(record.repo),
                               format_rfc3339(record.week), user.added, user.removed));
      }
    }
    return out;
  }

  static LocSettings history() {
    LocSettings settings;
    settings.source = LocSource::kCommitHistory;
    settings.fallback_max_commit_detail_calls_per_org_per_hour = 1'000'000;
    return settings;
  }
  // Of whoever GitHub names in its statistics.
  std::string repository_of_members() {
    std::string all = R"([{"type":"add_repository","org":"acme","name":"small"})";
    for (int i = 0; i < 130; ++i) {
      const auto at = format_rfc3339(clock_.now() - minutes{10 * i});
      all += fmt::format(R"(,{{"type":"commit","at":"{0}","pushed_at":"{0}","author_date":"{0}","repo":"acme/small",)"
                         R"("author":"member-{1}","additions":{2},"deletions":{3}{4}}})",
                         at, i % 7, i * 37 % 101, i * 11 % 53 + 1, i % 9 == 0 ? R"(,"merge":true)" : "");
    }
    happens(all + R"(,{"type":"commit","repo":"acme/small","author":"helper[bot]","additions":3,"deletions":4}])");
    return "acme/small";
  }
  std::int64_t commits_asked() {
    return std::ranges::count_if(attempts_, [](const auto& a) { return a.endpoint.contains("commit"); });
  }
};

TEST_F(LinesOfCode, OfHistoriesAreThoseOfSingleCommits) {
  const auto name = targets().front().full_name;
  std::string more = R"([{"type":"commit","repo":")" + name + R"(","author":"pusher","merge":true,"additions":7})";
  for (int i = 0; i < 230; ++i) more += R"(,{"type":"commit","repo":")" + name + R"(","author":"pusher"})";
  happens(more + ']');
  end_the_week();
  const auto targets = this->targets();
  const auto rest = lines_of(collect(Over::kRest, history(), targets));
  const auto before = queries("CommitsSince");
  const auto graphql = lines_of(collect(Over::kGraphql, history(), targets));
  EXPECT_EQ(difference(rest, graphql), "");
  EXPECT_EQ(queries("CommitsSince") - before, static_cast<std::int64_t>((targets.size() + 9) / 10));
  EXPECT_GE(queries("MoreCommits"), 2);
  EXPECT_GT(graphql.size(), 50U);
  EXPECT_THAT(graphql, Contains(HasSubstr("[bot] in ")));
  EXPECT_THAT(graphql, Contains(HasSubstr("unlinked_git_author in ")));

  auto without_bots = history();
  without_bots.include_bots = false;
  const auto people = lines_of(collect(Over::kGraphql, without_bots, targets));
  EXPECT_EQ(difference(lines_of(collect(Over::kRest, without_bots, targets)), people), "");
  EXPECT_LT(people.size(), graphql.size());
}

TEST_F(LinesOfCode, OfHistoriesAreThoseOfGitHubsStatistics) {
  const auto small = repository_of_members();
  end_the_week();
  const auto targets = only(small, this->targets());
  ASSERT_EQ(targets.size(), 1U);
  const auto statistics = lines_of(collect(Over::kRest, {}, targets));
  EXPECT_EQ(difference(statistics, lines_of(collect(Over::kGraphql, history(), targets))), "");
  EXPECT_EQ(statistics.size(), 8U);
}

TEST_F(LinesOfCode, OfARepositoryTooLargeForStatisticsAreThoseOfItsHistory) {
  const auto small = repository_of_members();
  end_the_week();
  const auto targets = only(small, this->targets());
  const auto truth = lines_of(collect(Over::kRest, {}, targets));
  control("POST", "/_sim/statistics", R"({"max_commits":100})");
  LocSettings settings;
  settings.fallback_enabled = true;
  settings.large_repo_zero_detection_windows = 1;
  settings.fallback_max_commits_per_repo_per_week = 5;
  const auto records = collect(Over::kGraphql, settings, targets);
  EXPECT_EQ(difference(truth, lines_of(records)), "");
  EXPECT_EQ(records.at(0).mode, store::LocMode::kCommitHistory);
  EXPECT_EQ(records.at(0).phase, store::LocPhase::kFallback);
}

TEST_F(LinesOfCode, OfHistoriesAreExactHoweverLittleGitHubCanAnswer) {
  end_the_week();
  const auto targets = this->targets();
  const auto whole = lines_of(collect(Over::kGraphql, history(), targets));
  const auto asked = attempts_.size();
  control("POST", "/_sim/graphql", R"({"resource_limit":60})");
  EXPECT_EQ(difference(whole, lines_of(collect(Over::kGraphql, history(), targets))), "");
  EXPECT_GT(attempts_.size() - asked, 10U) << "nothing was too much";
}

TEST_F(LinesOfCode, WithoutGraphqlAreReadOverRest) {
  end_the_week();
  const auto targets = this->targets();
  const auto whole = lines_of(collect(Over::kGraphql, history(), targets));
  attempts_.clear();
  fault(R"([{"match":{"operation":"CommitsSince"},"action":{"permission":true}}])");
  EXPECT_EQ(difference(whole, lines_of(collect(Over::kGraphql, history(), targets))), "");
  EXPECT_GT(commits_asked(), 100);
}

TEST_F(LinesOfCode, OfAHiddenRepositoryCostTheOthersNothing) {
  end_the_week();
  auto targets = this->targets();
  auto others = targets;
  const auto hidden = others[3];
  others.erase(others.begin() + 3);
  happens(R"({"type":"hide","repo":")" + hidden.full_name + R"("})");
  const auto all = collect(Over::kGraphql, history(), targets);
  EXPECT_EQ(difference(lines_of(collect(Over::kRest, history(), others)), lines_of(all)), "");
}

}  // namespace
}  // namespace ghstats::client
