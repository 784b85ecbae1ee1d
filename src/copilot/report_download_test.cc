#include "copilot/report_download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "async/task_group.h"
#include "copilot/testing/generated_report.h"
#include "http/testing/compressed.h"
#include "http/testing/server_fixture.h"
#include "http/testing/tls_server.h"

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;
using http::testing::answering;
using http::testing::answering_once;
using http::testing::gzip;
using http::testing::RawPeer;
using http::testing::RawServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr ReportKind kKind = ReportKind::kOrgUsers28Days;

std::string http_answer(const std::string& head, const std::string& body) {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string redirect_to(const std::string& target) {
  return http_answer("302 Found\r\nLocation: " + target, "moved");
}

// Cheap to read, and small as gzip.
std::string blank_lines(std::size_t bytes) {
  std::string text(bytes, ' ');
  for (std::size_t i = 999; i < bytes; i += 1000) text[i] = '\n';
  return text;
}

class ReportDownload : public http::testing::ServerFixture {
 protected:
  Downloaded download(const std::string& target, ReportReader& reader) {
    return run(download_file(client(), hosts_, target, timeout_, reader));
  }
  DownloadProblem problem(const std::string& target) {
    ReportReader reader(kKind, "acme", {});
    auto downloaded = download(target, reader);
    EXPECT_FALSE(downloaded);
    DownloadProblem out = downloaded ? DownloadProblem{} : downloaded.error();
    EXPECT_THAT(out.error.message, Not(HasSubstr("SECRET")));
    return out;
  }
  // The counters of a file that is whole.
  void expect_read(const std::string& target) {
    ReportReader reader(kKind, "acme", {});
    const auto downloaded = download(target, reader);
    ASSERT_TRUE(downloaded) << downloaded.error().error.message;
    EXPECT_EQ(reader.counts().taken, report_.lines);
    EXPECT_EQ(reader.counts(), (LineCounts{.taken = report_.lines}));
    ASSERT_TRUE(reader.finish());
  }

  const testing::GeneratedReport report_ = testing::generate_report(kKind, 1, testing::Arrays::kTrue, 3, 2);
  ReportHosts hosts_{{}, "http://127.0.0.1"};
  Duration timeout_{20'000};
};

TEST_F(ReportDownload, SendsNoCredentialsToTheHost) {
  RawServer server(io_, answering(http_answer("200 OK", report_.body)));
  expect_read(server.url("/a.ndjson?sig=SECRET"));
  ASSERT_EQ(server.heads().size(), 1U);
  const std::string& head = server.heads()[0];
  EXPECT_THAT(head, ::testing::StartsWith("GET /a.ndjson?sig=SECRET HTTP/1.1\r\n"));
  EXPECT_THAT(head, AllOf(HasSubstr("Accept-Encoding: "), HasSubstr("gzip")));
  for (const char* name : {"uthorization", "ookie", "Referer"}) EXPECT_THAT(head, Not(HasSubstr(name)));
}

TEST_F(ReportDownload, ReadsGzipAsAnEncodingAndAsAFile) {
  const std::string packed = gzip(report_.body);
  RawServer encoded(io_, answering(http_answer("200 OK\r\nContent-Encoding: gzip", packed)));
  expect_read(encoded.url("/"));
  RawServer file(io_, answering(http_answer("200 OK\r\nContent-Type: application/octet-stream", packed)));
  expect_read(file.url("/"));
  RawServer both(io_, answering(http_answer("200 OK\r\nContent-Encoding: gzip", gzip(packed))));
  expect_read(both.url("/"));
}

TEST_F(ReportDownload, ReadsGzipWhereverItIsCut) {
  const std::string packed = gzip(report_.body);
  for (const std::size_t size : {1UL, 2UL, 7UL, 100UL}) {
    for (const char* encoding : {"", "\r\nContent-Encoding: gzip"}) {
      RawServer server(io_, [&](RawPeer& peer) -> async::Task<> {
        co_await peer.read_head();
        co_await peer.send(http_answer("200 OK" + std::string(encoding), packed).substr(0, 60));
        const std::string rest = http_answer("200 OK" + std::string(encoding), packed).substr(60);
        for (std::size_t at = 0; at < rest.size(); at += size) {
          co_await peer.send(rest.substr(at, size));
          co_await async::yield();
        }
        co_await peer.read_to_end();
      });
      expect_read(server.url("/"));
    }
  }
}

TEST_F(ReportDownload, ReadsOverTlsWhoseCertificateIsTrusted) {
  const auto certificates = http::testing::make_certificates();
  const http::testing::TemporaryFile authority(certificates.authority);
  http::testing::TlsServer server(io_, certificates, http_answer("200 OK", report_.body));
  client_options_.ca_file = authority.path();
  expect_read(server.url("/a?sig=SECRET"));
  ASSERT_EQ(server.heads().size(), 1U);
  EXPECT_THAT(server.heads()[0], Not(HasSubstr("uthorization")));
}

TEST_F(ReportDownload, DoesNotReadOverTlsWhoseCertificateIsNot) {
  http::testing::TlsServer server(io_, http::testing::make_certificates(), http_answer("200 OK", report_.body));
  const auto failed = problem(server.url("/a?sig=SECRET"));
  EXPECT_EQ(failed.result, DownloadResult::kFailure);
  EXPECT_THAT(server.heads(), IsEmpty());
}

TEST_F(ReportDownload, AHostThatIsNotListedIsNotAsked) {
  RawServer server(io_, answering(http_answer("200 OK", report_.body)));
  hosts_ = ReportHosts({"*.azurefd.net"}, "https://api.github.com");
  const auto refused = problem(server.url("/a?sig=SECRET"));
  EXPECT_EQ(refused.result, DownloadResult::kRefusedHost);
  EXPECT_EQ(refused.error.code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ReportDownload, FollowsRedirectsToAllowedHosts) {
  RawServer target(io_, answering(http_answer("200 OK", report_.body)));
  RawServer relative(io_, [&](RawPeer& peer) -> async::Task<> {
    const std::string head = co_await peer.read_head();
    const bool is_first = head.starts_with("GET /first?sig=SECRET ");
    co_await peer.send(is_first ? redirect_to("next?sig=SECRET") : redirect_to(target.url("/?sig=SECRET")));
  });
  expect_read(relative.url("/first?sig=SECRET"));
  ASSERT_EQ(relative.heads().size(), 2U);
  EXPECT_THAT(relative.heads()[1], ::testing::StartsWith("GET /next?sig=SECRET "));
  ASSERT_EQ(target.heads().size(), 1U);
  EXPECT_THAT(target.heads()[0], Not(HasSubstr("uthorization")));
}

TEST_F(ReportDownload, DoesNotFollowARedirectToAnybodyElse) {
  for (const char* target :
       {"http://10.0.0.1/?sig=SECRET", "https://evil.example.com/?sig=SECRET", "//evil.example.com/?sig=SECRET",
        "ftp://127.0.0.1/", "file:///etc/passwd", "http://SECRET@127.0.0.1/"}) {
    RawServer server(io_, answering(redirect_to(target)));
    const auto refused = problem(server.url("/?sig=SECRET"));
    EXPECT_EQ(refused.result, DownloadResult::kRefusedHost) << target;
    EXPECT_EQ(refused.error.code, ErrorCode::kPermissionDenied) << target;
    EXPECT_EQ(server.heads().size(), 1U);
  }
}

TEST_F(ReportDownload, RedirectsThatLeadNowhereAreErrors) {
  RawServer loop(io_, answering(redirect_to("/?sig=SECRET")));
  const auto looped = problem(loop.url("/?sig=SECRET"));
  EXPECT_EQ(looped.result, DownloadResult::kFailure);
  EXPECT_EQ(looped.error.code, ErrorCode::kInvalidData);
  EXPECT_EQ(looped.error.message, "more than 5 redirects");
  EXPECT_EQ(loop.heads().size(), 6U);
  for (const char* head : {"302 Found", "307 Temporary\r\nLocation: http://[SECRET", "301 Moved\r\nLocation:"}) {
    RawServer server(io_, answering(http_answer(head, "")));
    const auto lost = problem(server.url("/?sig=SECRET"));
    EXPECT_EQ(lost.error.code, ErrorCode::kInvalidData) << head;
    EXPECT_EQ(lost.result, DownloadResult::kFailure) << head;
  }
}

TEST_F(ReportDownload, StatusesAreToldApart) {
  struct Case {
    const char* head;
    DownloadResult result;
    ErrorCode code;
  };
  for (const Case& c : {Case{"403 Forbidden", DownloadResult::kExpired, ErrorCode::kUnauthenticated},
                        Case{"404 Not Found", DownloadResult::kFailure, ErrorCode::kInvalidData},
                        Case{"206 Partial", DownloadResult::kFailure, ErrorCode::kInvalidData},
                        Case{"204 No Content", DownloadResult::kFailure, ErrorCode::kInvalidData},
                        Case{"429 Too Many", DownloadResult::kFailure, ErrorCode::kUnavailable},
                        Case{"500 Internal", DownloadResult::kFailure, ErrorCode::kUnavailable},
                        Case{"503 Unavailable", DownloadResult::kFailure, ErrorCode::kUnavailable}}) {
    RawServer server(io_, answering(http_answer(c.head, "<Error>Signature SECRET</Error>")));
    const auto failed = problem(server.url("/?sig=SECRET"));
    EXPECT_EQ(failed.result, c.result) << c.head;
    EXPECT_EQ(failed.error.code, c.code) << c.head;
    EXPECT_THAT(failed.error.message, AllOf(HasSubstr("127.0.0.1"), HasSubstr("HTTP " + std::string(c.head, 3))));
  }
}

TEST_F(ReportDownload, ABodyThatIsCutIsAPassingFailureWhereverThatIs) {
  const std::string whole = http_answer("200 OK", report_.body);
  const std::string packed = http_answer("200 OK", gzip(report_.body));
  for (const std::string& answer : {whole, packed}) {
    for (const std::size_t cut : {0UL, 5UL, 30UL, answer.find("\r\n\r\n") + 4, answer.find("\r\n\r\n") + 5,
                                  answer.size() / 2, answer.size() - 1}) {
      RawServer server(io_, answering_once(answer.substr(0, cut)));
      const auto failed = problem(server.url("/?sig=SECRET"));
      EXPECT_EQ(failed.result, DownloadResult::kFailure) << cut;
      EXPECT_EQ(failed.error.code, ErrorCode::kUnavailable) << cut;
    }
  }
}

TEST_F(ReportDownload, DamagedGzipIsInvalidAndNoFailureOfTheHost) {
  const std::string packed = gzip(report_.body);
  std::string flipped = packed;
  flipped[flipped.size() / 2] ^= 0x55;
  for (const std::string& file : {packed.substr(0, packed.size() - 3), flipped, std::string("\x1f\x8b garbage")}) {
    RawServer server(io_, answering(http_answer("200 OK", file)));
    const auto failed = problem(server.url("/?sig=SECRET"));
    EXPECT_EQ(failed.result, DownloadResult::kInvalid);
    EXPECT_EQ(failed.error.code, ErrorCode::kInvalidData);
    EXPECT_THAT(failed.error.message, HasSubstr("the file is no valid gzip"));
  }
  for (const std::string& body : {flipped, std::string("\x1f\x8b garbage that is long enough")}) {
    RawServer server(io_, answering(http_answer("200 OK\r\nContent-Encoding: gzip", body)));
    const auto failed = problem(server.url("/?sig=SECRET"));
    EXPECT_EQ(failed.result, DownloadResult::kInvalid) << failed.error.message;
    EXPECT_EQ(failed.error.code, ErrorCode::kInvalidData);
  }
}

TEST_F(ReportDownload, AnAnswerThatTakesTooLongIsATimeout) {
  RawServer server(io_, [](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    co_await peer.read_to_end();
  });
  timeout_ = Duration{50};
  const auto failed = problem(server.url("/?sig=SECRET"));
  EXPECT_EQ(failed.result, DownloadResult::kFailure);
  EXPECT_EQ(failed.error.code, ErrorCode::kTimeout);
}

TEST_F(ReportDownload, OthersRunBetweenPieces) {
  // A gzip of which one piece expands to a thousand pieces of text, all there at once.
  const std::string bomb = gzip(blank_lines(64UL << 20U));
  RawServer server(io_, answering(http_answer("200 OK", bomb)));
  ReportReader reader(kKind, "acme", {});
  async::TaskGroup group(io_.get_executor());
  std::size_t turns = 0;
  bool done = false;
  group.spawn([&]() -> async::Task<> {
    while (!done) {
      ++turns;
      co_await async::yield();
    }
  });
  const auto downloaded = run([&]() -> async::Task<Downloaded> {
    auto out = co_await download_file(client(), hosts_, server.url("/"), timeout_, reader);
    done = true;
    co_await group.join();
    co_return out;
  }());
  EXPECT_TRUE(downloaded);
  EXPECT_GE(turns, 1024U) << "one for each 64 KiB";
}

TEST_F(ReportDownload, IsCancelledAtOnceAlsoInsideAPiece) {
  const std::string bomb = gzip(blank_lines(64UL << 20U));
  for (const std::string& answer :
       {http_answer("200 OK", bomb), std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")}) {
    RawServer server(io_, answering(answer));
    ReportReader reader(kKind, "acme", {});
    async::TaskGroup group(io_.get_executor());
    std::optional<DownloadProblem> ended;
    group.spawn([&]() -> async::Task<> {
      const auto downloaded = co_await download_file(client(), hosts_, server.url("/"), timeout_, reader);
      if (!downloaded) ended = downloaded.error();
    });
    run([&]() -> async::Task<> {
      const bool asked = co_await http::testing::eventually([&] { return !server.heads().empty(); });
      EXPECT_TRUE(asked);
      for (int i = 0; i < 20; ++i) co_await async::yield();
      group.cancel();
      int turns = 0;
      for (; !ended && turns < 100; ++turns) co_await async::yield();
      EXPECT_LT(turns, 10) << "of a thousand pieces of text";
      co_await group.join();
    }());
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->error.code, ErrorCode::kCancelled);
  }
}

}  // namespace
}  // namespace ghstats::copilot
