// The ways in: TLS, users, passwords, databases; and what is said when there is none.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "harness/log_lines.h"
#include "harness/shared_world.h"
#include "redis/testing/ask.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using redis::testing::RedisServer;

constexpr const char* kFallback = "gh_exporter_fallback_active{component=\"store\"";

// The line of docs/store.md, for this user and prefix.
std::string documented_user(const std::string& user, const std::string& prefix) {
  std::ifstream document(GHSTATS_SOURCE_DIR "/docs/store.md");
  std::string line;
  while (std::getline(document, line) && !line.starts_with("ACL SETUSER ")) {
  }
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"SETUSER ghstats ", "SETUSER " + user + " "},
                                 {">PASSWORD ", ">SECRET "},
                                 {"~ghstats:", "~" + prefix + ":"}}) {
    const auto at = line.find(from);
    if (at == std::string::npos) throw std::runtime_error("docs/store.md names no ACL user");
    line.replace(at, from.size(), to);
  }
  return line;
}

class SharedStoreAccess : public SharedWorld {
 protected:
  // Serves from memory, says why, and gives nothing away.
  void expect_fallback(const std::string& reason) {
    ASSERT_EQ(wrong_after(*leader, 20s), "") << "a leader collects into its memory";
    EXPECT_EQ(leader->status("/readyz"), 200);
    EXPECT_TRUE(eventually(10s, [&] { return follower->value(kFallback) == 1; })) << follower->log();
    EXPECT_EQ(follower->status("/readyz"), 503) << "a follower has nothing to say";
    for (Replica* replica : {leader.get(), follower.get()}) {
      EXPECT_EQ(replica->value(kFallback), 1) << replica->log();
      EXPECT_EQ(replica->value("gh_exporter_dependency_health{dependency=\"redis\""), 0);
      EXPECT_EQ(replica->mode(), replica == leader.get() ? "degraded" : "unhealthy");
      EXPECT_NE(replica->log().find(reason), std::string::npos) << replica->log();
      EXPECT_NE(replica->details_of("redis").find(reason), std::string::npos) << replica->details_of("redis");
      EXPECT_EQ(replica->log().find("SECRET"), std::string::npos);
      EXPECT_EQ(replica->details_of("redis").find("SECRET"), std::string::npos);
    }
  }
};

