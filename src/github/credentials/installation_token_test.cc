#include "github/credentials/installation_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "async/task_group.h"
#include "base/time_format.h"
#include "github/testing/api_fixture.h"
#include "github/testing/test_key.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using http::testing::FakeClient;
using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kMintUrl = "https://api.github.com/app/installations/42/access_tokens";
constexpr const char* kFindUrl = "https://api.github.com/orgs/acme/installation";

class InstallationTokenTest : public ::testing::Test {
 protected:
  ~InstallationTokenTest() override {
    if (source_) f_.run(source_->stop());
    EXPECT_FALSE(f_.leaks(""));
    EXPECT_THAT(f_.client.unexpected(), ::testing::IsEmpty());
  }
  TokenSource& source(std::optional<std::uint64_t> id = 42) {
    source_ = make_installation_token(
        f_.io.get_executor(), f_.transport,
        {"12345", id, *AppKey::parse(testing::kPkcs1Key), f_.retry(), nullptr, log::testing::make_logger(f_.lines)});
    return *source_;
  }
  // A 201 as GitHub sends it, for a token that lives an hour.
  FakeClient::Answer minted(std::string value) {
    return [this, value = std::move(value)](const http::Request&) -> Result<http::Response> {
      const std::string expires = format_rfc3339(f_.clock.now() + 1h);
      return http::Response{201,
                            {},
                            R"({"token":")" + value + R"(","expires_at":")" + expires +
                                R"(","permissions":{"contents":"read"},"repository_selection":"all"})",
                            ""};
    };
  }
  Error error_of(TokenSource& s) {
    const auto token = f_.run(s.token());
    EXPECT_FALSE(token);
    if (token) return {};
    EXPECT_FALSE(f_.leaks(token.error().message)) << token.error().message;
    return token.error();
  }
  static std::int64_t issued_at(const http::Request& request) {
    const auto jwt = FakeClient::sent_header(request, "Authorization")->substr(7);
    const auto begin = jwt.find('.') + 1;
    std::string bits;
    std::string json;
    for (const char c : jwt.substr(begin, jwt.rfind('.') - begin)) {
      static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      for (int bit = 5; bit >= 0; --bit) bits += ((kAlphabet.find(c) >> bit) & 1U) != 0 ? '1' : '0';
    }
    for (std::size_t i = 0; i + 8 <= bits.size(); i += 8)
      json += static_cast<char>(std::stoi(bits.substr(i, 8), nullptr, 2));
    return boost::json::parse(json).at("iat").as_int64();
  }

  ApiFixture f_;
  std::unique_ptr<TokenSource> source_;
};

TEST_F(InstallationTokenTest, MintsOnceWithTheAppsJwtAndUsesTheTokenUntilFiveMinutesBeforeExpiry) {
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET")).call(minted("ghs_b_SECRET"));
  auto& s = source();
  const auto first = f_.run(s.token());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->value, "ghs_a_SECRET");
  EXPECT_EQ(first->created_at, f_.clock.now());
  const auto& request = f_.client.requests()[0];
  EXPECT_EQ(FakeClient::sent_header(request, "Authorization"), "Bearer " + std::string(testing::kJwt12345));
  EXPECT_EQ(FakeClient::sent_header(request, "X-GitHub-Api-Version"), "2022-11-28");
  f_.clock.advance(55min - 1s);
  EXPECT_EQ(f_.run(s.token())->value, "ghs_a_SECRET");
  EXPECT_EQ(f_.client.requests().size(), 1U);
  f_.clock.advance(1s);
  EXPECT_EQ(f_.run(s.token())->value, "ghs_b_SECRET");
  EXPECT_EQ(f_.client.requests().size(), 2U);
}

TEST_F(InstallationTokenTest, AFailedEarlyRefreshCostsNothingWhileTheOldTokenLives) {
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET")).reply(403, R"({"message":"not now"})");
  auto& s = source();
  ASSERT_TRUE(f_.run(s.token()));
  f_.clock.advance(56min);
  const auto old = f_.run(s.token());
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->value, "ghs_a_SECRET");
  f_.clock.advance(4min);
  EXPECT_FALSE(f_.run(s.token()));
}

TEST_F(InstallationTokenTest, IsObservedAsTheApp) {
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET"));
  ASSERT_TRUE(f_.run(source().token()));
  ASSERT_EQ(f_.attempts.size(), 1U);
  EXPECT_EQ(f_.attempts[0].endpoint, "create_installation_token");
  EXPECT_EQ(f_.attempts[0].installation_id, "42");
  EXPECT_TRUE(f_.attempts[0].as_app);
  EXPECT_EQ(f_.attempts[0].status, 201);
}

