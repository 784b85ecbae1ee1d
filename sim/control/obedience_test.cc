#include "sim/control/obedience.h"

#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ApiFixture;
using testing::at;

const TimePoint kNoon = at("2026-11-20T12:00:00Z");

// One client; `now` is the simulator's clock, `real` what has passed of real time.
class ObedienceTest : public ::testing::Test {
 protected:
  void asks(TimePoint now, milliseconds real, const std::string& who = "user a", bool free = false) {
    obedience_.arrived({.who = who, .endpoint = "GET /meta", .free = free, .now = now, .steady_now = kBegin + real});
  }
  void told(const Told& told, milliseconds real) { obedience_.told("user a", Resource::kCore, told, kBegin + real); }
  std::int64_t forbidden() const { return obedience_.to_json().at("forbidden").as_int64(); }

  static constexpr SteadyPoint kBegin{seconds{1000}};
  Obedience obedience_{Duration{1000}};
};

TEST_F(ObedienceTest, CountsWhatComesBeforeTheResetOfAnExhaustedLimit) {
  asks(kNoon, seconds{0});
  told({.exhausted = true, .reset = kNoon + minutes{10}, .wait = {}}, seconds{0});
  asks(kNoon, seconds{1});
  EXPECT_EQ(forbidden(), 0);
  asks(kNoon, milliseconds{1001});
  asks(kNoon + minutes{9}, seconds{540});
  asks(kNoon + minutes{9}, seconds{540}, "user b");
  asks(kNoon + minutes{9}, seconds{540}, "user a", true);
  EXPECT_EQ(forbidden(), 2);
  asks(kNoon + minutes{10}, seconds{3});
  EXPECT_EQ(forbidden(), 2);
}

