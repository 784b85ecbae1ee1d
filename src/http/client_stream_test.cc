// Bodies that are read in pieces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "async/task_group.h"
#include "http/client.h"
#include "http/testing/compressed.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using testing::answering;
using testing::gzip;
using ::testing::HasSubstr;
using testing::RawPeer;
using testing::RawServer;

constexpr std::size_t kMega = 1UL << 20U;
// What the buffers of both sockets may hold beside our own.
constexpr std::size_t kSocketBytes = 16 * kMega;

class HttpClientStream : public testing::ServerFixture {
 protected:
  Result<StreamedResponse> open(Request request) { return run(client().open(std::move(request))); }
  Result<StreamedResponse> open(const std::string& target) {
    Request request;
    request.url = target;
    return open(std::move(request));
  }
  Result<std::optional<std::string>> next(StreamedResponse& response) { return run(response.body->next()); }

  // All that is left, or the error.
  Result<std::string> rest(StreamedResponse& response) {
    std::string text;
    for (;;) {
      auto piece = next(response);
      if (!piece) return fail(piece.error());
      if (!*piece) return text;
      EXPECT_FALSE((*piece)->empty());
      text += **piece;
    }
  }

  // Sends a head and then `total` bytes as fast as they are taken; `sent_` counts.
  RawServer::Script sending(std::size_t total) {
    return [this, total](RawPeer& peer) -> async::Task<> {
      co_await peer.read_head();
      bool alive = co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(total) + "\r\n\r\n");
      const std::string block(64UL << 10U, 'x');
      for (std::size_t left = total; left > 0 && alive; left -= std::min(left, block.size())) {
        alive = co_await peer.send(block.substr(0, std::min(left, block.size())));
        sent_ += block.size();
      }
      gone_ = !alive;
      co_await peer.read_to_end();
      closed_ = true;
    };
  }

  std::size_t sent_ = 0;
  bool gone_ = false;    // the client ended it
  bool closed_ = false;  // the connection ended
};

TEST_F(HttpClientStream, HandsOverHeadAndThenPieces) {
  RawServer server(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    co_await peer.send("HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 6\r\n\r\n");
    (void)co_await async::sleep_for(20ms);
    co_await peer.send("abc");
    (void)co_await async::sleep_for(20ms);
    co_await peer.send("def");
    co_await peer.read_to_end();
  });
  auto response = open(server.url("/a?b"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.get("X-A"), "b");
  EXPECT_EQ(response->url, server.url("/a?b"));
  EXPECT_EQ(rest(*response).value(), "abcdef");
  const auto again = next(*response);
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again) << "the end is the end";
}