TEST_F(InstallationTokenTest, FindsTheInstallationOnce) {
  f_.client.on_get(kFindUrl).reply(200, R"({"id":42,"account":{"login":"acme","id":1,"type":"Organization"},)"
                                        R"("app_id":1,"target_type":"Organization","suspended_at":null})");
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET")).call(minted("ghs_b_SECRET"));
  auto& s = source(std::nullopt);
  EXPECT_EQ(s.installation_id(), "");
  ASSERT_TRUE(f_.run(s.token()));
  EXPECT_EQ(s.installation_id(), "42");
  f_.clock.advance(1h);
  ASSERT_TRUE(f_.run(s.token()));
  EXPECT_THAT(f_.client.urls(), ElementsAre(kFindUrl, kMintUrl, kMintUrl));
}

TEST_F(InstallationTokenTest, FollowsARenamedOrganisation) {
  f_.client.on_get(kFindUrl).reply(301, "", {{"Location", "https://api.github.com/organizations/7/installation"}});
  f_.on_get("/organizations/7/installation").reply(200, R"({"id":42,"suspended_at":null})");
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET"));
  EXPECT_TRUE(f_.run(source(std::nullopt).token()));
}

TEST_F(InstallationTokenTest, SaysWhatIsWrongWithTheInstallation) {
  f_.client.on_get(kFindUrl)
      .reply(404, R"({"message":"Not Found"})")
      .reply(200, R"({"id":42,"suspended_at":"2026-01-01T00:00:00Z"})")
      .reply(200, R"({"id":"42"})");
  auto& s = source(std::nullopt);
  auto error = error_of(s);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(error.message,
            "find the App's installation in 'acme': the GitHub App is not installed there: HTTP 404: Not Found");
  error = error_of(s);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(error.message, HasSubstr("suspended"));
  error = error_of(s);
  EXPECT_EQ(error.code, ErrorCode::kInvalidData);
  EXPECT_THAT(error.message, HasSubstr("field 'id': expected number, got string"));
}

TEST_F(InstallationTokenTest, SaysWhyNoTokenWasIssued) {
  f_.client.on_post(kMintUrl)
      .reply(403, R"({"message":"This installation has been suspended"})")
      .reply(404, R"({"message":"Not Found"})")
      .reply(401, R"({"message":"A JSON web token could not be decoded"})")
      .reply(201, R"({"token":"","expires_at":"2026-09-21T15:13:20Z"})")
      .reply(201, R"({"token":"ghs_a_SECRET"})")
      .reply(403, R"({"message":"limit"})", {{"x-ratelimit-remaining", "0"}});
  auto& s = source();
  const std::string context = "get a token for installation 42 of 'acme': ";
  auto error = error_of(s);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(error.message, context + "HTTP 403: This installation has been suspended");
  error = error_of(s);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(error.message, HasSubstr("does not exist (any more)"));
  error = error_of(s);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(error.message, HasSubstr("wrong app_id or private key"));
  EXPECT_EQ(error_of(s).code, ErrorCode::kInvalidData);
  EXPECT_THAT(error_of(s).message, HasSubstr("field 'expires_at': missing"));
  EXPECT_EQ(error_of(s).code, ErrorCode::kRateLimited);
  EXPECT_EQ(f_.client.requests().size(), 6U);  // none of these is repeated
}

// As the answer about one repository it would be final: nothing of that repository would be asked for in an hour.
TEST_F(InstallationTokenTest, ARefusedMintIsNoAnswerAboutARepository) {
  f_.client.on_post(kMintUrl)
      .reply(403, R"({"message":"Resource not accessible by integration"})")
      .reply(451, R"({"message":"blocked"})");
  auto& s = source();
  for (const char* status : {"HTTP 403", "HTTP 451"}) {
    const auto error = error_of(s);
    EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
    EXPECT_THAT(error.message, HasSubstr(status));
  }
}

TEST_F(InstallationTokenTest, ARedirectedMintNamesItsTarget) {
  f_.client.on_post(kMintUrl).reply(301, "", {{"Location", "https://ghe.example/api/v3/app/installations/42"}});
  EXPECT_EQ(error_of(source()).message,
            "get a token for installation 42 of 'acme': HTTP 301 (redirects to https://ghe.example/api/v3/app/"
            "installations/42)");
}

