#include "sim/control/faults.h"

#include <gmock/gmock.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "async/task_group.h"
#include "base/time_format.h"
#include "log/fd_sink.h"
#include "log/log.h"
#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using boost::asio::ip::tcp;
using testing::ApiFixture;
using testing::Got;
using ::testing::HasSubstr;
constexpr auto kUse = boost::asio::as_tuple(boost::asio::use_awaitable);

class FaultsTest : public ApiFixture {
 protected:
  FaultsTest() {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"add_repository","org":"acme","name":"lib","at":"2020-01-01T00:00:00Z"},
                {"type":"commit","repo":"acme/app","author":"ann"}])");
  }
  void inject(const std::string& faults) {
    const auto got = send("POST", "/_sim/faults", {}, faults);
    ASSERT_EQ(got.status, 200) << got.body;
  }
};

TEST_F(FaultsTest, FailsAsOftenAsAsked) {
  inject(R"([{"match":{"method":"GET","path_regex":"/commits$"},"times":2,
              "action":{"status":502,"body":{"message":"Server Error"},"headers":{"X-Why":"test"}}}])");
  const auto failed = get("/repos/acme/app/commits");
  EXPECT_EQ(failed.status, 502);
  EXPECT_EQ(failed.message(), "Server Error");
  EXPECT_EQ(failed.header("X-Why"), "test");
  EXPECT_EQ(get("/repos/acme/app").status, 200);
  EXPECT_EQ(get("/repositories/500000000/commits").status, 502);
  EXPECT_EQ(get("/repos/acme/app/commits").status, 200);
  EXPECT_EQ(send("GET", "/_sim/faults", {}).json().at(0).at("hits"), 2);
  EXPECT_EQ(send("DELETE", "/_sim/faults", {}).body, "[]\n");
}

TEST_F(FaultsTest, LetsTheDateOfARealAnswerBeWrong) {
  const auto truth = get("/repos/acme/app");
  inject(R"([{"times":1,"action":{"date_off":259200}},{"times":1,"action":{"date":""}}])");
  const auto ahead = get("/repos/acme/app");
  EXPECT_EQ(ahead.status, 200);
  EXPECT_EQ(ahead.body, truth.body);
  EXPECT_EQ(*parse_http_date(ahead.header("Date")) - *parse_http_date(truth.header("Date")), std::chrono::days{3});
  EXPECT_EQ(get("/repos/acme/app").header("Date"), "");
  EXPECT_EQ(get("/repos/acme/app").header("Date"), truth.header("Date"));
}

TEST_F(FaultsTest, CostsNothingOfTheRateLimit) {
  inject(R"({"times":1,"action":{"status":503}})");
  (void)get("/repos/acme/app");
  EXPECT_EQ(get("/repos/acme/app").header("x-ratelimit-used"), "1");
}

TEST_F(FaultsTest, StrikesOneRepositoryWhateverItsAddress) {
  inject(R"([{"match":{"repo":"acme/APP"},"action":{"status":500}}])");
  EXPECT_EQ(get("/repos/acme/app").status, 500);
  EXPECT_EQ(get("/repositories/500000000").status, 500);
  EXPECT_EQ(get("/repos/acme/lib").status, 200);
  EXPECT_EQ(get("/orgs/acme/repos").status, 200);
}

TEST_F(FaultsTest, StrikesWithTheProbabilityAsked) {
  inject(R"({"probability":0.5,"action":{"status":500}})");
  int failed = 0;
  for (int i = 0; i < 200; ++i) failed += get("/meta").status == 500 ? 1 : 0;
  EXPECT_GT(failed, 60);
  EXPECT_LT(failed, 140);
}

TEST_F(FaultsTest, ImposesASecondaryLimitWithAndWithoutRetryAfter) {
  inject(R"([{"times":1,"action":{"secondary_limit":429,"retry_after":7}},{"action":{"secondary_limit":true}}])");
  const auto told = get("/meta");
  EXPECT_EQ(told.status, 429);
  EXPECT_EQ(told.header("Retry-After"), "7");
  const auto untold = get("/meta");
  EXPECT_EQ(untold.status, 403);
  EXPECT_EQ(untold.header("Retry-After"), "");
  EXPECT_EQ(untold.header("x-ratelimit-remaining"), "5000");
  EXPECT_THAT(untold.message(), HasSubstr("secondary rate limit"));
}

TEST_F(FaultsTest, ServesWrongBodies) {
  inject(R"([{"times":1,"action":{"body_not_json":true}},{"times":1,"action":{"huge_body_bytes":3000000}},
             {"times":2,"action":{"wrong_shape":true}}])");
  EXPECT_THAT(get("/repos/acme/app/commits").body, HasSubstr("<html>"));
  const auto huge = get("/repos/acme/app/commits");
  EXPECT_EQ(huge.body.size(), 3'000'000U);
  EXPECT_TRUE(huge.json().is_array());
  EXPECT_TRUE(get("/repos/acme/app/commits").json().is_object());
  EXPECT_TRUE(get("/repos/acme/app").json().is_array());
}

