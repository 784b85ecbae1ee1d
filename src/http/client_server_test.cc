// Client and server together, under conditions neither was promised.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "async/task_group.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;

class HttpClientAndServer : public testing::ServerFixture {};

// One of seven ways to answer, by the request's number.
ServerResponse misbehave(int number) {
  auto response = text_response(200, "text/plain", std::string(5000, 'x'));
  switch (number % 7) {
    case 0:
      response.disruption = Disruption{0, true};
      break;
    case 1:
      response.disruption = Disruption{300, true};
      break;
    case 2:
      response.disruption = Disruption{2000, false};
      break;
    case 3:
      response.status = 503;
      break;
    default:
      break;
  }
  return response;
}

TEST_F(HttpClientAndServer, SurviveResetsTimeoutsAndCancellationInAnyOrder) {
  Router router;
  router.set_fallback([](ServerRequest request) -> async::Task<ServerResponse> {
    const int number = std::stoi(request.path.substr(1));
    if (number % 7 == 4) (void)co_await async::sleep_for(1h);
    if (number % 7 == 5) (void)co_await async::sleep_for(std::chrono::milliseconds(number % 5));
    co_return misbehave(number);
  });
  start(std::move(router));
  std::map<ErrorCode, int> errors;
  int answers = 0;
  int number = 0;
  async::TaskGroup group(io_.get_executor());
  const auto ask = [&](Duration timeout) -> async::Task<> {
    Request request;
    request.url = url("/" + std::to_string(number++));
    request.timeout = timeout;
    const auto response = co_await client().send(request);
    if (response) {
      EXPECT_EQ(response->body.size(), 5000U);
      ++answers;
    } else {
      ++errors[response.error().code];
    }
  };
  for (int worker = 0; worker < 20; ++worker) {
    group.spawn([&, worker]() -> async::Task<> {
      for (int i = 0; i < 15; ++i) co_await ask(std::chrono::milliseconds(30 + 5 * worker));
      for (;;) {  // until cancelled, wherever that meets it
        const bool stop = co_await async::cancelled();
        if (stop) co_return;
        co_await ask(20s);
      }
    });
  }
  run([&]() -> async::Task<> {
    const bool busy = co_await testing::eventually([&] { return number > 320; });
    EXPECT_TRUE(busy);
    group.cancel();
    co_await group.join();
  }());
  EXPECT_GT(answers, 0);
  EXPECT_GT(errors[ErrorCode::kTimeout], 0);
  EXPECT_GT(errors[ErrorCode::kUnavailable], 0);
  EXPECT_GT(errors[ErrorCode::kCancelled], 0);
  EXPECT_EQ(errors.size(), 3U);
  const auto after = get(url("/6"));
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->status, 200);
}

TEST_F(HttpClientAndServer, TheServerMayLiveOnAThreadOfItsOwn) {
  boost::asio::io_context server_io;
  Router router;
  router.set_fallback([](ServerRequest request) -> async::Task<ServerResponse> {
    co_return text_response(200, "text/plain", request.path);
  });
  ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  auto server = Server::listen(server_io.get_executor(), options, router, log::testing::make_logger(sink_));
  ASSERT_TRUE(server);
  const std::string base = "http://127.0.0.1:" + std::to_string((*server)->port());
  std::thread thread([&server_io] { server_io.run(); });
  int right = 0;
  async::TaskGroup group(io_.get_executor());
  for (int i = 0; i < 30; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      Request request;
      request.url = base + "/" + std::to_string(i);
      const auto response = co_await client().send(request);
      if (response && response->body == "/" + std::to_string(i)) ++right;
    });
  }
  run(group.join());
  boost::asio::co_spawn(server_io, (*server)->stop(1s), boost::asio::use_future).get();
  thread.join();  // nothing is left to run
  EXPECT_EQ(right, 30);
}

}  // namespace
}  // namespace ghstats::http
