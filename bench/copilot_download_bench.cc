// A large Copilot report from a host on loopback to sums: issue 12 allows 64 MB of resident growth for 1 GB.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "async/testing/run.h"
#include "copilot/report_download.h"
#include "copilot/testing/examples.h"
#include "http/testing/compressed.h"
#include "http/testing/raw_peer.h"

namespace ghstats::copilot {
namespace {

constexpr std::size_t kMega = 1UL << 20U;
constexpr std::size_t kReportBytes = 1024 * kMega;
constexpr std::size_t kMaxGrowth = 64 * kMega;

// Of proc(5), in bytes.
std::size_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoul(line.substr(field.size())) * 1024;
  }
  std::abort();
}

// From now on VmHWM is the most since now.
void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

// A thousand users, each in many lines.
std::string block_of_lines() {
  std::string block;
  for (int user = 0; user < 1000; ++user) {
    std::string line(testing::kUsers1DayExample);
    line.replace(line.find("login1"), 6, fmt::format("login{}", user));
    block += line + "\n";
  }
  return block;
}

struct Host {
  std::string block;  // sent again and again
  std::size_t times = 0;

  async::Task<> serve(http::testing::RawPeer& peer) const {
    co_await peer.read_head();
    bool alive = co_await peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", block.size() * times));
    for (std::size_t i = 0; i < times && alive; ++i) alive = co_await peer.send(block);
    co_await peer.read_to_end();
  }
};

void download(benchmark::State& state) {
  const bool gzip = state.range(0) != 0;
  const std::string text = block_of_lines();
  const std::size_t times = kReportBytes / text.size() + 1;
  const Host host{gzip ? http::testing::gzip(text) : text, times};
  boost::asio::io_context io;
  const auto client = http::make_curl_client(
      io.get_executor(), {.user_agent = "ghstats-bench", .ca_file = {}, .proxy = {}, .direct = true});
  const ReportHosts hosts({}, "http://127.0.0.1");
  const http::testing::RawServer server(io, [&host](http::testing::RawPeer& peer) { return host.serve(peer); });

  std::size_t growth = 0;
  for (auto _ : state) {
    const std::size_t before = status_bytes("VmRSS:");
    forget_peak();
    ReportReader reader(ReportKind::kOrgUsers28Days, "acme", {});
    const auto downloaded =
        async::testing::run(io, download_file(**client, hosts, server.url("/report"), Duration{600'000}, reader),
                            std::chrono::seconds{600});
    if (!downloaded || reader.counts().taken != times * 1000 || !reader.finish()) std::abort();
    growth = std::max(growth, status_bytes("VmHWM:") - before);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * times) * state.iterations());
  state.counters["grown_mb"] = static_cast<double>(growth) / kMega;
  if (growth > kMaxGrowth) state.SkipWithError("more than 64 MB of resident growth");
}
BENCHMARK(download)->ArgName("gzip")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace ghstats::copilot
