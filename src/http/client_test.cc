#include "http/client.h"

#include <gtest/gtest.h>

#include <chrono>

#include "async/task_group.h"
#include "http/testing/compressed.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::answering_once;
using testing::gzip;
using testing::RawPeer;
using testing::RawServer;

class HttpClient : public testing::ServerFixture {};

Router echo() {
  Router router;
  router.set_fallback([](ServerRequest request) -> async::Task<ServerResponse> {
    auto response = text_response(200, "text/plain", request.method + " " + request.target + "\n" + request.body);
    for (const Header& field : request.headers.fields()) response.headers.add("Seen-" + field.name, field.value);
    co_return response;
  });
  return router;
}

ErrorCode code_of(const Result<Response>& response) {
  return response ? ErrorCode::kInternal : response.error().code;
}

TEST_F(HttpClient, SendsEveryMethodWithItsBodyAndHeaders) {
  start(echo());
  for (const auto& [method, name] : {std::pair{Method::kGet, "GET"}, {Method::kPost, "POST"}, {Method::kPut, "PUT"}}) {
    Request request;
    request.method = method;
    request.url = url("/a%20b?x=1");
    request.headers = {{"X-One", "1"}, {"X-Empty", ""}};
    if (method != Method::kGet) request.body = std::string("bo\0dy", 5);
    const auto response = send(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, std::string(name) + " /a%20b?x=1\n" + request.body);
    EXPECT_EQ(response->headers.get("seen-x-one"), "1");
    EXPECT_EQ(response->headers.get("Seen-X-Empty"), "");
    EXPECT_EQ(response->headers.get("Seen-User-Agent"), "ghstats-test");
    EXPECT_EQ(response->headers.get("Seen-Content-Type"), std::nullopt);
    EXPECT_EQ(response->headers.get("Seen-Expect"), std::nullopt);
    EXPECT_EQ(response->url, request.url);
    EXPECT_GE(response->body.capacity(), response->body.size() + 64);
  }
}

TEST_F(HttpClient, HeadHasHeadersAndNoBody) {
  start(echo());
  Request request;
  request.method = Method::kHead;
  request.url = url("/h");
  const auto response = send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->headers.get("Content-Length"), "8");
  EXPECT_EQ(response->body, "");
  EXPECT_GE(response->body.capacity(), 64U);
}

TEST_F(HttpClient, DecodesGzipAndChunks) {
  const std::string text(100'000, 'x');
  const std::string packed = gzip(text);
  RawServer zipped(io_, answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                                  std::to_string(packed.size()) + "\r\n\r\n" + packed));
  const auto response = get(zipped.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, text);
  EXPECT_NE(zipped.heads().at(0).find("Accept-Encoding: "), std::string::npos);
  RawServer chunked(io_, answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n"
                                   "X-Trailer: t\r\n\r\n"));
  const auto second = get(chunked.url("/"));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->body, "abcde");
  EXPECT_EQ(second->headers.get("X-Trailer"), std::nullopt);
}

TEST_F(HttpClient, DropsInformationalAnswers) {
  RawServer server(io_, answering("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late: 1\r\n"
                                  "Content-Length: 0\r\n\r\n"));
  const auto response = get(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.get("X-Early"), std::nullopt);
  EXPECT_EQ(response->headers.get("X-Late"), "1");
}

TEST_F(HttpClient, ReusesItsConnection) {
  RawServer server(io_, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(get(server.url("/")));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClient, ErrorStatusesAreAnswers) {
  RawServer server(io_, answering("HTTP/1.1 503 Gone fishing\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno"));
  const auto response = get(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body, "no");
}

TEST_F(HttpClient, TimesOutWithoutAnAnswerAndInTheMiddleOfOne) {
  for (const char* sent : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}) {
    RawServer server(io_, [sent](RawPeer& peer) -> async::Task<> {
      co_await peer.read_head();
      co_await peer.send(sent);
      co_await peer.read_to_end();
    });
    Request request;
    request.url = server.url("/slow?secret=1");
    request.timeout = 60ms;
    const auto response = send(request);
    EXPECT_EQ(code_of(response), ErrorCode::kTimeout);
    EXPECT_EQ(response.error().message, "GET " + server.url("/slow") + ": timeout");
  }
}

