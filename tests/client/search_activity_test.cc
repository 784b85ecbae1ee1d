// What search tells of a time is what REST's sweep tells of it, less the commits; what it does not tell is doubted.
#include "activity/changes/search_activity.h"

#include <gmock/gmock.h>

#include "client/changes.h"

namespace ghstats::client {
namespace {

using activity::Aspect;
using activity::Searched;
using ::testing::IsEmpty;

class SearchActivity : public Changes {
 protected:
  struct Found {
    EventLines lines;
    std::size_t pages = 0;
    Searched end;
  };
  [[nodiscard]] TimeWindow all() const { return {oldest(), clock_.now()}; }
  Found search(
      Aspect aspect, activity::SearchPolicy search = {}, std::function<bool(RepoId)> is_ours = anybody,
      std::function<bool()> go_on = [] { return true; }) {
    Found out;
    const auto take = [&](std::vector<ledger::Event> events) -> async::Task<bool> {
      ++out.pages;
      const bool goes_on = go_on();
      if (goes_on) add(out.lines, events);
      co_return goes_on;
    };
    out.end = run(activity::search_activity(*graphql_, {.org = "acme", .told = policy(), .policy = search}, aspect,
                                            all(), std::move(is_ours), take));
    return out;
  }
  EventLines both(activity::SearchPolicy policy = {}) {
    Found found = search(Aspect::kPulls, policy);
    const Found issues = search(Aspect::kIssues, policy);
    EXPECT_FALSE(found.end.doubtful);
    EXPECT_FALSE(issues.end.doubtful);
    for (const auto& [kind, lines] : issues.lines) found.lines[kind].insert(lines.begin(), lines.end());
    return found.lines;
  }
  EventLines swept_without_commits() {
    EventLines lines = swept();
    lines.erase("commit");
    for (const auto& [kind, told] : lines) EXPECT_GT(told.size(), 20U) << kind;
    return lines;
  }
  static bool anybody(RepoId) { return true; }
  void expect_doubt(const Searched& end) {
    EXPECT_TRUE(end.doubtful);
    EXPECT_EQ(end.told_until, all().begin);
    EXPECT_THAT(end.told, IsEmpty());
  }
};

TEST_F(SearchActivity, TellsWhatTheSweepTells) {
  EXPECT_EQ(difference(swept_without_commits(), both()), "");
}

TEST_F(SearchActivity, TellsWhatTheSweepTellsOfWhatIsCut) {
  crowd();
  EXPECT_EQ(difference(swept_without_commits(), both()), "");
  EXPECT_EQ(queries("MoreReviews"), 2);
  EXPECT_EQ(queries("MoreReviewComments"), 1);
  EXPECT_EQ(queries("MoreComments"), 3);
}

TEST_F(SearchActivity, TellsTheNewestUpdateOfEachRepository) {
  const Found pulls = search(Aspect::kPulls);
  const Found issues = search(Aspect::kIssues);
  EXPECT_EQ(pulls.end.told_until, all().end);
  EXPECT_FALSE(pulls.end.failure);
  std::size_t compared = 0;
  for (const auto& head : heads()) {
    const RepoId id = head.repository.id;
    for (const auto& [found, aspect, newest] : {std::tuple{&pulls.end, Aspect::kPulls, head.pull_updated_at},
                                                {&issues.end, Aspect::kIssues, head.issue_updated_at}}) {
      if (!newest || *newest < oldest()) {
        EXPECT_FALSE(found->told.contains(id));
        continue;
      }
      ++compared;
      ASSERT_TRUE(found->told.contains(id));
      EXPECT_EQ(found->told.at(id)[index_of(aspect)], newest);
      EXPECT_EQ(found->repositories.at(id), head.repository.full_name);
    }
  }
  EXPECT_GT(compared, 20U);
}

TEST_F(SearchActivity, TellsNothingOfWhatIsNotOurs) {
  const auto heads = this->heads();
  const RepoId ours = heads.at(1).repository.id;
  const Found found = search(Aspect::kPulls, {}, [&](RepoId id) { return id == ours; });
  EXPECT_FALSE(found.end.doubtful);
  ASSERT_EQ(found.end.told.size(), 1U);
  EXPECT_TRUE(found.end.told.contains(ours));
  EXPECT_GT(found.end.repositories.size(), 5U);
  for (const auto& [kind, lines] : found.lines) {
    for (const auto& line : lines) EXPECT_TRUE(line.starts_with(std::to_string(to_number(ours)) + " ")) << line;
  }
}

TEST_F(SearchActivity, AsksInHalvesForMoreThanCanBeRead) {
  const auto rest = swept_without_commits();
  EXPECT_EQ(difference(rest, both({.most_results = 100, .most_searches = 30})), "");
  const auto found = search(Aspect::kPulls, {.most_results = 100, .most_searches = 1});
  expect_doubt(found.end);
  EXPECT_EQ(found.pages, 0U) << "of what is asked for again";
}

TEST_F(SearchActivity, WhatGitHubDoesNotTellIsDoubted) {
  const auto whole = search(Aspect::kPulls);
  fault(R"([{"match":{"operation":"PullsUpdated"},"action":{"permission":true}}])");
  const auto found = search(Aspect::kPulls);
  expect_doubt(found.end);
  ASSERT_TRUE(found.end.failure);
  EXPECT_EQ(found.end.failure->code, ErrorCode::kPermissionDenied);
  EXPECT_FALSE(found.end.cancelled);
}

TEST_F(SearchActivity, APartThatCannotBeReadOnIsDoubtedAndItsUpdateNotTold) {
  const auto name = crowd();
  const RepoId id = heads().front().repository.id;
  const auto whole = search(Aspect::kPulls);
  fault(R"([{"match":{"operation":"MoreReviews"},"action":{"permission":true}}])");
  const auto found = search(Aspect::kPulls);
  EXPECT_TRUE(found.end.doubtful);
  EXPECT_EQ(found.end.failure->code, ErrorCode::kPermissionDenied);
  EXPECT_NE(found.end.told.at(id), whole.end.told.at(id));
  EXPECT_EQ(found.lines.at("pr_opened"), whole.lines.at("pr_opened"));
}

TEST_F(SearchActivity, WhatBreaksOnceIsAsIfNothingHadHappened) {
  const auto whole = search(Aspect::kIssues);
  for (const auto* action : {R"({"graphql_error":"TIMEOUT"})", R"({"status":503})", R"({"resource_limit":20})"}) {
    control("DELETE", "/_sim/faults");
    fault(std::string(R"([{"match":{"operation":"IssuesUpdated"},"times":1,"action":)") + action + "}]");
    const auto found = search(Aspect::kIssues);
    EXPECT_EQ(difference(whole.lines, found.lines), "") << action;
    EXPECT_FALSE(found.end.doubtful) << action;
  }
}

TEST_F(SearchActivity, ASinkThatSaysStopEndsItInDoubt) {
  const auto found = search(Aspect::kPulls, {}, anybody, [] { return false; });
  expect_doubt(found.end);
  EXPECT_EQ(found.pages, 1U);
  EXPECT_EQ(queries("PullsUpdated"), 1);
  EXPECT_FALSE(found.end.cancelled);
  EXPECT_FALSE(found.end.failure);
}

// What is updated leaves the time that is asked for, everything behind it moves up, and one would be skipped.
class WhatMoves : public SearchActivity {
 protected:
  // So many pull requests of one second, the first of all that search tells.
  explicit WhatMoves(int count = 60) {
    const auto head = heads().front();
    happens_often(count, R"({"type":"pull_request","repo":")" + head.repository.full_name +
                             R"(","author":"opener","at":"2026-11-19T11:30:00Z"})");
    repository_ = simulation_->world.find_repository(to_number(head.repository.id));
    next_ = repository_->pulls.size() - static_cast<std::size_t>(count);
  }
  void move_one() {
    const auto& pull = repository_->pulls.at(next_++);
    pass(std::chrono::seconds{5});
    EXPECT_TRUE(simulation_->world.add_comment(*repository_, pull.number, *pull.author, clock_.now(), "late"));
  }

