// A minute of 2,000 clients that only hold connections open, and one that scrapes every second.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
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
using Seconds = std::chrono::duration<double>;

constexpr int kScrapes = 60;
constexpr std::size_t kClients = 2000;

class ConnectionsForAMinute : public ::testing::Test {
 protected:
  // Those that were closed come again every second. Returns how many did.
  std::size_t scrape_every_second(Crowd& crowd, const std::string& crowd_sends, const std::string& from) {
    std::vector<Seconds> took;
    std::size_t closed = 0;
    for (int i = 0; i < kScrapes; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const Scrape answer = scrape(exporter_.port(), from);
      EXPECT_EQ(answer.status, 200) << "scrape " << i;
      took.push_back(answer.took);
      closed += crowd.go_on(crowd_sends);
      std::this_thread::sleep_until(begin + 1s);
    }
    std::ranges::sort(took);
    const std::string result = fmt::format("median {:.1f} ms, p99 {:.1f} ms, {} connections came again",
                                           took[took.size() / 2].count() * 1e3, took.back().count() * 1e3, closed);
    RecordProperty(from, result);
    std::cout << from << ": " << result << '\n';
    EXPECT_LT(took.back(), 5s) << "a busy machine's patience; 50 ms is what a quiet one needs";
    return closed;
  }

  TemporaryFolder folder_;
  Simulator simulator_{folder_.path(),
                       {"--org", "acme", "--repos", "50", "--users", "100", "--events", "10000", "--hours", "24",
                        "--no-rate-limit-headers"}};
  Exporter exporter_{folder_.path(), {.config = config_for(simulator_, {"acme"}, "", "", "", "5s")}};
};

TEST_F(ConnectionsForAMinute, IdleAndHalfOpen) {
  ASSERT_TRUE(exporter_.complete_cycle("acme"));
  Crowd crowd(exporter_.port());
  crowd.add(kClients / 2, "");
  crowd.add(kClients / 2, "GET /metrics HTTP/1.1\r\nHost: h\r\n");
  EXPECT_GT(scrape_every_second(crowd, "", "127.0.0.2"), kClients / 2) << "there were not more than places";
}

TEST_F(ConnectionsForAMinute, IdleAndHalfOpenFromTheScrapersOwnAddress) {
  ASSERT_TRUE(exporter_.complete_cycle("acme"));
  Crowd crowd(exporter_.port());
  crowd.add(kClients / 2, "");
  crowd.add(kClients / 2, "GET /metrics HTTP/1.1\r\nHost: h\r\n");
  EXPECT_GT(scrape_every_second(crowd, "", "127.0.0.1"), kClients / 2) << "there were not more than places";
}

TEST_F(ConnectionsForAMinute, ReadingOneByteASecond) {
  ASSERT_TRUE(exporter_.complete_cycle("acme"));
  Crowd crowd(exporter_.port());
  crowd.add(kClients, "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  // Who was closed does not see it before the bytes that the kernel holds for him are read.
  (void)scrape_every_second(crowd, "", "127.0.0.2");
}

}  // namespace
}  // namespace ghstats::harness
