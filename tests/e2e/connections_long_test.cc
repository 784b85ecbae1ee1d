// A minute of 2,000 clients that only hold connections open, and one that scrapes every second.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "harness/crowd.h"
#include "harness/exporter.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kScrapes = 60;
constexpr std::size_t kClients = 2000;
// On processors that nothing else runs on the slowest takes less than 50 ms, too (docs/adr/0015).
constexpr Milliseconds kUsual = 50ms;
constexpr Milliseconds kPatience = 1s;

const std::string kRequestLine = "GET /metrics HTTP/1.1\r\nHost: h\r\n";

class ConnectionsForAMinute : public ::testing::Test {
 protected:
  ConnectionsForAMinute() { EXPECT_TRUE(exporter_.complete_cycle("acme")); }

  // Scrapes from the address `from` while a crowd that has sent these reads a byte each and comes again where it was
  // closed, a little more often than once a second, so that it meets each scrape at another moment.
  void expect_answers_beside(const std::vector<std::string>& sent, const std::string& from) {
    const auto used_before = exporter_.process().processor_time();
    std::atomic<std::size_t> came_again = 0;
    Crowd crowd(exporter_.port());
    std::jthread goes_on([&](const std::stop_token& stop) {
      for (const std::string& bytes : sent) crowd.add(kClients / sent.size(), bytes);
      for (auto next = std::chrono::steady_clock::now(); !stop.stop_requested(); next += 950ms) {
        std::this_thread::sleep_until(next);
        came_again += crowd.go_on("");
      }
    });
    std::vector<Milliseconds> took;
    std::size_t bytes = 0;
    for (auto next = std::chrono::steady_clock::now(); took.size() < kScrapes; next += 1s) {
      std::this_thread::sleep_until(next);
      const Scrape answer = scrape(exporter_.port(), from);
      EXPECT_EQ(answer.status, 200) << "scrape " << took.size();
      bytes = answer.bytes;
      took.emplace_back(answer.took);
    }
    goes_on.request_stop();
    goes_on.join();
    std::ranges::sort(took);
    const std::string result = fmt::format(
        "{} bytes; median {:.1f} ms, the slowest {:.1f}, {:.1f} and {:.1f} ms; {} connections came again; the "
        "exporter used {:.1f} s of processor time",
        bytes, took[took.size() / 2].count(), took.end()[-1].count(), took.end()[-2].count(), took.end()[-3].count(),
        came_again.load(), std::chrono::duration<double>(exporter_.process().processor_time() - used_before).count());
    RecordProperty("scrapes", result);
    std::cout << result << '\n';
    EXPECT_LT(took[took.size() / 2], kUsual);
    EXPECT_LT(took.back(), kPatience);
    EXPECT_GT(came_again, kClients / 2) << "there were not more than places";
  }

  TemporaryFolder folder_;
  Simulator simulator_{folder_.path(),
                       {"--org", "acme", "--repos", "50", "--users", "100", "--events", "10000", "--hours", "24",
                        "--no-rate-limit-headers"}};
  Exporter exporter_{folder_.path(), {.config = config_for(simulator_, {"acme"}, "", "", "", "5s")}};
};

TEST_F(ConnectionsForAMinute, IdleAndHalfOpen) {
  expect_answers_beside({"", kRequestLine}, "127.0.0.2");
}

TEST_F(ConnectionsForAMinute, IdleAndHalfOpenFromTheScrapersOwnAddress) {
  expect_answers_beside({"", kRequestLine}, "127.0.0.1");
}

TEST_F(ConnectionsForAMinute, ReadingOneByteASecond) {
  expect_answers_beside({kRequestLine + "\r\n"}, "127.0.0.2");
}

}  // namespace
}  // namespace ghstats::harness
