// A report passes through: what is held of it does not grow with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "async/task_group.h"
#include "copilot/report_download.h"
#include "copilot/testing/generated_report.h"
#include "http/testing/compressed.h"
#include "http/testing/server_fixture.h"

#if defined(__has_feature) && (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#define GHSTATS_HAS_SANITIZER_ALLOCATOR
#include <sanitizer/allocator_interface.h>
#else
#include <malloc.h>
#endif

namespace ghstats::copilot {
namespace {

using http::testing::RawPeer;
using http::testing::RawServer;

constexpr std::size_t kMega = 1UL << 20U;
constexpr ReportKind kKind = ReportKind::kOrgUsers28Days;

// Not what is resident: sanitizers keep what was freed.
std::size_t allocated_bytes() {
#ifdef GHSTATS_HAS_SANITIZER_ALLOCATOR
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
}

class ReportDownloadMemory : public http::testing::ServerFixture {
 protected:
  // The most that was held during the download of `block`, sent `times` times as one file, beyond what was before.
  std::size_t growth(const std::string& block, std::size_t times, std::uint64_t lines, const std::string& fields = "") {
    RawServer server(io_, [&](RawPeer& peer) -> async::Task<> {
      co_await peer.read_head();
      co_await peer.send("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(block.size() * times) +
                         "\r\n\r\n");
      for (std::size_t i = 0; i < times; ++i) co_await peer.send(block);
      co_await peer.read_to_end();
    });
    client();
    ReportReader reader(kKind, "acme", {});
    const std::size_t before = allocated_bytes();
    std::size_t most = before;
    bool done = false;
    async::TaskGroup group(io_.get_executor());
    group.spawn([&]() -> async::Task<> {
      while (!done) {
        most = std::max(most, allocated_bytes());
        co_await async::yield();
      }
    });
    run([&]() -> async::Task<> {
      const auto downloaded = co_await download_file(client(), hosts_, server.url("/"), Duration{100'000}, reader);
      done = true;
      co_await group.join();
      EXPECT_TRUE(downloaded) << downloaded.error().error.message;
    }());
    EXPECT_EQ(reader.counts().taken, lines);
    return most - before;
  }

  const ReportHosts hosts_{{}, "http://127.0.0.1"};
};

TEST_F(ReportDownloadMemory, DoesNotGrowWithTheReport) {
  const auto report = testing::generate_report(kKind, 1, testing::Arrays::kTrue, 10, 10);
  const std::size_t times = 24 * kMega / report.body.size();
  EXPECT_LE(growth(report.body, times, report.lines * times), 4 * kMega);
  EXPECT_LE(growth(http::testing::gzip(report.body), times, report.lines * times), 4 * kMega);
}

TEST_F(ReportDownloadMemory, DoesNotGrowWithWhatGzipExpandsTo) {
  std::string lines(80 * kMega, ' ');
  for (std::size_t i = 999; i < lines.size(); i += 1000) lines[i] = '\n';
  EXPECT_LE(growth(http::testing::gzip(lines.substr(0, 16 * kMega)), 1, 0), 4 * kMega);
  // libcurl decodes all that it has read before it pauses.
  EXPECT_LE(growth(http::testing::gzip(lines), 1, 0, "Content-Encoding: gzip\r\n"), 32 * kMega);
}

}  // namespace
}  // namespace ghstats::copilot
