#include "github/rest/link_header.h"

#include <gtest/gtest.h>

namespace ghstats::github {
namespace {

std::optional<std::string> next_of(std::string value) {
  const auto next = next_link({{"Link", std::move(value)}});
  EXPECT_TRUE(next) << next.error().message;
  return next ? *next : std::nullopt;
}

TEST(NextLink, ReadsGitHubsForm) {
  EXPECT_EQ(next_of(R"(<https://api.github.com/repositories/1000/issues?per_page=3&page=2>; rel="next", )"
                    R"(<https://api.github.com/repositories/1000/issues?per_page=3&page=5>; rel="last")"),
            "https://api.github.com/repositories/1000/issues?per_page=3&page=2");
  EXPECT_EQ(next_of(R"(<https://x/?page=4>; rel="prev", <https://x/?page=1>; rel="first")"), std::nullopt);
}

TEST(NextLink, IsAbsentWithoutTheHeader) {
  const auto next = next_link({{"Date", "today"}});
  ASSERT_TRUE(next);
  EXPECT_FALSE(*next);
}

TEST(NextLink, FollowsRfc8288) {
  EXPECT_EQ(next_of("<a,b;c>;rel=next"), "a,b;c");  // delimiters inside the target
  EXPECT_EQ(next_of(R"(<a>; title="x, <y>; rel=\"next\""; rel="last", <b>; rel=next)"), "b");  // inside a string
  EXPECT_EQ(next_of(R"(<a>; REL="prev Next")"), "a");              // several types, any case
  EXPECT_EQ(next_of(R"(<a>; rel=prev; rel=next)"), std::nullopt);  // only the first rel counts
  EXPECT_EQ(next_of(R"(,<a> ; rel = "next" ,, )"), "a");           // blanks and empty elements
  EXPECT_EQ(next_of(R"(<a>; crossorigin; rel=next)"), "a");        // parameter without a value
  EXPECT_EQ(next_of(R"(<a>; rel="nextish")"), std::nullopt);
  EXPECT_EQ(next_of("<a>; rel=next, <b>; rel=next"), "a");
}

TEST(NextLink, ReadsEveryLinkHeader) {
  const auto next = next_link({{"link", "<a>; rel=first"}, {"LINK", "<b>; rel=next"}});
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, "b");
}

TEST(NextLink, RefusesWhatDoesNotParse) {
  for (const char* bad :
       {"https://x/?page=2; rel=next", "<https://x", "<a>; rel=\"next", "<a> <b>", "<a>; =next", "<a>;;"}) {
    const auto next = next_link({{"Link", bad}});
    ASSERT_FALSE(next) << bad;
    EXPECT_EQ(next.error().code, ErrorCode::kInvalidData);
  }
}

}  // namespace
}  // namespace ghstats::github
