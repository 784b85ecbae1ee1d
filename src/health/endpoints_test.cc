#include "health/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <thread>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "health/landing_page.h"

namespace ghstats::health {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const TimePoint kStart = from_unix_seconds(1'790'000'000);  // 2026-09-21T14:13:20Z

HealthSnapshot leader_snapshot(bool redis_works) {
  ComponentTable table(kStart);
  table.set_used(Component::kRedis, true, kStart);
  table.report(Component::kRedis, {}, kStart);
  if (!redis_works) {
    table.report(Component::kRedis, fail(ErrorCode::kUnavailable, "connect: \"refused\" <b>"),
                 kStart + std::chrono::seconds{5});
  }
  return make_snapshot({.role = Role::kLeader, .shared_store = true, .view_loaded = true}, table);
}

class Endpoints : public ::testing::Test {
 protected:
  Endpoints() {
    add_health_routes(router_, board_, clock_);
    add_landing_page(router_, {.name = "github-stats-exporter", .version = "1.2.3", .scrape_target = "a&b"}, board_);
  }

  http::ServerResponse get(std::string path, std::string query = {}) {
    http::ServerRequest request;
    request.method = "GET";
    request.target = query.empty() ? path : path + "?" + query;
    request.path = std::move(path);
    request.query = std::move(query);
    return async::testing::run(router_.dispatch(std::move(request)));
  }

  static std::string body(const http::ServerResponse& response) {
    std::string text;
    for (const auto& part : response.body) text += *part;
    return text;
  }

  ghstats::testing::FakeClock clock_{kStart};
  std::shared_ptr<HealthBoard> board_ = std::make_shared<HealthBoard>();
  http::Router router_;
};

TEST_F(Endpoints, WhoLeadsIsTold) {
  HealthSnapshot snapshot = leader_snapshot(true);
  board_->publish(snapshot);
  EXPECT_THAT(body(get("/healthz", "full=1")), HasSubstr(R"("leader":{"elected_by":null,"leader":null,)"));
  snapshot.leader = {.elected_by = "kubernetes",
                     .leader = "pod-a_<1>",
                     .since = kStart,
                     .transitions = 3,
                     .epoch = 1'790'000'001,
                     .last_end = "the lease was deleted"};
  board_->publish(snapshot);
  EXPECT_THAT(body(get("/healthz", "full=1")),
              HasSubstr(R"("leader":{"elected_by":"kubernetes","leader":"pod-a_<1>","since":"2026-09-21T14:13:20Z",)"
                        R"("transitions":3,"epoch":1790000001,"last_end":"the lease was deleted","trouble":null})"));
  EXPECT_THAT(body(get("/healthz")), ::testing::Not(HasSubstr("elected_by")));
  EXPECT_THAT(body(get("/")), AllOf(HasSubstr("pod-a_&lt;1&gt;"), HasSubstr("2026-09-21T14:13:20Z"),
                                    HasSubstr("1790000001"), HasSubstr("the lease was deleted")));
}

TEST_F(Endpoints, BeforeTheFirstSnapshotItLivesButIsNotReady) {
  EXPECT_EQ(get("/livez").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  const auto healthz = get("/healthz");
  EXPECT_EQ(healthz.status, 503);
  EXPECT_THAT(body(healthz), HasSubstr(R"("role":"none","mode":"unhealthy","ready":false)"));
}

TEST_F(Endpoints, ItDoesNotLiveWhenItsMainThreadHasNotTurnedForHalfAMinute) {
  board_->turned(clock_.steady_now());
  clock_.advance(std::chrono::seconds{30});
  EXPECT_EQ(get("/livez").status, 200);
  clock_.advance(std::chrono::milliseconds{1});
  const auto hangs = get("/livez");
  EXPECT_EQ(hangs.status, 503);
  EXPECT_EQ(body(hangs), "the main thread hangs\n");
  board_->turned(clock_.steady_now());
  EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(Endpoints, HealthDocumentHasExactlyTheContractsFields) {
  board_->publish(leader_snapshot(/*redis_works=*/true));
  const auto response = get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("content-type"), "application/json");
  EXPECT_EQ(body(response),
            R"({"role":"leader","mode":"healthy","ready":true,"components":{"redis":true,"amqp":true,)"
            R"("scheduler":true,"github_client":true,"consumer":true,"exporter_cache":true,"github_healthy":true}})");
}

TEST_F(Endpoints, DegradedIsStillReadyAnd200) {
  board_->publish(leader_snapshot(/*redis_works=*/false));
  EXPECT_EQ(get("/readyz").status, 200);
  const auto response = get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(body(response), AllOf(HasSubstr(R"("mode":"degraded")"), HasSubstr(R"("redis":false)")));
}

TEST_F(Endpoints, FullDocumentTellsSinceErrorsAndReasons) {
  board_->publish(leader_snapshot(/*redis_works=*/false));
  EXPECT_THAT(body(get("/healthz", "full=10&other")), Not(HasSubstr("details")));

  const auto document = boost::json::parse(body(get("/healthz", "x=y&full=1"))).as_object();
  const auto& redis = document.at("details").at("redis").as_object();
  EXPECT_EQ(redis.at("used"), true);
  EXPECT_EQ(redis.at("since"), "2026-09-21T14:13:25Z");
  EXPECT_EQ(redis.at("last_success"), "2026-09-21T14:13:20Z");
  EXPECT_EQ(redis.at("last_error"), "connect: \"refused\" <b>");
  EXPECT_EQ(redis.at("last_error_at"), "2026-09-21T14:13:25Z");
  EXPECT_EQ(redis.at("fallback"), false);
  EXPECT_EQ(document.at("details").at("amqp").at("used"), false);
  EXPECT_TRUE(document.at("details").at("amqp").at("last_error").is_null());
  EXPECT_EQ(document.at("components").as_object().size(), kComponents);
  EXPECT_EQ(document.at("reasons").as_array().at(0), "redis: connect: \"refused\" <b>");
}

TEST_F(Endpoints, NotReadySaysWhy) {
  const ComponentTable table(kStart);
  board_->publish(make_snapshot({.role = Role::kFollower, .shared_store = true}, table));
  const auto response = get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(body(response), "not ready\nthe view of the store has not been loaded yet\n");
}

TEST_F(Endpoints, LandingPageEscapesEverythingAndNeedsNoScript) {
  board_->publish(leader_snapshot(/*redis_works=*/false));
  const auto response = get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type"), "text/html; charset=utf-8");
  const auto html = body(response);
  EXPECT_THAT(html, AllOf(HasSubstr("<h1>github-stats-exporter</h1>"), HasSubstr("1.2.3"), HasSubstr("leader"),
                          HasSubstr("degraded"), HasSubstr("a&amp;b")));
  for (const std::string path : {"/metrics", "/healthz", "/readyz", "/livez"}) {
    EXPECT_THAT(html, HasSubstr("<a href=\"" + path + "\">"));
  }
  EXPECT_THAT(html, HasSubstr("&quot;refused&quot; &lt;b&gt;"));
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<b>")), Not(HasSubstr("<script"))));
}

TEST(HealthBoard, ReadersSeeWholeSnapshotsWhileOthersArePublished) {
  HealthBoard board;
  board.publish(leader_snapshot(true));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) board.publish(leader_snapshot(i % 2 == 0));
    done = true;
  });
  std::size_t torn = 0;
  while (!done) {
    const auto seen = board.current();
    const bool works = seen->components[static_cast<std::size_t>(Component::kRedis)].healthy;
    if (works != (seen->verdict.mode == Mode::kHealthy)) ++torn;
  }
  writer.join();
  EXPECT_EQ(torn, 0U);
}

}  // namespace
}  // namespace ghstats::health
