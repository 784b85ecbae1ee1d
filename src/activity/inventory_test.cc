#include "activity/inventory.h"

#include <gmock/gmock.h>

#include "github/testing/api_fixture.h"

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kApi = R"({"id":1,"name":"api","full_name":"acme/api","fork":false,"private":false})";
constexpr const char* kWeb = R"({"id":2,"name":"web","full_name":"acme/web","fork":false,"private":false})";

class InventoryTest : public ::testing::Test {
 protected:
  std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& repository : inventory_.repositories()) out.push_back(repository.name);
    return out;
  }
  bool list(Duration longest_age = {}) { return github_.run(inventory_.list(longest_age)).has_value(); }
  static std::string both() { return std::string("[") + kApi + "," + kWeb + "]"; }

  github::testing::ApiFixture github_;
  Inventory inventory_{github_.io.get_executor(), github_.api, {.deny = {"web"}}};
};

TEST_F(InventoryTest, KnowsWhatTheFilterAcceptsOfTheLastListThatCouldBeHad) {
  github_.on_get("/orgs/acme/repos*").reply(200, both()).reply(500).reply(500).reply(500).reply(500).reply(500);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_TRUE(list());
  EXPECT_THAT(names(), ElementsAre("api"));
  const auto seen = inventory_.listed().version();
  EXPECT_FALSE(list());
  EXPECT_THAT(names(), ElementsAre("api"));
  EXPECT_EQ(inventory_.listed().version(), seen);
}

// Otherwise lines of code would go on being asked for of repositories that were archived meanwhile.
TEST_F(InventoryTest, AnEmptyListIsNoMissingList) {
  github_.on_get("/orgs/acme/repos*").reply(200, both()).reply(200, "[]");
  EXPECT_TRUE(list());
  const auto seen = inventory_.listed().version();
  EXPECT_TRUE(list());
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_GT(inventory_.listed().version(), seen);
}

TEST_F(InventoryTest, AsksOnlyWhenWhatItKnowsIsTooOld) {
  github_.on_get("/orgs/acme/repos*").reply(200, both());
  EXPECT_TRUE(list(1h)) << "the first time in any case";
  github_.clock.advance(59min);
  EXPECT_TRUE(list(1h));
  EXPECT_EQ(github_.client.requests().size(), 1U);
  github_.clock.advance(1min);
  EXPECT_TRUE(list(1h));
  EXPECT_EQ(github_.client.requests().size(), 2U);
  EXPECT_TRUE(list());
  EXPECT_EQ(github_.client.requests().size(), 3U);
}

TEST_F(InventoryTest, FindsOneByItsIdOrByAName) {
  github_.on_get("/repositories/1").reply(200, kApi);
  github_.on_get("/repos/acme/old-api").reply(200, kApi);
  github_.on_get("/repositories/2").reply(200, kWeb);
  github_.on_get("/repositories/3").reply(404, R"({"message":"Not Found"})");
  EXPECT_EQ(github_.run(inventory_.find(RepoId{1}))->name, "api");
  EXPECT_EQ(github_.run(inventory_.find(std::string("old-api")))->name, "api");
  EXPECT_EQ(github_.run(inventory_.find(RepoId{2})).error().code, ErrorCode::kNotFound) << "the filter leaves it out";
  EXPECT_EQ(github_.run(inventory_.find(RepoId{3})).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ghstats::activity
