#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "async/watch.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using testing::connect;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawPeer;
using ::testing::StartsWith;

class HttpServer : public testing::ServerFixture {
 protected:
  // Everything the server sends for these bytes until it closes.
  std::string exchange(std::string bytes) {
    return run([](std::uint16_t port, std::string request) -> async::Task<std::string> {
      auto peer = co_await connect(port);
      co_await peer.send(std::move(request));
      co_return co_await peer.read_to_end();
    }(server_->port(), std::move(bytes)));
  }
};

std::string get_request(const std::string& path, const std::string& more = "Connection: close\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
}

Router hello() {
  Router router;
  router.add("GET", "/hello", [](ServerRequest request) -> async::Task<ServerResponse> {
    co_return text_response(200, "text/plain", "hello " + request.query);
  });
  router.add("POST", "/echo", [](ServerRequest request) -> async::Task<ServerResponse> {
    co_return text_response(200, "text/plain", request.body);
  });
  return router;
}

Handler respond(ServerResponse response) {
  return [response](ServerRequest) -> async::Task<ServerResponse> { co_return response; };
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST_F(HttpServer, AnswersWithLengthDateAndConnection) {
  start(hello());
  const auto answer = exchange(get_request("/hello?x=1"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(answer, HasSubstr(" GMT\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello x=1"));
}

TEST_F(HttpServer, AnswersHeadThroughGetWithTheLengthAndWithoutTheBody) {
  start(hello());
  const auto answer = exchange("HEAD /hello?x=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, UnknownPathsAndMethodsAre404And405) {
  start(hello());
  EXPECT_THAT(exchange(get_request("/nope")), StartsWith("HTTP/1.1 404 "));
  const auto answer = exchange("DELETE /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_THAT(exchange(get_request("/echo")), HasSubstr("\r\nAllow: POST\r\n"));
}

TEST_F(HttpServer, TheFallbackGetsEveryMethodAndADecodedPath) {
  Router router = hello();
  router.set_fallback([](ServerRequest request) -> async::Task<ServerResponse> {
    co_return text_response(200, "text/plain",
                            request.method + "|" + request.target + "|" + request.path + "|" + request.query);
  });
  start(std::move(router));
  EXPECT_THAT(exchange("PATCH /a%20b/c?d=%20e HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\nPATCH|/a%20b/c?d=%20e|/a b/c|d=%20e"));
  EXPECT_THAT(exchange("GET http://h/abs?q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), EndsWith("|/abs|q"));
  EXPECT_THAT(exchange(get_request("/bad%2")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpServer, RefusesMalformedRequests) {
  start(hello());
  for (const char* bad :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nbad header\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
    const auto answer = exchange(bad);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << bad;
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n")) << bad;
  }
}

TEST_F(HttpServer, LimitsHeaderAndBody) {
  ServerOptions options;
  options.max_header_bytes = 1024;
  options.max_body_bytes = 100;
  start(hello(), options);
  EXPECT_THAT(exchange(get_request("/hello", "X: " + std::string(2000, 'x') + "\r\n")), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(exchange(get_request("/" + std::string(500'000, 'x'))), StartsWith("HTTP/1.1 431 "));
  const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
  EXPECT_THAT(exchange(post + "Content-Length: 100\r\n\r\n" + std::string(100, 'b')), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange(post + "Content-Length: 101\r\n\r\n" + std::string(101, 'b')), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange(post + "Content-Length: 900000\r\n\r\n" + std::string(900'000, 'b')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange(post + "Transfer-Encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'b') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServer, TellsAClientThatAsksToContinue) {
  start(hello());
  run([](std::uint16_t port) -> async::Task<> {
    auto peer = co_await connect(port);
    co_await peer.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    const auto head = co_await peer.read_head();
    EXPECT_EQ(head, "HTTP/1.1 100 Continue\r\n\r\n");
    co_await peer.send("body");
    const auto answer = co_await peer.read_head();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    const auto body = co_await peer.read_bytes(4);
    EXPECT_EQ(body, "body");
  }(server_->port()));
  EXPECT_THAT(exchange(get_request("/hello", "Expect: miracles\r\n")), StartsWith("HTTP/1.1 417 "));
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
  Router router;
  router.set_fallback([](ServerRequest request) -> async::Task<ServerResponse> {
    if (request.path == "/0") (void)co_await async::sleep_for(5ms);
    co_return text_response(200, "text/plain", "<" + request.path + request.body + ">");
  });
  start(std::move(router));
  const auto answer = exchange(get_request("/0", "") + "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi" +
                               get_request("/2", "") + get_request("/3") + get_request("/never"));
  EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 4);
  EXPECT_LT(answer.find("</0>"), answer.find("</1hi>"));
  EXPECT_LT(answer.find("</1hi>"), answer.find("</2>"));
  EXPECT_LT(answer.find("</2>"), answer.find("</3>"));
  EXPECT_THAT(answer, Not(HasSubstr("never")));
}

TEST_F(HttpServer, Http10ClosesUnlessAskedToKeepAlive) {
  start(hello());
  EXPECT_THAT(exchange("GET /hello HTTP/1.0\r\n\r\n"), HasSubstr("\r\nConnection: close\r\n"));
  const auto two = exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(count(two, "HTTP/1.1 200 OK"), 2);
}

TEST_F(HttpServer, RefusesConnectionsWith503WhileAllAreBeingAnswered) {
  ServerOptions options;
  options.max_connections = 2;
  Router router = hello();
  async::Watch open(io_.get_executor());
  int entered = 0;
  router.add("GET", "/gate", [&](ServerRequest) -> async::Task<ServerResponse> {
    ++entered;
    (void)co_await open.wait_beyond(0);
    co_return text_response(200, "text/plain", "open");
  });
  start(std::move(router), options);
  run([](std::uint16_t port, async::Watch* gate, int* waiting) -> async::Task<> {
    std::vector<RawPeer> held;
    for (int i = 0; i < 2; ++i) {
      held.push_back(co_await connect(port));
      co_await held.back().send(get_request("/gate", ""));
    }
    const bool busy = co_await testing::eventually([&] { return *waiting == 2; });
    EXPECT_TRUE(busy);
    auto third = co_await connect(port);
    co_await third.send(get_request("/hello"));
    const auto refused = co_await third.read_to_end();
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
    EXPECT_FALSE(third.was_reset());
    gate->bump();
    for (RawPeer& peer : held) {
      const auto answer = co_await peer.read_head();
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    }
    auto fourth = co_await connect(port);
    co_await fourth.send(get_request("/hello"));
    const auto answer = co_await fourth.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  }(server_->port(), &open, &entered));
}

TEST_F(HttpServer, ClosesIdleAndSlowConnections) {
  ServerOptions options;
  options.idle_timeout = 100ms;
  start(hello(), options);
  EXPECT_EQ(exchange(""), "");
  EXPECT_EQ(exchange("GET /hel"), "");
  EXPECT_EQ(exchange("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nbo"), "");
  const auto kept = exchange(get_request("/hello", ""));
  EXPECT_THAT(kept, HasSubstr("\r\nConnection: keep-alive\r\n"));
  // A byte now and then buys no time.
  run([](std::uint16_t port) -> async::Task<> {
    auto peer = co_await connect(port);
    bool alive = co_await peer.send("GET / HTTP/1.1\r\n");
    int sent = 0;
    for (; alive && sent < 2000; ++sent) {
      alive = co_await peer.send("X: y\r\n");
      (void)co_await async::sleep_for(5ms);
    }
    EXPECT_FALSE(alive);
  }(server_->port()));
}

TEST_F(HttpServer, GivesUpOnAReaderThatStalls) {
  auto body = std::make_shared<const std::string>(64UL << 20U, 'x');
  std::weak_ptr<const std::string> watched = body;
  ServerOptions options;
  options.idle_timeout = 50ms;
  Router router;
  router.add("GET", "/big", [&body](ServerRequest) -> async::Task<ServerResponse> {
    ServerResponse response;
    response.body.push_back(std::move(body));
    co_return response;
  });
  start(std::move(router), options);
  run([](std::uint16_t port, std::weak_ptr<const std::string>& alive) -> async::Task<> {
    auto peer = co_await connect(port);
    co_await peer.send(get_request("/big", ""));
    const bool let_go = co_await testing::eventually([&] { return alive.expired(); });
    EXPECT_TRUE(let_go);
  }(server_->port(), watched));
}

TEST_F(HttpServer, WritesManyPartsAsOneBodyWithoutCopyingThem) {
  ServerResponse response;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string part(static_cast<std::size_t>(i * 37 % 5000), static_cast<char>('a' + i % 26));
    expected += part;
    response.body.push_back(std::make_shared<const std::string>(part));
  }
  Router router;
  router.add("GET", "/parts", respond(response));
  start(std::move(router));
  const auto answer = get(url("/parts"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, expected);
}

TEST_F(HttpServer, BodilessStatusesHaveNoLength) {
  Router router;
  auto no_content = text_response(204, "text/plain", "ignored");
  router.add("GET", "/204", respond(no_content));
  auto unchanged = text_response(304, "text/plain", "ignored");
  router.add("GET", "/304", respond(unchanged));
  start(std::move(router));
  for (const char* path : {"/204", "/304"}) {
    const auto answer = exchange(get_request(path));
    EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  }
}

TEST_F(HttpServer, HandlersCannotForgeHeaders) {
  auto response = text_response(200, "text/plain", "x");
  response.headers.add("X-User", "a\r\nSet-Cookie: b");
  response.headers.add("content-length", "99");
  response.headers.add("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
  Router router;
  router.add("GET", "/", respond(response));
  start(std::move(router));
  const auto answer = exchange(get_request("/"));
  EXPECT_THAT(answer, HasSubstr("X-User: a  Set-Cookie: b\r\n"));
  EXPECT_EQ(count(answer, "ontent-"), 2);  // Content-Type and one Content-Length
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 1\r\n"));
  EXPECT_EQ(count(answer, "Date: "), 1);
}

TEST_F(HttpServer, AHandlersExceptionIsA500AndOneLogLine) {
  Router router = hello();
  router.add("GET", "/throw", [](ServerRequest) -> async::Task<ServerResponse> {
    throw std::runtime_error("the reason");
    co_return ServerResponse{};
  });
  start(std::move(router));
  const auto answer = exchange(get_request("/throw?secret=1", "") + get_request("/hello"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, Not(HasSubstr("the reason")));
  ASSERT_EQ(sink_->lines().size(), 1U);
  EXPECT_THAT(sink_->lines()[0], HasSubstr("the reason"));
  EXPECT_THAT(sink_->lines()[0], Not(HasSubstr("secret")));
}

TEST_F(HttpServer, AnAnswerThatDoesNotFitIntoMemoryIsA503AndTheConnectionGoesOn) {
  Router router = hello();
  router.add("GET", "/huge", [](ServerRequest) -> async::Task<ServerResponse> {
    throw std::bad_alloc();
    co_return ServerResponse{};
  });
  start(std::move(router));
  const auto answer = exchange(get_request("/huge", "") + get_request("/hello"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK"));
  ASSERT_EQ(sink_->lines().size(), 1U);
  EXPECT_THAT(sink_->lines()[0], HasSubstr("out of memory"));
}

TEST_F(HttpServer, DisruptionsCutTheAnswerAndReset) {
  Router router;
  for (const bool reset : {false, true}) {
    for (const std::size_t after : {0UL, 5UL, 400UL, 1'000'000UL}) {
      auto response = text_response(200, "text/plain", std::string(1000, 'x'));
      response.disruption = Disruption{after, reset};
      router.add("GET", "/" + std::to_string(after) + (reset ? "r" : ""), respond(response));
    }
  }
  start(std::move(router));
  EXPECT_EQ(exchange(get_request("/0")), "");
  EXPECT_EQ(exchange(get_request("/5")), "HTTP/");
  EXPECT_EQ(exchange(get_request("/400")).size(), 400U);
  EXPECT_THAT(exchange(get_request("/1000000")), EndsWith(std::string(1000, 'x')));
  run([](std::uint16_t port) -> async::Task<> {
    for (const char* path : {"/0r", "/400r"}) {
      auto peer = co_await connect(port);
      co_await peer.send(get_request(path));
      const auto received = co_await peer.read_to_end();
      EXPECT_LE(received.size(), 400U);
      EXPECT_TRUE(peer.was_reset()) << path;
    }
  }(server_->port()));
}

}  // namespace
}  // namespace ghstats::http
