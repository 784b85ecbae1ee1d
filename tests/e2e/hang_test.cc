// What does not go on: a reader of the log that stops reading, a main thread that stops turning.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <sstream>
#include <thread>

#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/samples.h"
#include "harness/simulator.h"
#include "harness/stopped_thread.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

// A pipe that is full of empty lines from the beginning and that nobody reads until read_on().
class FullPipe {
 public:
  explicit FullPipe(const std::filesystem::path& path) : path_(path) {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo failed");
    reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int writer = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    const std::string lines(4096, '\n');
    while (::write(writer, lines.data(), lines.size()) > 0) {
    }
    ::close(writer);
  }
  ~FullPipe() { ::close(reader_); }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // Everything up to the moment `enough` holds for it.
  template <class Enough>
  std::string read_on(std::chrono::milliseconds limit, Enough enough) const {
    std::string text;
    eventually(limit, [&] {
      std::array<char, 65536> buffer{};
      for (ssize_t n = 0; (n = ::read(reader_, buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(n));
      }
      return enough(text);
    });
    return text;
  }

 private:
  std::filesystem::path path_;
  int reader_ = -1;
};

class Hang : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Process> start(const std::filesystem::path& errors = {}) const {
    std::string config = config_for(simulator, {"acme"});
    const std::string any = "127.0.0.1:0";
    write_file(folder.path() / "c.yaml", config.replace(config.find(any), any.size(), url.substr(7)));
    auto process = std::make_unique<Process>(
        std::vector<std::string>{program("github-stats-exporter"), "--config=" + (folder.path() / "c.yaml").string()},
        std::map<std::string, std::string>{}, Streams{.output = folder.path() / "log", .errors = errors});
    EXPECT_TRUE(eventually(30s, [&] { return cycles() >= 1; })) << process->output();
    return process;
  }

  [[nodiscard]] std::map<std::string, double> samples() const {
    try {
      return parse_page(raw("GET", url + "/metrics").body);
    } catch (const std::runtime_error&) {  // it does not listen yet
      return {};
    }
  }
  [[nodiscard]] double cycles() const {
    return samples()[R"(gh_exporter_scrape_runs_total{org="acme",result="success"})"];
  }
  [[nodiscard]] double dropped() const {
    double sum = -1;
    for (const auto& [name, value] : samples()) {
      if (name.starts_with("gh_exporter_log_lines_dropped_total{replica=")) sum = value;
    }
    return sum;
  }
  [[nodiscard]] int livez() const { return raw("GET", url + "/livez").status; }

  TemporaryFolder folder;
  Simulator simulator{folder.path(),
                      {"--org", "acme", "--repos", "8", "--users", "5", "--events", "80", "--hours", "20"}};
  std::string url = "http://127.0.0.1:" + std::to_string(free_port());
};

TEST_F(Hang, AFullPipeForALogStopsNothing) {
  const FullPipe pipe(folder.path() / "errors");
  const auto exporter = start(pipe.path());
  const double before = cycles();
  ASSERT_TRUE(eventually(30s, [&] { return cycles() >= before + 10; }));
  EXPECT_LT(samples()["gh_exporter_metrics_staleness_seconds"], 5);
  EXPECT_EQ(dropped(), 0) << "there is room for them yet";
  EXPECT_EQ(livez(), 200);

  // It flows again, and nothing is missing, mixed or torn.
  const std::string text =
      pipe.read_on(10s, [](const std::string& read) { return read.find("cycle") != std::string::npos; });
  std::istringstream lines(text.substr(text.find('{'), text.rfind('\n') + 1 - text.find('{')));
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    boost::json::parse(line, error);
    EXPECT_FALSE(error) << line;
    if (first.empty()) first = line;
  }
  EXPECT_TRUE(first.find(R"("msg":"serving")") != std::string::npos) << first;
}

TEST_F(Hang, AFullPipeForALogDoesNotHoldUpTheEnd) {
  const FullPipe pipe(folder.path() / "errors");
  const auto exporter = start(pipe.path());
  const auto begin = std::chrono::steady_clock::now();
  exporter->signal(SIGTERM);
  EXPECT_EQ(exporter->wait(20s), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(Hang, AStuckMainThreadIsSeenAndCannotRefuseToEnd) {
  const auto exporter = start();
  const StoppedMainThread stopped(exporter->pid());
  EXPECT_EQ(livez(), 200);
  EXPECT_TRUE(eventually(45s, [&] { return livez() == 503; }));
  EXPECT_GT(samples()["gh_exporter_metrics_staleness_seconds"], 20)
      << "the page is still served, and says how old it is";

  const auto begin = std::chrono::steady_clock::now();
  exporter->signal(SIGTERM);
  EXPECT_EQ(exporter->wait(20s), 1) << exporter->output();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15500ms);
  EXPECT_TRUE(exporter->output().find(R"("msg":"stopping")") != std::string::npos);
  EXPECT_TRUE(exporter->output().find(R"("msg":"not stopped in time: giving up")") != std::string::npos);
}

TEST_F(Hang, ASecondSignalEndsItAlsoWithAStuckMainThread) {
  const auto exporter = start();
  const StoppedMainThread stopped(exporter->pid());
  exporter->signal(SIGTERM);
  ASSERT_TRUE(eventually(5s, [&] { return exporter->output().find(R"("msg":"stopping")") != std::string::npos; }));
  const auto begin = std::chrono::steady_clock::now();
  exporter->signal(SIGINT);
  EXPECT_EQ(exporter->wait(20s), 1) << exporter->output();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(Hang, AHangupIsToldAndIgnored) {
  const auto exporter = start();
  exporter->signal(SIGHUP);
  EXPECT_TRUE(eventually(5s, [&] { return exporter->output().find("SIGHUP is ignored") != std::string::npos; }));
  const double before = cycles();
  EXPECT_TRUE(eventually(30s, [&] { return cycles() >= before + 2; })) << exporter->output();
  exporter->signal(SIGTERM);
  EXPECT_EQ(exporter->wait(20s), 0) << exporter->output();
}

}  // namespace
}  // namespace ghstats::harness
