// The report host on the wire.
#include "sim/copilot/report_host.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "async/testing/run.h"
#include "http/testing/raw_peer.h"
#include "sim/copilot/testing/report_lines.h"

namespace ghstats::sim::copilot {
namespace {

using ::testing::HasSubstr;
using testing::kAcme;
using testing::records_of;
namespace raw = http::testing;

// The body of a chunked message, and whether it came to its end.
struct Body {
  std::string text;
  bool whole = false;
};

Body dechunked(std::string_view message) {
  Body body;
  message.remove_prefix(message.find("\r\n\r\n") + 4);
  for (;;) {
    std::size_t size = 0;
    const auto [rest, error] = std::from_chars(message.data(), message.data() + message.size(), size, 16);
    if (error != std::errc{}) return body;
    message.remove_prefix(static_cast<std::size_t>(rest - message.data()) + 2);
    body.whole = size == 0;
    if (size == 0) return body;
    body.text += message.substr(0, size);
    if (message.size() < size + 2) return body;
    message.remove_prefix(size + 2);
  }
}

class CopilotHost : public ::testing::Test {
 protected:
  void TearDown() override { async::testing::run(io_, host_->stop()); }

  std::string target_of(ReportSetup setup) {
    ReportFile file{
        .subscription = &reports_.set_up(kAcme, std::move(setup)), .report = testing::users_28(), .end = testing::kEnd};
    const auto link = reports_.links(file, "http://127.0.0.1:80", clock_.now()).at(0);
    const auto host = "http://127.0.0.1:" + std::to_string(host_->port());
    EXPECT_TRUE(link.starts_with(host + '/')) << link;
    return link.substr(host.size());
  }
  static std::string head(const std::string& target, const std::string& more) {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more + "\r\n";
  }
  std::string fetch(const std::string& target, const std::string& more = "Connection: close\r\n") {
    const auto client = [&]() -> async::Task<std::string> {
      auto peer = co_await raw::connect(host_->port());
      const bool sent = co_await peer.send(head(target, more));
      EXPECT_TRUE(sent);
      auto answer = co_await peer.read_to_end();
      co_return answer;
    };
    return async::testing::run(io_, client());
  }

  boost::asio::io_context io_;
  Reports reports_;
  SystemClock clock_;
  std::unique_ptr<ReportHost> host_ = ReportHost::listen(io_.get_executor(), "127.0.0.1:0", reports_, clock_).value();
};

TEST_F(CopilotHost, SendsFilesInChunksWithNothingOfTheApi) {
  const auto answer = fetch(target_of({.users = 60}));
  EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  const auto head = answer.substr(0, answer.find("\r\n\r\n"));
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(head, ::testing::Not(HasSubstr("ratelimit")));
  const auto body = dechunked(answer);
  EXPECT_TRUE(body.whole);
  EXPECT_EQ(records_of(body.text).size(), 60U * 28);
  EXPECT_EQ(reports_.tally().bytes_sent, static_cast<std::int64_t>(body.text.size()));
}

TEST_F(CopilotHost, SeesAnAuthorizationHowever) {
  const auto answer = fetch(target_of({.users = 1}), "AUTHORIZATION: Basic eDp5\r\nConnection: close\r\n");
  EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(dechunked(answer).text, HasSubstr("InvalidAuthenticationInfo"));
}

TEST_F(CopilotHost, ServesOneDownloadAfterTheOther) {
  const auto target = target_of({.users = 1, .days = 1});
  const auto client = [&]() -> async::Task<std::string> {
    auto peer = co_await raw::connect(host_->port());
    const bool sent = co_await peer.send(head(target, "") + head(target, "Connection: close\r\n"));
    EXPECT_TRUE(sent);
    auto answers = co_await peer.read_to_end();
    co_return answers;
  };
  const auto answers = async::testing::run(io_, client());
  EXPECT_EQ(reports_.tally().statuses[200], 2);
  const auto second = answers.find("HTTP/1.1 200 OK", 1);
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(dechunked(answers.substr(0, second)).text, dechunked(answers.substr(second)).text);
}

TEST_F(CopilotHost, BreaksOffWithinAChunk) {
  for (const std::int64_t bytes : {0L, 1L, 100'000L, 262'144L, 700'000L}) {
    const auto target = target_of({.users = 20});
    const auto whole = dechunked(fetch(target));
    ASSERT_GT(static_cast<std::int64_t>(whole.text.size()), bytes);
    reports_.find(OwnerKind::kOrganization, "acme")->faults = {{.truncate_after = bytes}};
    const auto cut = dechunked(fetch(target, ""));
    EXPECT_FALSE(cut.whole);
    EXPECT_EQ(cut.text, whole.text.substr(0, static_cast<std::size_t>(bytes)));
    reports_.find(OwnerKind::kOrganization, "acme")->faults.clear();
  }
}

TEST_F(CopilotHost, SendsAFileThatIsShorterThanItsFaultWhole) {
  const auto target = target_of({.users = 1, .days = 1});
  reports_.find(OwnerKind::kOrganization, "acme")->faults = {{.truncate_after = 10'000'000}};
  EXPECT_TRUE(dechunked(fetch(target)).whole);
}

TEST_F(CopilotHost, SendsEmptyFiles) {
  const auto body = dechunked(fetch(target_of({.users = 0})));
  EXPECT_TRUE(body.whole);
  EXPECT_EQ(body.text, "");
}

TEST_F(CopilotHost, TakesNoMemoryForLargeFiles) {
  const auto target = target_of({.users = 100, .total_bytes = 200'000'000});
  const auto peak_kilobytes = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto client = [&]() -> async::Task<std::size_t> {
    constexpr auto kUse = boost::asio::as_tuple(boost::asio::use_awaitable);
    boost::asio::ip::tcp::socket socket(io_);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), host_->port()});
    co_await boost::asio::async_write(socket, boost::asio::buffer(head(target, "Connection: close\r\n")), kUse);
    std::string piece(1UL << 20U, '\0');
    std::size_t bytes = 0;
    for (bool open = true; open;) {
      const auto [error, got] = co_await socket.async_read_some(boost::asio::buffer(piece), kUse);
      bytes += got;
      open = !error;
    }
    co_return bytes;
  };
  const auto before = peak_kilobytes();
  EXPECT_GT(async::testing::run(io_, client()), 190'000'000U);
  EXPECT_LT(peak_kilobytes() - before, 16'000);
}

TEST_F(CopilotHost, StopsInTheMiddleOfADownload) {
  const auto target = target_of({.users = 10, .padding_bytes = 100'000'000});
  const auto client = [&]() -> async::Task<std::string> {
    auto peer = co_await raw::connect(host_->port());
    const bool sent = co_await peer.send(head(target, ""));
    EXPECT_TRUE(sent);
    const auto begun = co_await peer.read_bytes(1000);
    EXPECT_EQ(begun.size(), 1000U);
    co_await host_->stop();
    const auto rest = co_await peer.read_to_end();
    co_return rest;
  };
  EXPECT_LT(async::testing::run(io_, client()).size(), 100'000'000U);
}

}  // namespace
}  // namespace ghstats::sim::copilot
