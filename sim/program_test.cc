// The real program as a child process.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

extern char** environ;

namespace ghstats::sim {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Program : public ::testing::Test {
 protected:
  Program() {
    std::string pattern = std::filesystem::temp_directory_path() / "sim-program-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Program() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  void start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), GHSIM_PATH);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ASSERT_EQ(::posix_spawn(&child_, GHSIM_PATH, nullptr, nullptr, argv.data(), environ), 0);
  }
  // 0 when the file does not come.
  std::uint16_t port() const {
    const auto deadline = SteadyClock::now() + std::chrono::seconds{30};
    std::uint16_t port = 0;
    while (port == 0 && SteadyClock::now() < deadline) {
      std::ifstream(folder_ + "/port") >> port;
      std::this_thread::yield();
    }
    return port;
  }
  static std::string answer_of(std::uint16_t to, const std::string& head) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), to});
    boost::asio::write(socket, boost::asio::buffer(head + "Connection: close\r\n\r\n"));
    std::string answer;
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
    return answer;
  }
  int wait_for_end() {
    int state = 0;
    ::waitpid(std::exchange(child_, 0), &state, 0);
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
  }

  std::string folder_;
  pid_t child_ = 0;
};

TEST_F(Program, ServesUntilItIsTerminatedAndStopsWithinASecond) {
  start({"--port-file", folder_ + "/port", "--repos", "20", "--users", "10", "--events", "100", "--token", "pat"});
  const auto listening = port();
  ASSERT_NE(listening, 0);
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);  // kept open over the stop
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), listening});
  const std::string request =
      "GET /orgs/sim-org/repos HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\nAuthorization: Bearer pat\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string answer(15, '\0');
  boost::asio::read(socket, boost::asio::buffer(answer));
  EXPECT_EQ(answer, "HTTP/1.1 200 OK");
  const auto before = SteadyClock::now();
  ASSERT_EQ(::kill(child_, SIGTERM), 0);
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_LT(SteadyClock::now() - before, std::chrono::seconds{1});
}

TEST_F(Program, ServesCopilotReportsOnAPortOfTheirOwn) {
  start({"--port-file", folder_ + "/port", "--copilot-users", "2", "--token", "pat"});
  const auto listening = port();
  ASSERT_NE(listening, 0);
  const auto links = answer_of(listening,
                               "GET /orgs/sim-org/copilot/metrics/reports/users-28-day/latest HTTP/1.1\r\n"
                               "Host: localhost:80\r\nUser-Agent: t\r\nAuthorization: Bearer pat\r\n");
  const std::string host = "[\"http://localhost:";
  const auto begin = links.find(host);
  ASSERT_NE(begin, std::string::npos) << links;
  const auto path = links.find('/', begin + host.size());
  const auto reports = static_cast<std::uint16_t>(std::stoi(links.substr(begin + host.size())));
  EXPECT_NE(reports, listening);
  const auto report = answer_of(reports, "GET " + links.substr(path, links.find('"', path) - path) + " HTTP/1.1\r\n");
  EXPECT_TRUE(report.starts_with("HTTP/1.1 200 OK\r\n")) << report;
  EXPECT_NE(report.find("\"user_login\":\"dev-2\""), std::string::npos);
  ASSERT_EQ(::kill(child_, SIGTERM), 0);
  EXPECT_EQ(wait_for_end(), 0);
}

TEST_F(Program, RefusesUnusableOptions) {
  start({"--start", "tomorrow"});
  EXPECT_EQ(wait_for_end(), 2);
  start({"--repos", "5"});
  EXPECT_EQ(wait_for_end(), 2);
  start({"--app-public-key", folder_ + "/missing.pem"});
  EXPECT_EQ(wait_for_end(), 2);
  start({"--reports-listen", "everywhere"});
  EXPECT_EQ(wait_for_end(), 2);
}

}  // namespace
}  // namespace ghstats::sim
