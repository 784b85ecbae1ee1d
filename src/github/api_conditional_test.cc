// What Api::get does with ETags.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/api.h"
#include "github/conditional/digest.h"
#include "github/rest/list_issue_comments.h"
#include "github/rest/list_org_repositories.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using http::testing::FakeClient;
using testing::ApiFixture;
using ::testing::ElementsAre;

constexpr const char* kUrl = "https://api.github.com/repos/acme/api/things";

Call call() {
  return {"list_things", "list things of acme/api", "/repos/acme/api/things", {}};
}

// A GitHub that makes ETags by the formula (or by none) and answers 304 where it should.
struct Origin {
  std::string body = "[1]";
  http::Headers headers = {};
  std::string salt = {};  // not empty: no formula gives its ETags
  std::string weak = {};  // "W/"
  int paid = 0;
  int free = 0;

  FakeClient::Answer answer() {
    return [this](const http::Request& request) -> Result<http::Response> {
      const auto token = *FakeClient::sent_header(request, "Authorization");
      const auto etag =
          weak + '"' + to_hex(sha256({salt, *request.headers.get("Accept"), ":", token, ":", body})) + '"';
      http::Response out{200, headers, body, ""};
      out.headers.add("ETag", etag);
      if (request.headers.get("If-None-Match") == etag) {
        ++free;
        return http::Response{304, out.headers, "", ""};
      }
      ++paid;
      return out;
    };
  }
};

std::string body_of(ApiFixture& f, Call c = call()) {
  const auto response = f.run(f.api.get(std::move(c)));
  EXPECT_TRUE(response) << response.error().message;
  if (!response) return {};
  EXPECT_EQ(response->status, 200);
  return response->body;
}

TEST(ApiConditional, A304IsTheAnswerKnownWithTheDateOfNow) {
  ApiFixture f;
  Origin origin;
  f.client.on_get(kUrl).call([&](const http::Request& request) {
    origin.headers = {{"Date", format_http_date(f.clock.now())}};
    return origin.answer()(request);
  });
  EXPECT_EQ(body_of(f), "[1]");
  f.clock.advance(5min);
  const auto response = f.run(f.api.get(call()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "[1]");
  EXPECT_EQ(date_of(*response), f.clock.now());
  ASSERT_EQ(f.attempts.size(), 2U);
  EXPECT_EQ(f.attempts[1].status, 304) << "metrics see what happened";
  EXPECT_EQ(origin.free, 1);
  origin.body = "[1,2]";
  EXPECT_EQ(body_of(f), "[1,2]");
  EXPECT_EQ(body_of(f), "[1,2]");
  EXPECT_EQ(origin.free, 2);
  EXPECT_EQ(origin.paid, 2);
}

TEST(ApiConditional, AnotherTokenCostsNothingWhereTheFormulaHolds) {
  for (const char* weak : {"", "W/"}) {
    ApiFixture f;
    Origin origin;
    origin.weak = weak;
    f.client.on_get(kUrl).call(origin.answer());
    body_of(f);
    f.tokens.rejected({std::string(testing::kFirstToken), {}, {}});
    EXPECT_EQ(body_of(f), "[1]");
    EXPECT_EQ(body_of(f), "[1]");
    EXPECT_EQ(FakeClient::sent_header(f.client.requests()[1], "Authorization"), "Bearer ghs_second_SECRET");
    EXPECT_EQ(origin.paid, 1);
    EXPECT_EQ(origin.free, 2);
  }
}

TEST(ApiConditional, AnotherTokenIsPaidOnceWhereTheFormulaDoesNotHold) {
  ApiFixture f;
  Origin origin;
  origin.salt = "something new";
  f.client.on_get(kUrl).call(origin.answer());
  body_of(f);
  body_of(f);
  EXPECT_EQ(origin.free, 1);
  f.tokens.rejected({std::string(testing::kFirstToken), {}, {}});
  EXPECT_EQ(body_of(f), "[1]");
  EXPECT_EQ(origin.paid, 2);
  EXPECT_EQ(body_of(f), "[1]");
  EXPECT_EQ(origin.free, 2);
}

TEST(ApiConditional, AWrongPredictionCostsOnePaidAnswer) {
  ApiFixture f;
  Origin origin;
  f.client.on_get(kUrl).call(origin.answer());
  body_of(f);
  origin.body = "[2]";
  f.tokens.rejected({std::string(testing::kFirstToken), {}, {}});
  EXPECT_EQ(body_of(f), "[2]");
  EXPECT_EQ(origin.paid, 2);
  EXPECT_TRUE(f.client.requests()[1].headers.get("If-None-Match"));
}

TEST(ApiConditional, ListsGoOnOverPagesThatAreAllKnown) {
  ApiFixture f;
  const auto repository = [](int id) {
    return R"([{"id":)" + std::to_string(id) + R"(,"name":"r","full_name":"acme/r"}])";
  };
  Origin first{.body = repository(1),
               .headers = {{"Link", R"(<https://api.github.com/organizations/1/repos?page=2>; rel="next")"}}};
  Origin second{.body = repository(2)};
  f.on_get("/orgs/acme/repos*").call(first.answer());
  f.on_get("/organizations/1/repos?page=2").call(second.answer());
  for (int i = 0; i < 3; ++i) {
    const auto listing = f.run(list_org_repositories(f.api));
    ASSERT_TRUE(listing) << listing.error().message;
    EXPECT_EQ(listing->items.size(), 2U);
  }
  EXPECT_EQ(first.paid + second.paid, 2);
  EXPECT_EQ(first.free + second.free, 4);
}

TEST(ApiConditional, CommentsAreAskedForUnderTheSameUrlWhateverTheirWindow) {
  ApiFixture f;
  Origin origin{.body = "[]"};
  f.on_get("/repos/acme/api/issues/comments*").call(origin.answer());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(f.run(list_issue_comments(f.api, "acme/api", f.clock.now() - 1h)));
    f.clock.advance(10min);
  }
  EXPECT_EQ(origin.paid, 1);
  EXPECT_EQ(origin.free, 2);
}