TEST_F(SharedStoreAccess, OverTlsAsAUserOfItsOwnInADatabaseOfItsOwn) {
  const auto certificates = net::testing::make_certificates();
  const redis::testing::TlsFiles tls(certificates);
  redis::testing::Config server = tls.config();
  server.emplace_back("user default off");
  server.push_back("user" + documented_user("ghstats", "ghstats").substr(std::string_view("ACL SETUSER").size()));
  RedisServer redis(server);
  write_file(folder.path() / "redis-password", "SECRET\n");
  configure("redis_addr: \"localhost:" + std::to_string(redis.port()) + "\", redis_username: ghstats, redis_db: 3, " +
            "redis_password_file: " + (folder.path() / "redis-password").string() +
            ", redis_tls: true, redis_ca_file: " + tls.authority());
  start_leader();
  start_follower();
  for (int step = 0; step < 3; ++step) {
    pass(50min);
    expect_truth();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(leader->value(kFallback), 0);
  expect_health(1);
  redis.kill();
  redis.start();
  pass(50min);
  expect_truth(5s);
  expect_orderly_stop();
  for (Replica* replica : {leader.get(), follower.get()}) EXPECT_EQ(replica->log().find("SECRET"), std::string::npos);
}

TEST_F(SharedStoreAccess, TwoEnvironmentsWithPrefixesShareAServerAndNothingElse) {
  const RedisServer redis;
  for (const std::string prefix : {"ghstats", "ghstats-staging"}) {
    std::istringstream words(documented_user(prefix, prefix));
    std::string word;
    words >> word;
    redis::Command command(word);
    while (words >> word) command.add(word);
    redis::testing::ask(redis.endpoint(), std::move(command));
    configure(address(redis.port()) + ", redis_username: " + prefix +
              ", redis_password: SECRET, redis_key_prefix: " + prefix);
    if (prefix == "ghstats") start_leader();
  }
  start_follower();  // of the other one, whose leader is still to come
  for (int step = 0; step < 2; ++step) {
    pass(50min);
    ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
    ASSERT_EQ(wrong_after(*leader, 2s), "");
  }
  expect_health(1);
  EXPECT_TRUE(activity(follower->look(), now).empty());
  start_leader();  // and here it is
  expect_truth();
  expect_health(1);
  const auto keys = redis::testing::ask(redis.endpoint(), redis::Command("KEYS", "*"));
  std::set<std::string> prefixes;
  for (const auto& key : *keys.array()) prefixes.insert(key.string()->substr(0, key.string()->find(':')));
  EXPECT_EQ(prefixes, (std::set<std::string>{"ghstats", "ghstats-staging"}));
  expect_orderly_stop();
}

TEST_F(SharedStoreAccess, TwoEnvironmentsWithTheSameKeysSaySoUntilOneIsGone) {
  const RedisServer redis;
  configure(address(redis.port()));
  start_leader();
  expect_truth();
  config = config_for(*simulator, {"globex"}, "store: {" + address(redis.port()) + "}\n", {}, {}, "100ms");
  start_follower();
  for (Replica* replica : {leader.get(), follower.get()}) {
    EXPECT_TRUE(eventually(20s, [&] { return replica->mode() == "degraded"; })) << replica->log();
    EXPECT_EQ(replica->status("/readyz"), 200);
    for (const char* part : {"replicas of another environment", "acme", "globex", "store.redis_key_prefix"}) {
      EXPECT_NE(replica->log().find(part), std::string::npos) << part << "\n" << replica->log();
    }
  }
  EXPECT_EQ(follower->stop(), 0) << follower->log();
  follower.reset();
  pass(1min);
  EXPECT_TRUE(eventually(20s, [&] { return leader->mode() == "healthy"; })) << leader->log();
  expect_orderly_stop();
}

TEST_F(SharedStoreAccess, AWrongPasswordIsToldAndTriedAgainUntilItIsRight) {
  RedisServer redis({"requirepass another"});
  configure(address(redis.port()) + ", redis_password: SECRET");
  start_leader();
  start_follower();
  expect_fallback("WRONGPASS");
  if (HasFatalFailure()) return;
  // Somebody corrects the server.
  redis::testing::ask(redis.endpoint(), redis::Command("CONFIG", "SET", "requirepass", "SECRET"), "another");
  for (Replica* replica : {leader.get(), follower.get()}) {
    EXPECT_TRUE(eventually(20s, [&] { return replica->value(kFallback) == 0; })) << replica->log();
  }
  expect_truth(5s);
  expect_health(1);
}

TEST_F(SharedStoreAccess, AUserWithoutRightsIsToldAllOfThemOnceAndWorksOnceItHasThem) {
  RedisServer redis({"user default on nopass ~* &* +@all -hgetall -xrange -hset"});
  configure(address(redis.port()));
  start_leader();
  start_follower();
  expect_fallback("lacks rights: +hgetall +xrange +hset");
  if (HasFatalFailure()) return;
  for (Replica* replica : {leader.get(), follower.get()}) {
    const auto lines = log_lines(replica->log());
    const auto warns = [](const boost::json::object& line) {
      return text_of(line, "level") == "warn" && text_of(line, "error").find("lacks rights") != std::string::npos;
    };
    EXPECT_EQ(std::ranges::count_if(lines, warns), 1) << replica->log();
  }
  redis::testing::ask(redis.endpoint(), redis::Command("ACL", "SETUSER", "default", "+@all"));
  for (Replica* replica : {leader.get(), follower.get()}) {
    EXPECT_TRUE(eventually(20s, [&] { return replica->value(kFallback) == 0; })) << replica->log();
  }
  expect_truth(5s);
  // Taken away while it works.
  redis::testing::ask(redis.endpoint(), redis::Command("ACL", "SETUSER", "default", "-hmget", "-hkeys"));
  pass(10min);
  expect_health(0, "lacks rights: +hmget +hkeys");
  redis::testing::ask(redis.endpoint(), redis::Command("ACL", "SETUSER", "default", "+@all"));
  expect_truth(10s);
  expect_health(1);
}

TEST_F(SharedStoreAccess, ADatabaseThatDoesNotExistIsTold) {
  RedisServer redis;
  configure(address(redis.port()) + ", redis_db: 99");
  start_leader();
  start_follower();
  expect_fallback("DB index is out of range");
}

TEST_F(SharedStoreAccess, ACertificateOfSomebodyElseIsTold) {
  const redis::testing::TlsFiles tls(net::testing::make_certificates());
  const redis::testing::TlsFiles others(net::testing::make_certificates("somebody else"));
  RedisServer redis(tls.config());
  configure(address(redis.port()) + ", redis_password: SECRET, redis_tls: true, redis_ca_file: " + others.authority());
  start_leader();
  start_follower();
  expect_fallback("certificate is not accepted");
}

}  // namespace
}  // namespace ghstats::harness