// Our clock is 65 minutes ahead of GitHub's, and no Date header says so.
TEST_F(InstallationTokenTest, ATokenThatIsBornExpiredIsUsedForAMinuteAndToldOnce) {
  f_.client.on_post(kMintUrl).call([this](const http::Request&) -> Result<http::Response> {
    const std::string expires = format_rfc3339(f_.clock.now() - 5min);
    return http::Response{201, {}, R"({"token":"ghs_a_SECRET","expires_at":")" + expires + R"("})", ""};
  });
  auto& s = source();
  for (int i = 0; i < 59; ++i) {
    ASSERT_TRUE(f_.run(s.token()));
    f_.clock.advance(1s);
  }
  EXPECT_EQ(f_.client.count(kMintUrl), 1U);
  f_.clock.advance(1s);
  ASSERT_TRUE(f_.run(s.token()));
  EXPECT_EQ(f_.client.count(kMintUrl), 2U);
  const auto lines = f_.lines->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const std::string& l) { return l.contains("has expired already"); }), 1);
  EXPECT_TRUE(f_.lines->contains("1h5m"));
}

TEST_F(InstallationTokenTest, FindsTheInstallationAgainWhenItIsGone) {
  f_.client.on_get(kFindUrl).reply(200, R"({"id":41})").reply(200, R"({"id":42})");
  f_.client.on_post("https://api.github.com/app/installations/41/access_tokens").reply(404);
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET"));
  auto& s = source(std::nullopt);
  EXPECT_EQ(error_of(s).code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(f_.run(s.token()));
  EXPECT_EQ(s.installation_id(), "42");
}

TEST_F(InstallationTokenTest, RepeatsServerErrors) {
  f_.client.on_post(kMintUrl).reply(502).fail(ErrorCode::kUnavailable).call(minted("ghs_a_SECRET"));
  EXPECT_TRUE(f_.run(source().token()));
  EXPECT_THAT(f_.waits, ElementsAre(2s, 4s));
}

TEST_F(InstallationTokenTest, SaysHowOftenItTried) {
  f_.client.on_post(kMintUrl).reply(502);
  const auto error = error_of(source());
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.message, "get a token for installation 42 of 'acme': HTTP 502 after 5 attempts");
}

TEST_F(InstallationTokenTest, CorrectsAWrongClockFromTheDateHeaderOnce) {
  const std::string too_far = R"({"message":"'Expiration time' claim ('exp') is too far in the future"})";
  // Our clock is twenty minutes ahead.
  const auto github_now = f_.clock.now() - 20min;
  f_.client.on_post(kMintUrl)
      .reply(401, too_far, {{"Date", format_http_date(github_now)}})
      .call(minted("ghs_a_SECRET"))
      .call(minted("ghs_b_SECRET"));
  auto& s = source();
  ASSERT_TRUE(f_.run(s.token()));
  ASSERT_EQ(f_.client.requests().size(), 2U);
  EXPECT_EQ(issued_at(f_.client.requests()[0]), to_unix_seconds(f_.clock.now()) - 60);
  EXPECT_EQ(issued_at(f_.client.requests()[1]), to_unix_seconds(github_now) - 60);
  f_.clock.advance(1h);
  ASSERT_TRUE(f_.run(s.token()));  // the correction is remembered
  EXPECT_EQ(issued_at(f_.client.requests()[2]), to_unix_seconds(github_now + 1h) - 60);
}