  sim::Repository* repository_ = nullptr;
  std::size_t next_ = 0;
};

TEST_F(WhatMoves, IsReadAgainPieceByPiece) {
  const auto whole = search(Aspect::kPulls);
  EXPECT_FALSE(whole.end.doubtful);
  const auto asked = queries("PullsUpdated");
  const TimeWindow before = all();
  bool first = true;
  const auto found = search(Aspect::kPulls, {}, anybody, [&] {
    if (std::exchange(first, false)) move_one();
    return true;
  });
  EXPECT_FALSE(found.end.doubtful);
  EXPECT_EQ(found.end.told_until, before.end);
  for (const auto& [kind, lines] : whole.lines) {
    const Lines& told = found.lines.at(kind);
    for (const auto& line : lines) EXPECT_TRUE(told.contains(line)) << kind << ' ' << line;
  }
  EXPECT_GT(queries("PullsUpdated"), 2 * asked) << "nothing has moved";
}

TEST_F(WhatMoves, AgainAndAgainIsDoubted) {
  const auto found = search(Aspect::kPulls, {}, anybody, [&] {
    move_one();
    return true;
  });
  EXPECT_TRUE(found.end.doubtful);
  EXPECT_FALSE(found.end.failure);
}

}  // namespace
}  // namespace ghstats::client
