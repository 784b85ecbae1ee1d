// Clients that only hold connections open, and a process that may open few files: every scrape is answered.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <iterator>
#include <memory>

#include "harness/crowd.h"
#include "harness/exporter.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

// Lowers how many files this process, and what it starts meanwhile, may open.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{count, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

std::size_t open_files(pid_t pid) {
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

class Connections : public ::testing::Test {
 protected:
  std::unique_ptr<Exporter> start() {
    return std::make_unique<Exporter>(folder_.path(),
                                      Exporter::Options{.config = config_for(simulator_, {"acme"}, "", "", "", "1s")});
  }

  // Ten scrapes from an address of their own, and ten from that of the crowd.
  static void expect_answers(std::uint16_t port) {
    for (const char* from : {"127.0.0.2", "127.0.0.1"}) {
      for (int i = 0; i < 10; ++i) EXPECT_EQ(scrape(port, from).status, 200) << from << ", " << i;
    }
  }

  TemporaryFolder folder_;
  Simulator simulator_{folder_.path(), {"--org", "acme", "--repos", "5", "--users", "5", "--events", "50"}};
};

TEST_F(Connections, AThousandIdleAndHalfOpenOnesKeepNobodyFromScraping) {
  const auto exporter = start();
  Crowd crowd(exporter->port());
  crowd.add(500, "");
  crowd.add(500, "GET /metrics HTTP/1.1\r\nHost: h\r\n");
  expect_answers(exporter->port());
  EXPECT_TRUE(exporter->complete_cycle("acme"));
}

TEST_F(Connections, WithSixtyFourDescriptorsAHundredIdleOnesStarveNobody) {
  std::unique_ptr<Exporter> exporter;
  {
    const FewDescriptors few(64);
    exporter = start();
  }
  Crowd crowd(exporter->port());
  crowd.add(100, "");
  expect_answers(exporter->port());
  EXPECT_TRUE(exporter->complete_cycle("acme")) << "its own sockets have room";
}

TEST_F(Connections, WhenDescriptorsRunOutTheLongestIdleGivesWay) {
  const auto exporter = start();
  ASSERT_TRUE(exporter->complete_cycle("acme"));
  // Room for ten connections; the server, which has counted at its start, believes in hundreds.
  const rlimit little{open_files(exporter->process().pid()) + 10, 4096};
  ASSERT_EQ(prlimit(exporter->process().pid(), RLIMIT_NOFILE, &little, nullptr), 0);
  Crowd crowd(exporter->port());
  crowd.add(100, "");
  expect_answers(exporter->port());
  EXPECT_TRUE(exporter->process().running());
}

}  // namespace
}  // namespace ghstats::harness