TEST_F(InstallationTokenTest, GivesUpWhenTheCorrectedClockIsRefusedToo) {
  f_.client.on_post(kMintUrl).reply(
      401,
      R"({"message":"'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"})",
      {{"Date", "Mon, 23 Nov 2026 04:41:29 GMT"}});
  EXPECT_EQ(error_of(source()).code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(f_.client.requests().size(), 2U);
}

TEST_F(InstallationTokenTest, ConcurrentCallersShareOneMint) {
  f_.client.on_post(kMintUrl).hang().call(minted("ghs_a_SECRET"));
  auto& s = source();
  std::vector<std::string> got;
  async::TaskGroup callers(f_.io.get_executor());
  for (int i = 0; i < 5; ++i) {
    callers.spawn([&]() -> async::Task<> {
      const auto token = co_await s.token();
      got.push_back(token ? token->value : token.error().message);
    });
  }
  callers.spawn([&]() -> async::Task<> {
    while (f_.client.hanging() == 0) co_await async::yield();
    for (int i = 0; i < 10; ++i) co_await async::yield();
    f_.client.release();
  });
  f_.run(callers.join());
  EXPECT_EQ(got, std::vector<std::string>(5, "ghs_a_SECRET"));
  EXPECT_EQ(f_.client.requests().size(), 1U);
}

TEST_F(InstallationTokenTest, ACancelledCallerDoesNotEndTheMintOfTheOthers) {
  f_.client.on_post(kMintUrl).hang().call(minted("ghs_a_SECRET"));
  auto& s = source();
  async::TaskGroup impatient(f_.io.get_executor());
  async::TaskGroup patient(f_.io.get_executor());
  std::optional<ErrorCode> gave_up;
  std::string got;
  impatient.spawn([&]() -> async::Task<> {  // the one whose call started the mint
    const auto token = co_await s.token();
    gave_up = token ? ErrorCode::kInternal : token.error().code;
  });
  patient.spawn([&]() -> async::Task<> {
    while (f_.client.hanging() == 0) co_await async::yield();
    const auto token = co_await s.token();
    got = token ? token->value : token.error().message;
  });
  patient.spawn([&]() -> async::Task<> {
    while (f_.client.hanging() == 0) co_await async::yield();
    impatient.cancel();
    co_await impatient.join();
    f_.client.release();
  });
  f_.run(patient.join());
  EXPECT_EQ(gave_up, ErrorCode::kCancelled);
  EXPECT_EQ(got, "ghs_a_SECRET");
  EXPECT_EQ(f_.client.requests().size(), 1U);
}

TEST_F(InstallationTokenTest, AFailedMintFailsItsWaitersAndTheNextCallerTriesAgain) {
  f_.client.on_post(kMintUrl).reply(404).call(minted("ghs_a_SECRET"));
  auto& s = source();
  EXPECT_EQ(error_of(s).code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(f_.run(s.token()));
}

TEST_F(InstallationTokenTest, StopEndsAMintInFlightAndWhatWaitsForIt) {
  f_.client.on_post(kMintUrl).hang();
  auto& s = source();
  async::TaskGroup callers(f_.io.get_executor());
  std::optional<ErrorCode> code;
  callers.spawn([&]() -> async::Task<> {
    const auto token = co_await s.token();
    code = token ? ErrorCode::kInternal : token.error().code;
  });
  callers.spawn([&]() -> async::Task<> {
    while (f_.client.hanging() == 0) co_await async::yield();
    co_await s.stop();
  });
  f_.run(callers.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_EQ(error_of(s).code, ErrorCode::kCancelled);
}

TEST_F(InstallationTokenTest, ARejectedTokenIsReplacedAndFreshOnesAreNotMintedForEver) {
  f_.client.on_post(kMintUrl).call(minted("ghs_a_SECRET")).call(minted("ghs_b_SECRET")).call(minted("ghs_c_SECRET"));
  f_.on_get("/x").reply(401, R"({"message":"Bad credentials"})");
  auto& s = source();
  Api api(f_.transport, s, f_.gate, f_.cache, f_.retry(), log::testing::make_logger(f_.lines));
  for (int i = 0; i < 3; ++i) {
    const auto response = f_.run(api.get({"x", "get x", "/x", {}}));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kUnauthenticated);
    EXPECT_FALSE(f_.leaks(response.error().message));
  }
  EXPECT_EQ(f_.client.count(kMintUrl), 2U);
  EXPECT_EQ(f_.client.count("https://api.github.com/x"), 3U);  // young, after the wait, with the second token
  EXPECT_THAT(f_.waits, ElementsAre(1s));
}

TEST_F(InstallationTokenTest, TakesTokensOfSeveralKilobytes) {
  const std::string big = "ghs_1_SECRET" + std::string(6'000, 'e');
  f_.client.on_post(kMintUrl).call(minted(big));
  EXPECT_EQ(f_.run(source().token())->value, big);
}

TEST(InstallationTokenOfEnterpriseServer, AsksTheConfiguredHost) {
  ApiFixture f("https://ghe.example/api/v3");
  f.client.on_get("https://ghe.example/api/v3/orgs/acme/installation").reply(200, R"({"id":7})");
  f.client.on_post("https://ghe.example/api/v3/app/installations/7/access_tokens")
      .reply(201, R"({"token":"ghs_x_SECRET","expires_at":"2030-07-11T22:14:10Z"})");
  auto source = make_installation_token(f.io.get_executor(), f.transport,
                                        {"12345", std::nullopt, *AppKey::parse(testing::kPkcs1Key), f.retry(), nullptr,
                                         log::testing::make_logger(f.lines)});
  EXPECT_TRUE(f.run(source->token()));
  f.run(source->stop());
}

}  // namespace
}  // namespace ghstats::github
