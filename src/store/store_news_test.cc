#include "store/store_news.h"

#include <gtest/gtest.h>

#include "log/testing/memory_sink.h"

namespace ghstats::store {
namespace {

TEST(StoreNews, TellsEachChangeOnceAndNothingBeforeTheFirstSuccess) {
  const auto lines = std::make_shared<log::testing::MemorySink>();
  StoreNews news(log::testing::make_logger(lines));
  const auto look = [&](bool healthy) {
    const auto before = lines->lines().size();
    news.looked_at({.healthy = healthy, .reason = healthy ? "" : "out of memory"}, {});
    return lines->lines().size() - before;
  };
  EXPECT_EQ(look(false), 0U);
  EXPECT_EQ(look(true), 0U);
  EXPECT_EQ(look(true), 0U);
  EXPECT_EQ(look(false), 1U);
  EXPECT_TRUE(lines->contains("out of memory"));
  EXPECT_EQ(look(false), 0U);
  EXPECT_EQ(look(true), 1U);
  EXPECT_EQ(look(true), 0U);
  EXPECT_EQ(look(false), 1U);
}

TEST(StoreNews, SaysOnceWhatPeopleShouldKnowAndOnceThatItIsOver) {
  const auto lines = std::make_shared<log::testing::MemorySink>();
  StoreNews news(log::testing::make_logger(lines));
  const auto look = [&](const std::string& concern) {
    const auto before = lines->lines().size();
    news.looked_at({.healthy = true, .concern = concern}, SteadyPoint{});
    return lines->lines().size() - before;
  };
  EXPECT_EQ(look(""), 0U);
  EXPECT_EQ(look("names are lost"), 1U);
  EXPECT_TRUE(lines->contains("names are lost"));
  EXPECT_EQ(look("gauges are lost, too"), 0U);
  EXPECT_EQ(look(""), 1U);
  EXPECT_EQ(look(""), 0U);
}

TEST(StoreNews, RepeatsAtLeisureThatAnotherEnvironmentUsesTheStoreAndTellsTheEnd) {
  const auto lines = std::make_shared<log::testing::MemorySink>();
  StoreNews news(log::testing::make_logger(lines));
  const SteadyPoint start{};
  const auto look = [&](const std::string& mixed, std::chrono::minutes at) {
    const auto before = lines->lines().size();
    StoreHealth health;
    health.mixed = mixed;
    news.looked_at(health, start + at);
    return lines->lines().size() - before;
  };
  using std::chrono::minutes;
  const std::string both = "this replica: api.github.com: acme; another: api.github.com: globex";
  EXPECT_EQ(look("", minutes{0}), 0U);
  EXPECT_EQ(look(both, minutes{0}), 1U);
  EXPECT_TRUE(lines->contains(both));
  EXPECT_TRUE(lines->contains("store.redis_key_prefix"));
  EXPECT_EQ(look(both, minutes{9}), 0U);
  EXPECT_EQ(look(both, minutes{10}), 1U);
  EXPECT_EQ(look("", minutes{11}), 1U);
  EXPECT_EQ(look("", minutes{12}), 0U);
  EXPECT_EQ(look(both, minutes{12}), 1U);
}

}  // namespace
}  // namespace ghstats::store