TEST(ApiConditional, ARenamedRepositoryIsKeptUnderItsOldUrl) {
  ApiFixture f;
  Origin origin;
  f.client.on_get(kUrl).reply(301, "", {{"Location", "/repositories/1000/things"}});
  f.on_get("/repositories/1000/things").call(origin.answer());
  EXPECT_EQ(body_of(f), "[1]");
  EXPECT_EQ(body_of(f), "[1]");
  EXPECT_EQ(f.client.requests().size(), 4U);
  EXPECT_EQ(origin.paid, 1);
  EXPECT_EQ(origin.free, 1);
}

TEST(ApiConditional, AUrlThatIsNotAskedForAgainIsNotKept) {
  ApiFixture f;
  Origin origin;
  f.client.on_get(kUrl).call(origin.answer());
  auto once = call();
  once.conditional = false;
  body_of(f, once);
  EXPECT_EQ(f.cache.size(), 0U);
  body_of(f);
  body_of(f, once);
  EXPECT_FALSE(f.client.requests()[2].headers.get("If-None-Match"));
  EXPECT_EQ(origin.paid, 3);
}

// A proxy, say, that changed the body and not its ETag: GitHub would confirm what it never said, for ever.
TEST(ApiConditional, AnAnswerThatMakesNoSenseIsNotConfirmed) {
  struct Nonsense {
    const char* body;
    http::Headers headers;
  };
  const Nonsense nonsense[] = {{R"({"not":"a list"})", {}},
                               {"[]", {{"Link", R"(<https://elsewhere.example/x?page=2>; rel="next")"}}}};
  for (const Nonsense& wrong : nonsense) {
    ApiFixture f;
    int conditions = 0;
    bool first = true;
    f.on_get("/repos/acme/api/issues/comments*").call([&](const http::Request& request) {
      conditions += request.headers.get("If-None-Match") ? 1 : 0;
      http::Response out{200, {{"ETag", "\"abc\""}}, "[]", ""};
      if (std::exchange(first, false)) {
        out.body = wrong.body;
        for (const auto& field : wrong.headers.fields()) out.headers.add(field.name, field.value);
      }
      return Result<http::Response>(out);
    });
    EXPECT_FALSE(f.run(list_issue_comments(f.api, "acme/api", f.clock.now()))) << wrong.body;
    EXPECT_TRUE(f.run(list_issue_comments(f.api, "acme/api", f.clock.now()))) << wrong.body;
    EXPECT_EQ(conditions, 0);
  }
}

TEST(ApiConditional, A202IsNeverKept) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(202, "{}", {{"ETag", "\"x\""}}).reply(200, "[]", {{"ETag", "\"y\""}}).reply(202, "{}");
  EXPECT_EQ(f.run(f.api.get(call()))->status, 202);
  EXPECT_EQ(f.run(f.api.get(call()))->status, 200);
  EXPECT_FALSE(f.client.requests()[1].headers.get("If-None-Match"));
  EXPECT_EQ(f.run(f.api.get(call()))->status, 202);
}

TEST(ApiConditional, A304ThatNobodyAskedForIsAnError) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(304);
  const auto response = f.run(f.api.get(call()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kInvalidData);
}

TEST(ApiConditional, NoTokenIsInWhatIsSentOrLogged) {
  ApiFixture f;
  Origin origin;
  f.client.on_get(kUrl).call(origin.answer());
  body_of(f);
  body_of(f);
  EXPECT_EQ(f.client.requests()[1].headers.get("If-None-Match")->find("SECRET"), std::string_view::npos);
  EXPECT_FALSE(f.leaks(""));
}

}  // namespace
}  // namespace ghstats::github