TEST_F(HttpClient, BrokenConnectionsAreUnavailable) {
  RawServer reset(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    peer.reset();
  });
  EXPECT_EQ(code_of(get(reset.url("/"))), ErrorCode::kUnavailable);
  RawServer reset_in_body(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    peer.reset();
  });
  EXPECT_EQ(code_of(get(reset_in_body.url("/"))), ErrorCode::kUnavailable);
  RawServer truncated(io_, answering_once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(code_of(get(truncated.url("/"))), ErrorCode::kUnavailable);
  RawServer truncated_chunks(io_, answering_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"));
  EXPECT_EQ(code_of(get(truncated_chunks.url("/"))), ErrorCode::kUnavailable);
  RawServer silent(io_, answering_once(""));
  EXPECT_EQ(code_of(get(silent.url("/"))), ErrorCode::kUnavailable);
}

TEST_F(HttpClient, RefusedConnectionsAndUnknownHostsAreUnavailable) {
  std::string closed;
  {
    RawServer server(io_, answering(""));
    closed = server.url("/p?token=secret");
  }
  const auto refused = get(closed);
  EXPECT_EQ(code_of(refused), ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("Connection refused"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos) << refused.error().message;
  EXPECT_EQ(code_of(get("http://no-such-host.invalid/")), ErrorCode::kUnavailable);
}

TEST_F(HttpClient, WhatIsNotHttpIsInvalidData) {
  RawServer server(io_, answering_once("220 smtp.example.org ESMTP\r\n\r\n"));
  EXPECT_EQ(code_of(get(server.url("/"))), ErrorCode::kInvalidData);
  RawServer broken_gzip(io_, answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"));
  EXPECT_EQ(code_of(get(broken_gzip.url("/"))), ErrorCode::kInvalidData);
}

TEST_F(HttpClient, BadUrlsAndHeadersAreInvalidArguments) {
  for (const char* bad : {"", "nonsense", "ftp://h/", "file:///etc/passwd", "http://user:pass@127.0.0.1/"}) {
    const auto response = get(bad);
    EXPECT_EQ(code_of(response), ErrorCode::kInvalidArgument) << bad;
    EXPECT_EQ(response.error().message.find("pass@"), std::string::npos);
  }
  Request request;
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(code_of(send(request)), ErrorCode::kInvalidArgument);
}

TEST_F(HttpClient, LimitsTheDecodedBody) {
  const std::string packed = gzip(std::string(1'000'000, 'x'));
  ASSERT_LT(packed.size(), 10'000U);
  RawServer bomb(io_, answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                                std::to_string(packed.size()) + "\r\n\r\n" + packed));
  Request request;
  request.url = bomb.url("/");
  request.max_body_bytes = 999'999;
  EXPECT_EQ(code_of(send(request)), ErrorCode::kTooLarge);
  request.max_body_bytes = 1'000'000;
  const auto response = send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body.size(), 1'000'000U);
}

TEST_F(HttpClient, LimitsTheHeaders) {
  RawServer endless(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    bool alive = co_await peer.send("HTTP/1.1 200 OK\r\n");
    while (alive) alive = co_await peer.send("X-More: " + std::string(1000, 'x') + "\r\n");
  });
  EXPECT_EQ(code_of(get(endless.url("/"))), ErrorCode::kTooLarge);
}

TEST_F(HttpClient, CancellationEndsAtOnceAndLeavesTheClientUsable) {
  RawServer hanging(io_, [](RawPeer& peer) -> async::Task<> { co_await peer.read_to_end(); });
  start(echo());
  async::TaskGroup group(io_.get_executor());
  std::vector<ErrorCode> seen;
  for (int i = 0; i < 3; ++i) {
    group.spawn([&]() -> async::Task<> {
      Request request;
      request.url = hanging.url("/");
      const auto first = co_await client().send(request);
      seen.push_back(code_of(first));
      request.url = url("/");
      const auto second = co_await client().send(request);
      seen.push_back(code_of(second));
    });
  }
  std::chrono::steady_clock::duration took{};
  run([&]() -> async::Task<> {
    const bool connected = co_await testing::eventually([&] { return hanging.connections() == 3; });
    EXPECT_TRUE(connected);
    const auto before = std::chrono::steady_clock::now();
    group.cancel();
    co_await group.join();
    took = std::chrono::steady_clock::now() - before;
  }());
  EXPECT_EQ(seen, std::vector<ErrorCode>(6, ErrorCode::kCancelled));
  EXPECT_LT(took, 2s);  // the request's timeout is 20 s
  EXPECT_TRUE(get(url("/again")));
}

TEST_F(HttpClient, RunsFiftyRequestsAtOnceOverAFewConnections) {
  int waiting = 0;
  int most = 0;
  Router router;
  router.set_fallback([&](ServerRequest request) -> async::Task<ServerResponse> {
    most = std::max(most, ++waiting);
    (void)co_await async::sleep_for(5ms);
    --waiting;
    co_return text_response(200, "text/plain", request.target);
  });
  start(std::move(router));
  client_options_.max_connections_per_host = 8;
  async::TaskGroup group(io_.get_executor());
  int right = 0;
  for (int i = 0; i < 50; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      Request request;
      request.url = url("/" + std::to_string(i));
      const auto response = co_await client().send(request);
      if (response && response->body == "/" + std::to_string(i)) ++right;
    });
  }
  run(group.join());
  EXPECT_EQ(right, 50);
  EXPECT_EQ(most, 8);
}

TEST_F(HttpClient, MayGoWhileItsConnectionsAreOpen) {
  start(echo());
  EXPECT_TRUE(get(url("/")));
  client_.reset();
  EXPECT_TRUE(get(url("/")));
}

TEST(MakeCurlClient, NeedsAUserAgent) {
  boost::asio::io_context io;
  const auto client = make_curl_client(io.get_executor(), {});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace ghstats::http
