#include "activity/changes/ask_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using github::PageShape;
using ::testing::ElementsAre;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

ToldPolicy policy(kinds::FamilySwitches families = kinds::kDefaultFamilies) {
  return {.events = {}, .families = kinds::families_of(families), .oldest = kNow - 25h};
}

// A repository of which everything is asked since then.
RepositoryAsk ask(std::string node, TimePoint since, TimePoint newest = kNow) {
  RepositoryAsk out;
  out.node = std::move(node);
  out.commits = true;
  out.pulls_since = since;
  out.issues_since = since;
  out.newest = newest;
  return out;
}

std::vector<RepositoryAsk> asks(std::size_t count, TimePoint since) {
  std::vector<RepositoryAsk> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(ask("R_" + std::to_string(i), since));
  return out;
}

std::string text_of(const Question& question) {
  std::string out = std::to_string(index_of(question.aspect)) + ":";
  for (const auto& node : question.batch.nodes) out += " " + node;
  return out + (question.batch.cursor ? " after " + *question.batch.cursor : "");
}

// Until nothing is left.
std::vector<std::string> all_of(AskQueue& queue) {
  std::vector<std::string> out;
  while (const auto question = queue.next()) out.push_back(text_of(*question));
  return out;
}

TEST(AskQueue, AspectsTakeTurnsAndWhatChangedLastComesFirst) {
  auto some = std::vector{ask("old", kNow - 1h, kNow - 30min), ask("new", kNow - 1h)};
  AskQueue queue(policy(), some);
  EXPECT_THAT(all_of(queue), ElementsAre("0: new old", "1: new old", "2: new old"));
  queue.add_next_page(Aspect::kPulls, "old", "x");
  queue.add_next_page(Aspect::kPulls, "new", "y");
  queue.add_next_page(Aspect::kIssues, "old", "z");
  EXPECT_THAT(all_of(queue), ElementsAre("1: new after y", "2: old after z", "1: old after x"));
}

TEST(AskQueue, AsksOnlyWhatIsAskedAndWanted) {
  auto some = std::vector{ask("a", kNow - 1h), ask("b", kNow - 1h)};
  some[0].commits = false;
  some[1].issues_since.reset();
  AskQueue all(policy(), some);
  EXPECT_THAT(all_of(all), ElementsAre("0: b", "1: a b", "2: a"));
  ToldPolicy reviews = policy();
  reviews.families = {store::CollectionFamily::kReviews};
  AskQueue few(reviews, some);
  EXPECT_THAT(all_of(few), ElementsAre("1: a b"));
}

TEST(AskQueue, ListsThatReachFarBackAreAskedForInLongPages) {
  const auto first_load = shapes_of(policy(), Aspect::kPulls, asks(300, kNow - 25h));
  EXPECT_EQ(first_load.first, (PageShape{.nodes = 10, .page = 50}));
  EXPECT_EQ(first_load.further, (PageShape{.nodes = 1, .page = 100}));
  const auto reconcile = shapes_of(policy(), Aspect::kPulls, asks(300, kNow - 17min));
  EXPECT_EQ(reconcile.first, (PageShape{.nodes = 50, .page = 10}));
  auto a_few_new = asks(20, kNow - 17min);
  for (auto& ask : asks(5, kNow - 25h)) a_few_new.push_back(std::move(ask));
  EXPECT_EQ(shapes_of(policy(), Aspect::kPulls, a_few_new).first, reconcile.first);
  EXPECT_EQ(shapes_of(policy(), Aspect::kIssues, asks(300, kNow - 25h)).first, first_load.first);
}

TEST(AskQueue, NoQueryCostsMoreThanItsLimit) {
  const auto longest = asks(300, kNow - 25h);
  const auto shortest = asks(300, kNow - 17min);
  for (const bool diffs : {false, true}) {
    const auto told = policy(diffs ? kinds::kEveryFamily : kinds::kDefaultFamilies);
    const QueryLists pulls{.per_node = 1, .per_item = diffs ? 22 : 2, .item_size = 20};
    for (const auto& some : {longest, shortest}) {
      const auto shapes = shapes_of(told, Aspect::kPulls, some);
      for (const PageShape shape : {shapes.first, shapes.further}) {
        EXPECT_LE(points_of(pulls, shape), 25);
        EXPECT_LE(nodes_of(pulls, shape), 500'000);
      }
      EXPECT_EQ(shapes.further.nodes, 1);
    }
  }
}

}  // namespace
}  // namespace ghstats::activity