TEST_F(HttpClientStream, AnAnswerWithoutABodyEndsAtOnce) {
  RawServer server(io_, answering("HTTP/1.1 204 No Content\r\n\r\n"));
  auto response = open(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(rest(*response).value(), "");
}

TEST_F(HttpClientStream, TheSenderWaitsForTheReader) {
  constexpr std::size_t kTotal = 64 * kMega;
  RawServer server(io_, sending(kTotal));
  auto response = open(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  std::size_t read = 0;
  for (;;) {
    // The server gets all the time it wants now and then.
    if (read % (8 * kMega) < BodyReader::kBufferedBytes) run(async::sleep_for(20ms));
    EXPECT_LE(sent_, read + kSocketBytes);
    const auto piece = next(*response);
    ASSERT_TRUE(piece) << piece.error().message;
    if (!*piece) break;
    EXPECT_LE((*piece)->size(), BodyReader::kBufferedBytes + 64 * 1024);
    read += (*piece)->size();
  }
  EXPECT_EQ(read, kTotal);
}

TEST_F(HttpClientStream, APausedBodyHoldsUpNobodyElse) {
  RawServer server(io_, sending(64 * kMega));
  auto response = open(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  RawServer other(io_, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(get(other.url("/")));
}

TEST_F(HttpClientStream, DecodesAndLimitsWhatIsDecoded) {
  const std::string text = std::string(3 * kMega, 'x') + "end";
  const std::string packed = gzip(text);
  RawServer server(io_, answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                                  std::to_string(packed.size()) + "\r\n\r\n" + packed));
  Request request;
  request.url = server.url("/");
  request.max_body_bytes = text.size();
  auto whole = open(request);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(rest(*whole).value(), text);
  request.max_body_bytes = text.size() - 1;
  auto large = open(request);
  ASSERT_TRUE(large) << large.error().message;
  const auto ended = rest(*large);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(ended.error().message, HasSubstr("GET " + server.url("/") + ": "));
  EXPECT_EQ(next(*large).error().code, ErrorCode::kTooLarge) << "again";
}

TEST_F(HttpClientStream, OneDeadlineForAllPieces) {
  RawServer server(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    bool alive = co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (alive) {
      alive = co_await peer.send("x");
      (void)co_await async::sleep_for(10ms);
    }
  });
  Request request;
  request.url = server.url("/p?secret=1");
  request.timeout = 200ms;
  auto response = open(request);
  ASSERT_TRUE(response) << response.error().message;
  const auto ended = rest(*response);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(ended.error().message, "GET " + server.url("/p") + ": timeout");
}

TEST_F(HttpClientStream, TheTimeBetweenCallsCounts) {
  RawServer server(io_, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  Request request;
  request.url = server.url("/");
  request.timeout = 100ms;
  auto response = open(request);
  ASSERT_TRUE(response) << response.error().message;
  run(async::sleep_for(110ms));
  EXPECT_EQ(next(*response).error().code, ErrorCode::kTimeout);
}

TEST_F(HttpClientStream, CancellingEndsTheTransfer) {
  RawServer server(io_, [this](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    co_await peer.read_to_end();
    closed_ = true;
  });
  auto response = open(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(next(*response).value(), "abc");
  async::TaskGroup group(io_.get_executor());
  std::optional<Error> error;
  group.spawn([&]() -> async::Task<> {
    const auto piece = co_await response->body->next();
    if (!piece) error = piece.error();
  });
  run([&]() -> async::Task<> {
    co_await async::yield();
    group.cancel();
    co_await group.join();
    // Though the reader is still held.
    const bool ended = co_await testing::eventually([&] { return closed_; });
    EXPECT_TRUE(ended);
  }());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kCancelled);
  EXPECT_EQ(next(*response).error().code, ErrorCode::kCancelled);
}

TEST_F(HttpClientStream, LettingGoOfTheReaderEndsTheTransfer) {
  RawServer server(io_, sending(64 * kMega));
  auto response = open(server.url("/"));
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_TRUE(next(*response));
  response->body.reset();
  EXPECT_TRUE(run(testing::eventually([&] { return closed_; })));
  EXPECT_TRUE(gone_);
}

TEST_F(HttpClientStream, FollowsRedirectsByTheSameRulesAndKeepsCredentialsAtTheirOrigin) {
  RawServer target(io_, answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere"));
  RawServer first(io_, answering("HTTP/1.1 302 Found\r\nLocation: " + target.url("/signed") +
                                 "\r\nContent-Length: 5\r\n\r\nmoved"));
  Request request;
  request.url = first.url("/");
  request.credentials = BoundHeaders{*origin_of(first.url("/")), {{"Authorization", "Bearer secret"}}};
  request.max_redirects = 1;
  EXPECT_EQ(open(request).error().code, ErrorCode::kInvalidData) << "it leaves the origin";
  request.redirects_stay_on_origin = false;
  auto response = open(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->url, target.url("/signed"));
  EXPECT_EQ(rest(*response).value(), "there");
  EXPECT_THAT(first.heads().back(), HasSubstr("Authorization: Bearer secret"));
  EXPECT_THAT(target.heads().back(), ::testing::Not(HasSubstr("uthorization")));
}

TEST_F(HttpClientStream, SendsABodyAndReadsErrorsOfTheBeginning) {
  Router router;
  router.set_fallback([](ServerRequest request) -> async::Task<ServerResponse> {
    co_return text_response(201, "text/plain", request.method + " " + request.body);
  });
  start(std::move(router));
  Request request;
  request.method = Method::kPost;
  request.url = url("/");
  request.body = std::string(kMega, 'b');
  auto response = open(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(rest(*response).value(), "POST " + request.body);
  RawServer silent(io_, testing::answering_once(""));
  EXPECT_EQ(open(silent.url("/")).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(open("ftp://h/").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace ghstats::http
