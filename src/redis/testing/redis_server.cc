#include "redis/testing/redis_server.h"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ghstats::redis::testing {

using namespace std::chrono_literals;
namespace ntest = net::testing;

namespace {

constexpr auto kPatience = 10s;

std::map<std::string, std::string>& environment_of_servers() {
  static std::map<std::string, std::string> environment;
  return environment;
}

std::optional<std::filesystem::path> find_redis() {
  auto found = ntest::find_program("redis-server");
  return found ? found : ntest::find_program("redis-check-rdb");
}

int count(const std::string& text, const std::string& wanted) {
  int times = 0;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + wanted.size())) ++times;
  return times;
}

std::string config_text(const Config& config, std::uint16_t port, const std::filesystem::path& folder, bool sentinel) {
  std::string text = fmt::format("bind 127.0.0.1\nport {}\ndir {}\n", port, folder.string());
  // Replication goes on when the wall clock is moved: a day without a word is no reason to hang up.
  if (!sentinel) text += "repl-timeout 86400\nsave \"\"\nappendonly no\nrepl-diskless-sync-delay 0\n";
  for (std::string line : config) {
    const auto place = line.find("{port}");
    if (place != std::string::npos) line.replace(place, 6, std::to_string(port));
    text += line + "\n";
  }
  return text;
}

}  // namespace

bool redis_is_installed() {
  return find_redis().has_value();
}

RedisServer::RedisServer(Config config, Kind kind) : config_(std::move(config)), kind_(kind) {
  for (int attempt = 1;; ++attempt) {
    port_ = ntest::free_port();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      // Somebody else was faster with the port.
      constexpr int kAttempts = 5;
      if (attempt == kAttempts || log().find("Address already in use") == std::string::npos) throw;
      std::filesystem::remove(folder() / "redis.conf");
    }
  }
}

RedisServer::~RedisServer() = default;

std::string RedisServer::log() const {
  return ntest::read_file(folder() / "log");
}

void RedisServer::wait_for_log(const std::string& text, int times) const {
  if (ntest::wait_for(kPatience, [&] { return count(log(), text) >= times || !running(); }) && running()) return;
  throw std::runtime_error(fmt::format("Redis did not say '{}':\n{}", text, log()));
}

void RedisServer::set_environment(std::map<std::string, std::string> environment) {
  environment_of_servers() = std::move(environment);
}

void RedisServer::start() {
  const auto program = find_redis();
  if (!program) throw std::runtime_error("no redis-server on PATH");
  const bool sentinel = kind_ == Kind::kSentinel;
  const auto file = folder() / "redis.conf";
  // A Sentinel writes what it has learned into its configuration.
  if (!sentinel || !std::filesystem::exists(file)) {
    ntest::write_file(file, config_text(config_, port_, folder(), sentinel));
  }
  const std::string ready = sentinel ? "+monitor master" : "Ready to accept connections";
  const int before = count(log(), ready);
  std::vector<std::string> arguments{"redis-server", file.string()};
  if (sentinel) arguments.emplace_back("--sentinel");
  const auto environment = sentinel ? std::map<std::string, std::string>() : environment_of_servers();
  process_ = std::make_unique<ntest::ChildProcess>(*program, arguments, folder() / "log", environment);
  wait_for_log(ready, before + 1);
}

void RedisServer::signal_and_wait(int number) {
  process_->signal(SIGCONT);
  process_->signal(number);
  if (!process_->wait(kPatience)) throw std::runtime_error("Redis did not end:\n" + log());
}

void RedisServer::stop() {
  signal_and_wait(SIGTERM);
}

void RedisServer::kill() {
  signal_and_wait(SIGKILL);
}

void RedisServer::pause() {
  process_->signal(SIGSTOP);
}

void RedisServer::resume() {
  process_->signal(SIGCONT);
}

TlsFiles::TlsFiles(const ntest::TestCertificates& certificates) {
  ntest::write_file(folder_.path() / "ca.pem", certificates.authority);
  ntest::write_file(folder_.path() / "server.pem", certificates.server);
  ntest::write_file(folder_.path() / "key.pem", certificates.server_key);
}

Config TlsFiles::config() const {
  const std::string folder = folder_.path().string();
  return {"port 0",
          "tls-port {port}",
          "tls-auth-clients no",
          "tls-ca-cert-file " + folder + "/ca.pem",
          "tls-cert-file " + folder + "/server.pem",
          "tls-key-file " + folder + "/key.pem"};
}

SentinelSet::SentinelSet(SentinelSetOptions options) {
  Config config;
  if (!options.password.empty()) config = {"requirepass " + options.password, "masterauth " + options.password};
  master_ = std::make_unique<RedisServer>(config);
  config.push_back(fmt::format("replicaof 127.0.0.1 {}", master_->port()));
  replica_ = std::make_unique<RedisServer>(config);
  replica_->wait_for_log("sync: Finished with success");

  Config watch{fmt::format("sentinel monitor {} 127.0.0.1 {} 2", options.name, master_->port()),
               fmt::format("sentinel down-after-milliseconds {} 500", options.name),
               fmt::format("sentinel failover-timeout {} 3000", options.name)};
  if (!options.password.empty())
    watch.push_back(fmt::format("sentinel auth-pass {} {}", options.name, options.password));
  if (!options.sentinel_password.empty()) {
    watch.push_back("requirepass " + options.sentinel_password);
    watch.push_back("sentinel sentinel-pass " + options.sentinel_password);
  }
  for (int i = 0; i < 3; ++i) sentinels_.push_back(std::make_unique<RedisServer>(watch, RedisServer::Kind::kSentinel));
  for (const auto& sentinel : sentinels_) {
    sentinel->wait_for_log("+slave slave");
    sentinel->wait_for_log("+sentinel sentinel", 2);
  }
}

std::vector<net::Endpoint> SentinelSet::sentinels() const {
  std::vector<net::Endpoint> out;
  out.reserve(sentinels_.size());
  for (const auto& sentinel : sentinels_) out.push_back(sentinel->endpoint());
  return out;
}

}  // namespace ghstats::redis::testing
