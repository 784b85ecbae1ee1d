#include "net/endpoint.h"

#include <gtest/gtest.h>

namespace ghstats::net {
namespace {

TEST(Endpoint, IsReadAsItIsWritten) {
  for (const char* text : {"redis:6379", "10.0.0.7:1", "[::1]:65535", "[fe80::1]:26379", "a.b-c.example:80"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_string(*endpoint), text);
  }
  EXPECT_EQ(parse_endpoint("[::1]:6379")->host, "::1");
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const char* text : {"", "redis", ":6379", "redis:", "redis:0", "redis:65536", "redis:-1", "redis:6379x",
                           "::1:6379", "[::1]", "[]:1", "[redis]:1", "re dis:1", "redis://a:1", "[::1:1"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ghstats::net
