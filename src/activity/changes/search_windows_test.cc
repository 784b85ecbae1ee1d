#include "activity/changes/search_windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000);
const TimeWindow kHour{kNow - 1h, kNow};

TEST(SearchWindows, OneSearchIsEnoughWhereItIsWhole) {
  SearchWindows windows({}, kHour);
  EXPECT_EQ(windows.next(), kHour);
  EXPECT_EQ(windows.told_until(), kHour.begin);
  windows.on_end(SearchEnd::kWhole);
  EXPECT_FALSE(windows.next());
  EXPECT_EQ(windows.told_until(), kNow);
  EXPECT_FALSE(windows.doubtful());
}

TEST(SearchWindows, NothingIsAskedOfAnEmptyWindow) {
  const SearchWindows windows({}, {kNow, kNow});
  EXPECT_FALSE(windows.next());
  EXPECT_EQ(windows.told_until(), kNow);
}

TEST(SearchWindows, HalvesWhatHasTooManyAndBeginsWithTheOlderHalf) {
  SearchWindows windows({}, kHour);
  windows.on_end(SearchEnd::kTooMany);
  EXPECT_EQ(windows.next(), (TimeWindow{kNow - 1h, kNow - 30min}));
  windows.on_end(SearchEnd::kWhole);
  EXPECT_EQ(windows.told_until(), kNow - 30min);
  EXPECT_EQ(windows.next(), (TimeWindow{kNow - 30min, kNow}));
  windows.on_end(SearchEnd::kWhole);
  EXPECT_EQ(windows.told_until(), kNow);
  EXPECT_FALSE(windows.doubtful());
}

TEST(SearchWindows, ASecondWithTooManyIsInDoubt) {
  SearchWindows windows({}, {kNow - 1s, kNow});
  windows.on_end(SearchEnd::kTooMany);
  EXPECT_FALSE(windows.next());
  EXPECT_TRUE(windows.doubtful());
  EXPECT_EQ(windows.told_until(), kNow - 1s);
}

TEST(SearchWindows, TellsNothingBeyondAnIncompleteSearchButAsksOn) {
  SearchWindows windows({}, kHour);
  windows.on_end(SearchEnd::kTooMany);
  windows.on_end(SearchEnd::kIncomplete);
  ASSERT_TRUE(windows.next());
  windows.on_end(SearchEnd::kWhole);
  EXPECT_EQ(windows.told_until(), kHour.begin);
  EXPECT_TRUE(windows.doubtful());
}

TEST(SearchWindows, AFailureEndsIt) {
  SearchWindows windows({}, kHour);
  windows.on_end(SearchEnd::kTooMany);
  windows.on_end(SearchEnd::kFailed);
  EXPECT_FALSE(windows.next());
  EXPECT_TRUE(windows.doubtful());
  EXPECT_EQ(windows.told_until(), kHour.begin);
}

TEST(SearchWindows, AsksForTheWholeSecondsThatAreTouched) {
  const SearchWindows windows({}, {kNow - 1500ms, kNow - 1ms});
  EXPECT_EQ(windows.next(), (TimeWindow{kNow - 2s, kNow}));
  EXPECT_EQ(updated_within({from_unix_seconds(1'790'000'000), from_unix_seconds(1'790'000'060)}),
            "updated:2026-09-21T14:13:21Z..2026-09-21T14:14:20Z");
}

TEST(SearchWindows, TheNextCycleAsksTheLagAgain) {
  const SearchPolicy policy{.lag = 15min};
  EXPECT_EQ(search_since(policy, kNow, kNow - 25h), kNow - 15min);
  EXPECT_EQ(search_since(policy, kNow - 25h, kNow - 25h), kNow - 25h);
  EXPECT_EQ(search_since(policy, std::nullopt, kNow - 25h), kNow - 25h);
}

// Random answers: what is asked is a partition in order, bounded in number, and what it tells is what was whole.
TEST(SearchWindows, CoversEverythingOnceOrSaysThatItIsInDoubt) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    const SearchPolicy policy{.most_results = 20, .most_searches = 1 + random() % 40};
    const auto length = 1 + random() % 500;
    const TimeWindow covered{kNow - std::chrono::seconds(length), kNow};
    std::vector<TimePoint> updates(random() % 200);
    for (TimePoint& at : updates)
      at = covered.begin + std::chrono::seconds(1 + random() % std::min<std::size_t>(length, 40));
    SearchWindows windows(policy, covered);
    TimePoint reached = covered.begin;
    TimePoint whole_until = covered.begin;
    bool all_whole = true;
    std::size_t searches = 0;
    std::size_t told = 0;
    while (const auto window = windows.next()) {
      ASSERT_EQ(window->begin, reached);
      ++searches;
      const auto found = std::ranges::count_if(updates, [&](TimePoint at) { return window->contains(at); });
      SearchEnd end = SearchEnd::kWhole;
      if (found > 20) end = SearchEnd::kTooMany;
      if (random() % 60 == 0) end = random() % 2 == 0 ? SearchEnd::kIncomplete : SearchEnd::kFailed;
      windows.on_end(end);
      if (end == SearchEnd::kTooMany && window->end - window->begin > 1s) continue;
      reached = window->end;
      all_whole = all_whole && end == SearchEnd::kWhole;
      if (all_whole) whole_until = reached;
      if (end == SearchEnd::kWhole) told += static_cast<std::size_t>(found);
    }
    EXPECT_LE(searches, policy.most_searches);
    EXPECT_EQ(windows.told_until(), whole_until);
    EXPECT_EQ(windows.doubtful(), whole_until != kNow);
    if (!windows.doubtful()) EXPECT_EQ(told, updates.size());
  }
}

}  // namespace
}  // namespace ghstats::activity
