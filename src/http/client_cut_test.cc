// Answers that end too early, wherever the connection breaks: never a success.
#include <gtest/gtest.h>

#include <string>

#include "http/client.h"
#include "http/testing/compressed.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using testing::gzip;
using testing::RawPeer;
using testing::RawServer;

class HttpClientCut : public testing::ServerFixture {
 protected:
  // Asks a server that sends only the first `cut` bytes of `answer`, then closes (or resets) the connection.
  Result<Response> cut_at(const std::string& answer, std::size_t cut, bool reset) {
    RawServer server(io_, [&answer, cut, reset](RawPeer& peer) -> async::Task<> {
      co_await peer.read_head();
      co_await peer.send(answer.substr(0, cut));
      if (reset) peer.reset();
    });
    return get(server.url("/"));
  }

  // The same read in pieces; what was read, or the error.
  Result<std::string> stream_cut_at(const std::string& answer, std::size_t cut) {
    RawServer server(io_, [&answer, cut](RawPeer& peer) -> async::Task<> {
      co_await peer.read_head();
      co_await peer.send(answer.substr(0, cut));
    });
    return run([](Client& asked, std::string target) -> async::Task<Result<std::string>> {
      Request request;
      request.url = std::move(target);
      auto opened = co_await asked.open(std::move(request));
      if (!opened) co_return fail(opened.error());
      std::string text;
      for (;;) {
        auto piece = co_await opened->body->next();
        if (!piece) co_return fail(piece.error());
        if (!*piece) co_return text;
        text += **piece;
      }
    }(client(), server.url("/")));
  }

  // `dispensable` bytes at the end say nothing: libcurl does not wait for the last line feed behind the chunks.
  void expect_whole_or_nothing(const std::string& answer, const std::string& body, std::size_t dispensable = 0) {
    const auto whole = cut_at(answer, answer.size(), false);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->body, body);
    for (std::size_t cut = 0; cut < answer.size() - dispensable; ++cut) {
      for (const bool reset : {false, true}) {
        const auto response = cut_at(answer, cut, reset);
        ASSERT_FALSE(response) << "cut at " << cut << " of " << answer;
        EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << cut << ": " << response.error().message;
      }
      const auto text = stream_cut_at(answer, cut);
      ASSERT_FALSE(text) << "cut at " << cut << " of " << answer;
      EXPECT_EQ(text.error().code, ErrorCode::kUnavailable) << cut << ": " << text.error().message;
    }
    const auto streamed = stream_cut_at(answer, answer.size());
    ASSERT_TRUE(streamed) << streamed.error().message;
    EXPECT_EQ(*streamed, body);
  }
};

TEST_F(HttpClientCut, InsideHeadOrBodyOfAKnownLengthIsAnError) {
  expect_whole_or_nothing("HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello", "hello");
}

TEST_F(HttpClientCut, InsideTheHeadOfAnAnswerWithoutABodyIsAnError) {
  expect_whole_or_nothing("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", "");
  expect_whole_or_nothing("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "");
}

TEST_F(HttpClientCut, BetweenAnInformationalAnswerAndTheRealOneIsAnError) {
  expect_whole_or_nothing("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz", "z");
}

TEST_F(HttpClientCut, InsideChunksIsAnError) {
  expect_whole_or_nothing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                          "abcde", 1);
}

TEST_F(HttpClientCut, InsideACompressedBodyIsAnError) {
  const std::string packed = gzip("hello, hello, hello");
  expect_whole_or_nothing("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                              std::to_string(packed.size()) + "\r\n\r\n" + packed,
                          "hello, hello, hello");
}

// Nobody could tell a cut from its end.
TEST_F(HttpClientCut, ABodyThatOnlyTheConnectionEndsIsAnError) {
  for (const std::string& answer : {std::string("HTTP/1.1 200 OK\r\n\r\nhello"), std::string("HTTP/1.0 200 OK\r\n\r\n"),
                                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip("hello")}) {
    const auto response = cut_at(answer, answer.size(), false);
    ASSERT_FALSE(response) << answer;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
    const auto text = stream_cut_at(answer, answer.size());
    ASSERT_FALSE(text) << answer;
    EXPECT_EQ(text.error().code, ErrorCode::kUnavailable);
  }
}

TEST_F(HttpClientCut, AnswersThatNeverHaveABodyNeedNoLength) {
  for (const char* head : {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"}) {
    const std::string answer = head;
    EXPECT_TRUE(cut_at(answer, answer.size(), false)) << answer;
  }
  RawServer server(io_, testing::answering_once("HTTP/1.1 200 OK\r\n\r\n"));
  Request request;
  request.method = Method::kHead;
  request.url = server.url("/");
  EXPECT_TRUE(send(request));
}

}  // namespace
}  // namespace ghstats::http
