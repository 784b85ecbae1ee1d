#include "amqp/testing/rabbitmq_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

#include "net/testing/certificates.h"

namespace ghstats::amqp::testing {

using namespace std::chrono_literals;
namespace ntest = net::testing;

namespace {

constexpr auto kPatience = 180s;  // of a machine that is busy with other things: it mostly takes five
constexpr auto kBetween = 10ms;
constexpr const char* kReady = "Server startup complete";

// Debian's /usr/sbin/rabbitmq-server is a wrapper that becomes the user rabbitmq, so the script behind it is wanted.
std::optional<std::filesystem::path> find_script(const std::string& name) {
  std::filesystem::path installed = "/usr/lib/rabbitmq/bin/" + name;
  if (access(installed.c_str(), X_OK) == 0) return installed;
  auto found = ntest::find_program(name);
  if (found && found->parent_path() == "/usr/sbin") return std::nullopt;
  return found;
}

int count(const std::string& text, const std::string& wanted) {
  int times = 0;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + wanted.size())) ++times;
  return times;
}

}  // namespace

bool rabbitmq_is_installed() {
  return find_script("rabbitmq-server") && ntest::find_program("erl") && ntest::find_program("epmd");
}

RabbitmqServer& RabbitmqServer::shared() {
  static RabbitmqServer server;
  return server;
}

RabbitmqServer::RabbitmqServer(std::vector<std::string> config) : config_(std::move(config)) {
  const auto certificates = ntest::make_certificates();
  ntest::write_file(folder_.path() / "ca.pem", certificates.authority);
  ntest::write_file(folder_.path() / "server.pem", certificates.server);
  ntest::write_file(folder_.path() / "key.pem", certificates.server_key);
  ntest::write_file(folder_.path() / "enabled_plugins", "[].\n");
  for (const char* name : {"home", "data", "log"}) std::filesystem::create_directory(folder_.path() / name);
  for (int attempt = 1;; ++attempt) {
    choose_ports();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      // Somebody else was faster with a port.
      constexpr int kAttempts = 3;
      if (attempt == kAttempts || log().find("eaddrinuse") == std::string::npos) throw;
      process_.reset();
    }
  }
}

RabbitmqServer::~RabbitmqServer() = default;

void RabbitmqServer::choose_ports() {
  port_ = ntest::free_port();
  tls_port_ = ntest::free_port();
  erlang_port_ = ntest::free_port();
  epmd_port_ = ntest::free_port();
  const std::string folder = folder_.path().string();
  std::string text = fmt::format(
      "listeners.tcp.1 = 127.0.0.1:{}\n"
      "listeners.ssl.1 = 127.0.0.1:{}\n"
      "ssl_options.cacertfile = {}/ca.pem\n"
      "ssl_options.certfile = {}/server.pem\n"
      "ssl_options.keyfile = {}/key.pem\n"
      "ssl_options.verify = verify_none\n"
      "ssl_options.fail_if_no_peer_cert = false\n"
      "log.file = false\nlog.console = true\nlog.console.level = info\n"
      "disk_free_limit.absolute = 1MB\n",
      port_, tls_port_, folder, folder, folder);
  for (const std::string& line : config_) text += line + "\n";
  ntest::write_file(folder_.path() / "rabbitmq.conf", text);
  const std::vector<std::string> arguments{"epmd", "-port", std::to_string(epmd_port_), "-address", "127.0.0.1"};
  epmd_ = std::make_unique<ntest::ChildProcess>(*ntest::find_program("epmd"), arguments, folder_.path() / "epmd.log");
}

std::map<std::string, std::string> RabbitmqServer::environment() const {
  const std::string folder = folder_.path().string();
  return {
      {"HOME", folder + "/home"},
      {"RABBITMQ_CONF_ENV_FILE", "/dev/null"},
      {"RABBITMQ_CONFIG_FILE", folder + "/rabbitmq"},
      {"RABBITMQ_MNESIA_BASE", folder + "/data"},
      {"RABBITMQ_LOG_BASE", folder + "/log"},
      {"RABBITMQ_ENABLED_PLUGINS_FILE", folder + "/enabled_plugins"},
      {"RABBITMQ_NODENAME", fmt::format("ghstats{}@localhost", port_)},
      {"RABBITMQ_DIST_PORT", std::to_string(erlang_port_)},
      {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"},
      {"ERL_EPMD_ADDRESS", "127.0.0.1"},
      {"ERL_EPMD_PORT", std::to_string(epmd_port_)},
      // The script then becomes the server, instead of waiting for a child of its own: signals arrive.
      {"RUNNING_UNDER_SYSTEMD", "1"},
  };
}

std::string RabbitmqServer::log() const {
  return ntest::read_file(folder_.path() / "server.log");
}

void RabbitmqServer::start() {
  if (running()) throw std::logic_error("start() while RabbitMQ runs");
  const auto script = find_script("rabbitmq-server");
  if (!script) throw std::runtime_error("no rabbitmq-server");
  const int before = count(log(), kReady);
  process_ = std::make_unique<ntest::ChildProcess>(*script, std::vector{script->string()},
                                                   folder_.path() / "server.log", environment());
  const bool ready = ntest::wait_for(kPatience, [&] { return count(log(), kReady) > before || !running(); }, kBetween);
  if (!ready || !running()) throw std::runtime_error("RabbitMQ does not start:\n" + log());
}

void RabbitmqServer::signal_and_wait(int number) {
  process_->signal(SIGCONT);
  process_->signal(number);
  if (!process_->wait(kPatience)) throw std::runtime_error("RabbitMQ did not end:\n" + log());
}

void RabbitmqServer::stop() {
  signal_and_wait(SIGTERM);
}

void RabbitmqServer::kill() {
  signal_and_wait(SIGKILL);
}

void RabbitmqServer::wipe() {
  if (running()) throw std::runtime_error("wipe() while RabbitMQ runs");
  std::filesystem::remove_all(folder_.path() / "data");
  std::filesystem::create_directory(folder_.path() / "data");
}

void RabbitmqServer::pause() {
  process_->signal(SIGSTOP);
}

void RabbitmqServer::resume() {
  process_->signal(SIGCONT);
}

void RabbitmqServer::set_memory_alarm(bool on) const {
  ctl({"set_vm_memory_high_watermark", on ? "0" : "0.4"});
}

std::string RabbitmqServer::ctl(std::vector<std::string> arguments) const {
  static std::atomic<int> number{0};
  const auto script = find_script("rabbitmqctl");
  if (!script) throw std::runtime_error("no rabbitmqctl");
  const auto output = folder_.path() / fmt::format("ctl.{}.log", ++number);
  arguments.insert(arguments.begin(), {script->string(), "--quiet"});
  std::string said = fmt::format("{} ", arguments[2]);
  // Its exit code is not ours to see, but it says "Error" on every failure.
  const ntest::ChildProcess process(*script, arguments, output, environment());
  if (!process.wait(kPatience))
    throw std::runtime_error("rabbitmqctl does not end: " + said + ntest::read_file(output));
  const std::string text = ntest::read_file(output);
  if (text.find("Error") != std::string::npos) throw std::runtime_error("rabbitmqctl " + said + text);
  return text;
}

}  // namespace ghstats::amqp::testing