TEST_F(FaultsTest, RefusesFaultsItDoesNotUnderstand) {
  for (const auto* const wrong :
       {"7", R"({"action":{"explode":true}})", R"({"match":{"path_regex":"("},"action":{"status":500}})",
        R"({"match":{"url":"x"},"action":{"status":500}})", R"({"times":1})",
        R"([{"action":{"status":500}},{"action":{"secondary_limit":500}}])"}) {
    EXPECT_EQ(send("POST", "/_sim/faults", {}, wrong).status, 422) << wrong;
  }
  EXPECT_EQ(send("GET", "/_sim/faults", {}).body, "[]\n");
}

// Behind a real socket.
class FaultsOnTheWire : public FaultsTest {
 protected:
  FaultsOnTheWire() {
    http::Router router;
    router.set_fallback(
        [this](http::ServerRequest request) { return simulation_->service.handle(std::move(request)); });
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    const auto clock = std::make_shared<SystemClock>();
    const auto sink = std::make_shared<log::FdSink>(2, log::Format::kText, clock);
    const log::Logger logger({.clock = clock, .sink = sink});
    server_ = http::Server::listen(io_.get_executor(), options, std::move(router), logger).value();
  }

  struct Received {
    boost::system::error_code connect_error;
    boost::system::error_code end;  // eof after an orderly close
    std::string bytes;
  };
  async::Task<Received> ask(std::string path) {
    Received received;
    tcp::socket socket(io_);
    const tcp::endpoint endpoint(boost::asio::ip::make_address("127.0.0.1"), server_->port());
    std::tie(received.connect_error) = co_await socket.async_connect(endpoint, kUse);
    const auto request = "GET " + path +
                         " HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\nAuthorization: Bearer pat\r\n"
                         "Connection: close\r\n\r\n";
    (void)co_await boost::asio::async_write(socket, boost::asio::buffer(request), kUse);
    auto [end, size] = co_await boost::asio::async_read(socket, boost::asio::dynamic_buffer(received.bytes), kUse);
    received.end = end;
    co_return received;
  }
  // Asks and, when answered, stops the server.
  Received exchange(const std::string& path) {
    auto both = [](FaultsOnTheWire& self, std::string target) -> async::Task<Received> {
      auto received = co_await self.ask(std::move(target));
      co_await self.server_->stop(Duration{0});
      co_return received;
    };
    return async::testing::run(io_, both(*this, path));
  }

  boost::asio::io_context io_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(FaultsOnTheWire, AnswersOverHttpWithItsOwnDate) {
  const auto received = exchange("/repos/acme/app/commits?per_page=1");
  EXPECT_THAT(received.bytes, ::testing::StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(received.bytes, HasSubstr("Date: Fri, 20 Nov 2026 12:00:00 GMT\r\n"));
  EXPECT_EQ(received.bytes.find("Date:", received.bytes.find("Date:") + 1), std::string::npos);
}

TEST_F(FaultsOnTheWire, ResetsTheConnection) {
  inject(R"({"action":{"reset":true}})");
  const auto received = exchange("/meta");
  EXPECT_EQ(received.end, boost::asio::error::connection_reset);
  EXPECT_EQ(received.bytes, "");
}

TEST_F(FaultsOnTheWire, CutsTheResponseOff) {
  inject(R"({"action":{"cut_after_bytes":700}})");
  const auto received = exchange("/repos/acme/app/commits");
  EXPECT_EQ(received.end, boost::asio::error::eof);
  EXPECT_EQ(received.bytes.size(), 700U);
}

TEST_F(FaultsOnTheWire, HangsUpWithoutAWord) {
  inject(R"({"action":{"delay_ms":1,"cut_after_bytes":0}})");
  const auto received = exchange("/meta");
  EXPECT_EQ(received.end, boost::asio::error::eof);
  EXPECT_EQ(received.bytes, "");
}

TEST_F(FaultsOnTheWire, LetsTheServerStopWhileAnAnswerIsDelayed) {
  inject(R"({"action":{"delay_ms":3600000}})");
  async::TaskGroup clients(io_.get_executor());
  bool ended = false;
  clients.spawn([&]() -> async::Task<> {
    (void)co_await ask("/meta");
    ended = true;
  });
  // The fault's hit shows that the request has arrived.
  const auto hits = [this] { return send("GET", "/_sim/faults", {}).json().at(0).at("hits").to_number<int>(); };
  while (hits() == 0) io_.run_one();
  async::testing::run(io_, server_->stop(Duration{0}));
  async::testing::run(io_, clients.join());
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace ghstats::sim