TEST_F(ObedienceTest, GivesNoNewGraceForTheSameLimit) {
  told({.exhausted = true, .reset = kNoon + minutes{10}, .wait = {}}, seconds{0});
  told({.exhausted = true, .reset = kNoon + minutes{10}, .wait = {}}, milliseconds{900});
  asks(kNoon, milliseconds{1500});
  EXPECT_EQ(forbidden(), 1);
  told({.exhausted = true, .reset = kNoon + minutes{70}, .wait = {}}, seconds{600});
  asks(kNoon + minutes{11}, milliseconds{600'500});
  EXPECT_EQ(forbidden(), 1);
}

TEST_F(ObedienceTest, ForgetsAnExhaustedLimitWhenAnAnswerHasRequestsLeft) {
  told({.exhausted = true, .reset = kNoon + minutes{10}, .wait = {}}, seconds{0});
  told({.exhausted = false, .reset = kNoon + minutes{30}, .wait = {}}, seconds{1});
  asks(kNoon, seconds{5});
  EXPECT_EQ(forbidden(), 0);
}

TEST_F(ObedienceTest, CountsWhatComesBeforeASecondaryLimitIsOverInRealTime) {
  told({.exhausted = {}, .reset = {}, .wait = seconds{7}}, seconds{0});
  asks(kNoon, milliseconds{500});
  asks(kNoon + minutes{60}, milliseconds{6999}, "user a", true);
  EXPECT_EQ(forbidden(), 1);
  asks(kNoon, seconds{7});
  EXPECT_EQ(forbidden(), 1);
  // Refused again, it waits anew, and what is on its way has its grace again.
  told({.exhausted = {}, .reset = {}, .wait = seconds{60}}, seconds{7});
  asks(kNoon, seconds{8});
  EXPECT_EQ(forbidden(), 1);
  asks(kNoon, seconds{9});
  EXPECT_EQ(forbidden(), 2);
}

TEST_F(ObedienceTest, NeverShortensAWaitNorRenewsItsGrace) {
  told({.exhausted = {}, .reset = {}, .wait = seconds{60}}, seconds{0});
  told({.exhausted = {}, .reset = {}, .wait = seconds{5}}, milliseconds{900});
  asks(kNoon, milliseconds{1500});
  EXPECT_EQ(forbidden(), 1);
  asks(kNoon, seconds{30});
  EXPECT_EQ(forbidden(), 2);
}

TEST_F(ObedienceTest, TellsTheLastTwenty) {
  told({.exhausted = true, .reset = kNoon + minutes{10}, .wait = seconds{3}}, seconds{0});
  for (int i = 2; i < 30; ++i) asks(kNoon, seconds{i});
  const auto json = obedience_.to_json();
  EXPECT_EQ(json.at("forbidden"), 28);
  const auto& requests = json.at("forbidden_requests").as_array();
  ASSERT_EQ(requests.size(), 20U);
  EXPECT_EQ(requests[19], (boost::json::value{{"endpoint", "GET /meta"},
                                              {"why", "primary"},
                                              {"who", "user a"},
                                              {"at", "2026-11-20T12:00:00Z"},
                                              {"after_ms", 29'000}}));
  obedience_.reset();
  EXPECT_EQ(forbidden(), 0);
  asks(kNoon, seconds{40});
  EXPECT_EQ(forbidden(), 1);
}

TEST(ToldBy, ReadsAnswersAsGitHubDocumentsThem) {
  const auto answer = [](int status, http::Headers headers, std::string body = "{}") {
    auto response = http::text_response(status, "application/json", std::move(body));
    for (const auto& header : headers.fields()) response.headers.add(header.name, header.value);
    return told_by(response);
  };
  const http::Headers left{{"x-ratelimit-remaining", "7"}, {"x-ratelimit-reset", "1795179600"}};
  const http::Headers exhausted{{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795179600"}};
  EXPECT_EQ(answer(200, left).exhausted, false);
  EXPECT_EQ(answer(200, exhausted).exhausted, true);
  EXPECT_EQ(answer(200, exhausted).reset, from_unix_seconds(1'795'179'600));
  EXPECT_EQ(answer(200, {}).exhausted, std::nullopt);
  EXPECT_EQ(answer(403, exhausted).wait, std::nullopt);
  EXPECT_EQ(answer(403, left).wait, std::nullopt);
  EXPECT_EQ(answer(429, {{"Retry-After", "9"}}).wait, seconds{9});
  EXPECT_EQ(answer(503, {{"Retry-After", "9"}}).wait, std::nullopt);
  EXPECT_EQ(answer(403, left, "You have exceeded a secondary rate limit.").wait, seconds{60});
  EXPECT_EQ(answer(403, exhausted, "You have exceeded a secondary rate limit.").wait, seconds{60});
}

class Disobedience : public ApiFixture {
 protected:
  Disobedience() : ApiFixture(strict()) {
    happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})");
  }
  static Options strict() {
    Options options;
    options.service.personal_rate_limit = 2;
    options.service.forbidden_grace = Duration{0};
    return options;
  }
  boost::json::value counts() { return send("GET", "/_sim/requests", {}).json(); }
};

TEST_F(Disobedience, IsCountedAfterTheLastRequestOfTheHour) {
  (void)get("/repos/acme/app");
  (void)get("/repos/acme/app");
  EXPECT_EQ(counts().at("forbidden"), 0);
  EXPECT_EQ(get("/repos/acme/app").status, 403);
  EXPECT_EQ(get("/rate_limit").status, 200);
  EXPECT_EQ(send("GET", "/meta", {{"User-Agent", "test"}}).status, 200);
  EXPECT_EQ(counts().at("forbidden"), 1);
  EXPECT_EQ(counts().at("forbidden_requests").at(0).at("endpoint"), "GET /repos/{owner}/{repo}");
  EXPECT_EQ(counts().at("forbidden_requests").at(0).at("who"), "user sim-user");
  move_clock("2026-11-20T13:00:00Z");
  EXPECT_EQ(get("/repos/acme/app").status, 200);
  EXPECT_EQ(counts().at("forbidden"), 1);
  EXPECT_EQ(send("DELETE", "/_sim/requests", {}).json().at("forbidden"), 1);
  EXPECT_EQ(counts().at("forbidden"), 0);
}

TEST_F(Disobedience, IsCountedAfterASecondaryLimit) {
  (void)send("POST", "/_sim/faults", {}, R"({"times":1,"action":{"secondary_limit":true,"retry_after":60}})");
  (void)get("/meta");
  EXPECT_EQ(get("/meta").status, 200);
  EXPECT_EQ(counts().at("forbidden"), 1);
  EXPECT_EQ(counts().at("forbidden_requests").at(0).at("why"), "secondary");
}

TEST_F(Disobedience, IsNotToBeFoundWhereNobodyHeardOfTheLimit) {
  (void)send("POST", "/_sim/faults", {}, R"({"action":{"cut_after_bytes":0}})");
  for (int i = 0; i < 4; ++i) (void)get("/meta");
  EXPECT_EQ(counts().at("forbidden"), 0);
}

}  // namespace
}  // namespace ghstats::sim
