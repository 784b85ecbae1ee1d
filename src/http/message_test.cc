#include "http/message.h"

#include <gtest/gtest.h>

#include "http/listen_address.h"

namespace ghstats::http {
namespace {

TEST(Headers, FindsTheFirstFieldWithoutCase) {
  Headers headers{{"Link", "a"}, {"link", "b"}};
  headers.add("ETag", "\"x\"");
  EXPECT_EQ(headers.get("LINK"), "a");
  EXPECT_EQ(headers.get("etag"), "\"x\"");
  EXPECT_EQ(headers.get("eta"), std::nullopt);
}

TEST(OriginOf, NormalisesSchemeHostAndPort) {
  EXPECT_EQ(*origin_of("HTTPS://API.GitHub.com/x?y"), (Origin{"https", "api.github.com", 443}));
  EXPECT_EQ(*origin_of("http://h:8080"), (Origin{"http", "h", 8080}));
  EXPECT_EQ(*origin_of("https://h:443/"), *origin_of("https://H"));
  EXPECT_EQ(*origin_of("http://[::1]:5/"), (Origin{"http", "[::1]", 5}));
}

TEST(OriginOf, RefusesWhatTwoParsersCouldReadDifferently) {
  for (const char* url :
       {"", "/path", "ftp://h/", "https://", "https:///x", "https://user@h/", "https://u:p@h/", "https://h:99999/",
        "https://h:0/", "https://h:x/", "https://h:80x/", "https://[::1]x/", "https://h:-1/", "https://%68/",
        "https://a b/", "https://good.com\\@evil.com/", "https://h/\r\nX: y"}) {
    const auto origin = origin_of(url);
    ASSERT_FALSE(origin) << url;
    EXPECT_EQ(origin.error().code, ErrorCode::kInvalidArgument) << url;
  }
}

TEST(ResolveUrl, FollowsRfc3986) {
  const std::string base = "http://a/b/c/d;p?q";
  EXPECT_EQ(*resolve_url(base, "g"), "http://a/b/c/g");
  EXPECT_EQ(*resolve_url(base, "../g"), "http://a/b/g");
  EXPECT_EQ(*resolve_url(base, "/g?x=1"), "http://a/g?x=1");
  EXPECT_EQ(*resolve_url(base, "//g"), "http://g");
  EXPECT_EQ(*resolve_url(base, "?y"), "http://a/b/c/d;p?y");
  EXPECT_EQ(*resolve_url(base, "https://x/y"), "https://x/y");
  EXPECT_FALSE(resolve_url(base, "http://a b"));
  EXPECT_FALSE(resolve_url("relative", "g"));
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a/b c+&=?%\xc3\xa9"), "a%2Fb%20c%2B%26%3D%3F%25%C3%A9");
}

TEST(ListenAddress, AcceptsTheThreeForms) {
  const auto any = parse_listen_address(":8080");
  ASSERT_TRUE(any);
  EXPECT_TRUE(any->any_family);
  EXPECT_EQ(any->endpoint.port(), 8080);
  EXPECT_EQ(parse_listen_address("127.0.0.1:0")->endpoint.address().to_string(), "127.0.0.1");
  EXPECT_EQ(parse_listen_address("localhost:1")->endpoint.address().to_string(), "127.0.0.1");
  EXPECT_EQ(parse_listen_address("[::1]:9")->endpoint.address().to_string(), "::1");
}

TEST(ListenAddress, RefusesEverythingElse) {
  for (const char* text : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "[::1]",
                           "[127.0.0.1]:80", "example.org:80", ":-1", ": 80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace ghstats::http
