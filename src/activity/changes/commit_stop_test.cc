#include "activity/changes/commit_stop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace ghstats::activity {
namespace {

github::HistoryCommit commit(std::string sha, bool merge = false) {
  github::HistoryCommit out;
  out.commit.sha = std::move(sha);
  out.commit.merge = merge;
  return out;
}

using Page = std::vector<github::HistoryCommit>;

TEST(CommitStop, AFirstListingGoesOnUntilTheWindowsBegin) {
  CommitStop stop(std::nullopt);
  EXPECT_TRUE(stop.wants_more_after(Page{commit("c"), commit("b")}));
}

TEST(CommitStop, EndsWithThePageThatMeetsTheKnownCommit) {
  CommitStop stop("a");
  EXPECT_TRUE(stop.wants_more_after(Page{commit("c"), commit("b")}));
  EXPECT_FALSE(stop.wants_more_after(Page{commit("a"), commit("z", true)}));
}

TEST(CommitStop, AMergeItselfMayBeTheKnownCommit) {
  CommitStop stop("a");
  EXPECT_FALSE(stop.wants_more_after(Page{commit("b"), commit("a", true)}));
}

TEST(CommitStop, AfterAMergeOlderCommitsOfTheOtherLineMayFollowTheKnownOne) {
  CommitStop stop("a");
  EXPECT_TRUE(stop.wants_more_after(Page{commit("m", true), commit("a")}));
  EXPECT_TRUE(stop.wants_more_after(Page{commit("a")}));
}

TEST(CommitStop, AForcedPushTookTheKnownCommitAway) {
  CommitStop stop("a");
  for (int page = 0; page < 5; ++page) EXPECT_TRUE(stop.wants_more_after(Page{commit("x" + std::to_string(page))}));
}

// A random graph of commits; history in any order in which no commit comes before its children, as git tells it.
class History {
 public:
  explicit History(std::mt19937& random) : random_(random) {}

  int add(std::vector<int> parents) {
    parents_.push_back(std::move(parents));
    return static_cast<int>(parents_.size()) - 1;
  }
  [[nodiscard]] std::set<int> reachable(int from) const {
    std::set<int> out{from};
    std::vector<int> left{from};
    while (!left.empty()) {
      const int at = left.back();
      left.pop_back();
      for (const int parent : parents_[at]) {
        if (out.insert(parent).second) left.push_back(parent);
      }
    }
    return out;
  }
  Page told(int head) {
    const std::set<int> all = reachable(head);
    std::map<int, int> children;
    for (const int c : all) {
      for (const int parent : parents_[c]) ++children[parent];
    }
    std::vector<int> ready{head};
    Page out;
    while (!ready.empty()) {
      const auto at = ready.begin() + static_cast<long>(random_() % ready.size());
      const int c = *at;
      ready.erase(at);
      out.push_back(commit(std::to_string(c), parents_[c].size() > 1));
      for (const int parent : parents_[c]) {
        if (--children[parent] == 0) ready.push_back(parent);
      }
    }
    return out;
  }

 private:
  std::mt19937& random_;
  std::vector<std::vector<int>> parents_;
};

TEST(CommitStop, NeverEndsBeforeACommitThatIsNotKnown) {
  std::mt19937 random(2);
  int stopped_early = 0;
  for (int round = 0; round < 5000; ++round) {
    History history(random);
    const int size = 2 + static_cast<int>(random() % 20);
    history.add({});
    for (int c = 1; c < size; ++c) {
      std::vector<int> parents{static_cast<int>(random() % 3 == 0 ? random() % c : c - 1)};
      const int other = static_cast<int>(random() % c);
      if (random() % 5 == 0 && other != parents.front()) parents.push_back(other);
      history.add(parents);
    }
    const int known = static_cast<int>(random() % size);
    const int head = size - 1;
    const std::size_t page_size = 1 + random() % 4;
    const Page all = history.told(head);
    std::set<int> collected = history.reachable(known);
    CommitStop stop(std::to_string(known));
    std::size_t at = 0;
    for (bool more = true; more && at < all.size();) {
      const std::size_t end = std::min(all.size(), at + page_size);
      const Page page(all.begin() + static_cast<long>(at), all.begin() + static_cast<long>(end));
      for (const auto& told : page) collected.insert(std::stoi(told.commit.sha));
      at = end;
      more = stop.wants_more_after(page);
    }
    if (at < all.size()) ++stopped_early;
    EXPECT_TRUE(std::ranges::includes(collected, history.reachable(head)));
  }
  EXPECT_GT(stopped_early, 100);
}

}  // namespace
}  // namespace ghstats::activity
