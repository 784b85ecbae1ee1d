#include "base/redact.h"

#include <gtest/gtest.h>

namespace ghstats {
namespace {

TEST(WithoutUserInfo, HidesItInEveryUrlOfAText) {
  EXPECT_EQ(without_user_info("redis://:SECRET@host:6379/0"), "redis://<redacted>@host:6379/0");
  EXPECT_EQ(without_user_info("no route to 'http://me:SECRET@proxy:3128', nor to amqps://u:SECRET@h1,u:SECRET@h2 now"),
            "no route to 'http://<redacted>@proxy:3128', nor to amqps://<redacted>@h2 now");
  EXPECT_EQ(without_user_info("x://a:SEC/RET@h and y://b:S?ECRET@h"), "x://<redacted>@h and y://<redacted>@h");
  EXPECT_EQ(without_user_info("x://u:http://SECRET@h"), "x://<redacted>@h");
}

TEST(WithoutUserInfo, LeavesEverythingElse) {
  for (const char* text : {"", "plain", "ann@example.com", "https://api.github.com/repos/a/b?page=2", "://", "a://b"}) {
    EXPECT_EQ(without_user_info(text), text);
  }
}

}  // namespace
}  // namespace ghstats
