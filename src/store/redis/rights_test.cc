#include "store/redis/rights.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "net/testing/eventually.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using ::testing::HasSubstr;
using ::testing::Not;

std::string all_but(std::string_view rule) {
  std::string out;
  for (const Right& right : redis_rights()) {
    if (right.rule != rule) out += fmt::format(" +{}", right.rule);
  }
  return out;
}

class RedisRights : public RedisStoreFixture {
 protected:
  // Why a client that requires the store's rights does not connect as this user; empty when it does.
  std::string refusal(const std::string& rules) {
    set_rules(rules);
    redis::ClientOptions options;
    options.connection.introduction.credentials = {.username = "ghstats", .password = "secret"};
    options.on_connect = require_rights(RedisKeys{prefix_});
    redis::Client client(io_.get_executor(), options,
                         std::make_unique<redis::StandaloneResolver>(shared_redis().endpoint()));
    const Status connected = run(client.wait_connected(10s));
    const std::string why = connected ? "" : client.state().error.message;
    run(client.stop());
    return why;
  }
  void set_rules(const std::string& rules) {
    Command command("ACL", "SETUSER", "ghstats", "reset", "on", ">secret");
    std::istringstream words(rules);
    for (std::string word; words >> word;) command.add(word);
    ask(admin(), command);
  }
  RedisReplica& admin() { return replicas_.empty() ? replica() : *replicas_.front(); }
};

TEST_F(RedisRights, WhatTheTableNamesIsEnoughAndNothingStays) {
  EXPECT_EQ(refusal("~" + prefix_ + "*" + all_but("")), "");
  EXPECT_EQ(ask(admin(), Command("EXISTS", prefix_ + "probe")), redis::Reply(0));
}

TEST_F(RedisRights, EachMissingCommandIsNamedAloneAndByNothingElse) {
  for (const Right& missing : redis_rights()) {
    if (!missing.is_needed || missing.rule == "ping") continue;  // without PING nobody comes so far
    const std::string why = refusal("~" + prefix_ + "*" + all_but(missing.rule));
    EXPECT_THAT(why, HasSubstr(fmt::format("lacks rights: +{} (", missing.rule)));
  }
}

TEST_F(RedisRights, WhatTheStoreCanDoWithoutIsNotRequired) {
  for (const Right& right : redis_rights()) {
    if (!right.is_needed) EXPECT_EQ(refusal("~" + prefix_ + "*" + all_but(right.rule)), "") << right.rule;
  }
}

TEST_F(RedisRights, SeveralAreNamedTogether) {
  const std::string why = refusal("~" + prefix_ + "* +ping +fcall");
  for (const Right& right : redis_rights()) {
    const bool named = right.is_needed && right.rule != "ping" && right.rule != "fcall";
    if (named) EXPECT_THAT(why, HasSubstr(fmt::format(" +{}", right.rule)));
  }
  EXPECT_THAT(why, Not(HasSubstr("+fcall")));
}

TEST_F(RedisRights, AMissingPatternOfKeysIsNamed) {
  EXPECT_THAT(refusal("~another:*" + all_but("")), HasSubstr("lacks rights: ~" + prefix_ + "* ("));
  EXPECT_THAT(refusal("%R~" + prefix_ + "*" + all_but("")), HasSubstr("~" + prefix_ + "*"));
}

TEST(RedisRightsTable, IsWhatTheDocumentNames) {
  std::ifstream file(std::string(GHSTATS_SOURCE_DIR) + "/docs/store.md");
  const std::string document(std::istreambuf_iterator<char>(file), {});
  const std::string rules = rights_line(RightsUse::kStore) + " " + rights_line(RightsUse::kFunctions);
  EXPECT_THAT(document, HasSubstr(" ~" + RedisKeys{}.prefix + "* resetchannels -@all " + rules + "\n"));
  EXPECT_THAT(document, HasSubstr("`" + rights_line(RightsUse::kSentinel) + "`"));
}

}  // namespace
}  // namespace ghstats::store::testing
