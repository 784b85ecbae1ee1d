// One reading of the bytes only: what could be read as another request by somebody else is refused (RFC 9112).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/server.h"
#include "http/testing/server_fixture.h"

namespace ghstats::http {
namespace {

using namespace std::string_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Stands where a body could be; answered only by a server that reads it as a request of its own.
const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

class HttpServerFraming : public testing::ServerFixture {
 protected:
  HttpServerFraming() {
    Router router;
    router.set_fallback([this](ServerRequest request) -> async::Task<ServerResponse> {
      asked_.push_back(request.method + " " + request.path);
      std::string text = request.body;
      for (const Header& field : request.headers.fields()) text += "|" + field.name + "=" + field.value;
      co_return text_response(200, "text/plain", text);
    });
    start(std::move(router));
  }

  std::string exchange(std::string bytes) {
    asked_.clear();
    return run([](std::uint16_t port, std::string request) -> async::Task<std::string> {
      auto peer = co_await testing::connect(port);
      co_await peer.send(std::move(request));
      co_return co_await peer.read_to_end();
    }(server_->port(), std::move(bytes)));
  }

  void expect_refused(int status, const std::string& bytes) {
    const auto answer = exchange(bytes);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(status) + " ")) << bytes;
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n")) << bytes;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "answered twice: " << bytes;
    EXPECT_THAT(asked_, ::testing::IsEmpty()) << bytes;
  }

  std::vector<std::string> asked_;
};

std::string post(const std::string& fields, const std::string& body, const std::string& version = "1.1") {
  return "POST / HTTP/" + version + "\r\nHost: h\r\n" + fields + "\r\n" + body;
}

TEST_F(HttpServerFraming, UnknownTransferCodingsAre501AndNothingBehindThemIsARequest) {
  for (const char* coding :
       {"gzip", "gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunked;q=1", "\"chunked\""}) {
    expect_refused(501, post("Transfer-Encoding: " + std::string(coding) + "\r\n", kSmuggled));
  }
}

TEST_F(HttpServerFraming, TwoWaysToTellWhereABodyEndsAre400) {
  const std::string chunked = "0\r\n\r\n" + kSmuggled;
  for (const char* fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                             "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n",
                             "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
                             "Transfer-Encoding: chunked, chunked\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding:\r\n",
                             "Transfer-Encoding : chunked\r\n",
                             "Transfer-Encoding:\r\n chunked\r\n",
                             "Transfer-Encoding: \vchunked\r\n",
                             "Content-Length: 5\r\nContent-Length: 6\r\n",
                             "Content-Length: 5\r\nContent-Length: 5\r\n",
                             "Content-Length: 5, 5\r\n",
                             "Content-Length: +5\r\n",
                             "Content-Length: -1\r\n",
                             "Content-Length: 0x5\r\n",
                             "Content-Length: 5 5\r\n",
                             "Content-Length:\r\n",
                             "Content-Length: 99999999999999999999999\r\n",
                             "Content-Length\r\n : 5\r\n",
                             " Content-Length: 5\r\n"}) {
    expect_refused(400, post(fields, chunked));
  }
  expect_refused(400, post("Transfer-Encoding: chunked\r\n", chunked, "1.0"));
}

TEST_F(HttpServerFraming, LinesThatAnotherReaderCouldCutElsewhereAre400) {
  for (const char* head :
       {"GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX\x01: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: \x7f\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX y: z\r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / http/1.1\r\nHost: h\r\n\r\n",
        "\n\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    expect_refused(400, head + kSmuggled);
  }
  expect_refused(400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s + kSmuggled);
}

TEST_F(HttpServerFraming, AHostMustBeOneHost) {
  for (const char* host :
       {"a b", "a, b", "a\tb", "h/x", "u@h", "h?x", "h#x", "h:8x", "[::1", "::1]", "[]", "<h>", "\"h\""}) {
    expect_refused(400, "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n" + kSmuggled);
    expect_refused(400, "GET / HTTP/1.0\r\nHost: " + std::string(host) + "\r\n\r\n" + kSmuggled);
  }
  expect_refused(400, "GET / HTTP/1.1\r\n\r\n" + kSmuggled);
  expect_refused(400, "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n" + kSmuggled);
  for (const char* host :
       {"", "h", "h:", "h:8080", "  h.example  ", "127.0.0.1:1", "[::1]", "[fe80::1%25eth0]:80", "a_b"}) {
    const auto answer = exchange("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 ")) << host;
  }
}

TEST_F(HttpServerFraming, ChunksThatAreNoneAre400) {
  for (const char* body :
       {"5\nhello\n0\n\n", "5\r\nhelloX\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n", "fffffffffffffffff\r\nx", "\r\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n",
        "0\r\nContent-Length: 5\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    expect_refused(400, post("Transfer-Encoding: chunked\r\n", body + kSmuggled));
  }
}

TEST_F(HttpServerFraming, FieldsBehindTheLastChunkAreNotThoseOfTheHead) {
  const auto answer = exchange(post("Transfer-Encoding: Chunked\r\nConnection: close\r\n",
                                    "2;x=y\r\nhi\r\n0\r\nHost: other\r\nAuthorization: Bearer x\r\n\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhi|Host=h|Transfer-Encoding=Chunked|Connection=close"));
}

TEST_F(HttpServerFraming, MethodsAreCaseSensitiveAndEmptyLinesBeforeARequestAreSkipped) {
  exchange("get /a HTTP/1.1\r\nHost: h\r\n\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(asked_, ::testing::ElementsAre("get /a", "GET /b"));
}

}  // namespace
}  // namespace ghstats::http
