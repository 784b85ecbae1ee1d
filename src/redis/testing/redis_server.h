// Real Redis servers for tests, on free ports of 127.0.0.1 and in folders of their own. Programs that use them must
// skip when there is none: GHSTATS_NEEDS_REDIS().
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/endpoint.h"
#include "net/testing/certificates.h"
#include "net/testing/child_process.h"

namespace ghstats::redis::testing {

// `redis-server` on PATH, or Debian's redis-check-rdb (package redis-tools), which is the same program and becomes the
// server when it is called by that name.
bool redis_is_installed();

#define GHSTATS_NEEDS_REDIS()                                                                            \
  if (!::ghstats::redis::testing::redis_is_installed()) {                                                \
    GTEST_SKIP() << "no Redis on PATH: './dev setup' installs it (Debian: redis-tools or redis-server)"; \
  }                                                                                                      \
  static_assert(true, "a semicolon follows")

// Lines of redis.conf, in addition to address, port, folder and "save nothing"; {port} stands for the server's port.
using Config = std::vector<std::string>;

// Everything waits until it is done, and throws when it is not within ten seconds.
class RedisServer {
 public:
  enum class Kind : std::uint8_t { kServer, kSentinel };

  // Starts it and waits until it takes connections.
  explicit RedisServer(Config config = {}, Kind kind = Kind::kServer);

  // What servers (no Sentinels, which measure by the wall clock) of this test program have in their environment from
  // now on: for example a wall clock that a test moves.
  static void set_environment(std::map<std::string, std::string> environment);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] net::Endpoint endpoint() const { return {"127.0.0.1", port_}; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] bool running() const { return process_ && process_->running(); }
  [[nodiscard]] std::string log() const;

  // Again, on the same port, with the data of the folder (none, unless `config` makes it save).
  void start();
  void wait_for_log(const std::string& text, int times = 1) const;
  void stop();  // SIGTERM: saves, if it is configured to
  void kill();  // SIGKILL
  // SIGSTOP: the kernel still accepts connections, nothing answers.
  void pause();
  void resume();

 private:
  void signal_and_wait(int number);

  Config config_;
  Kind kind_;
  std::uint16_t port_ = 0;
  net::testing::TemporaryFolder folder_;
  std::unique_ptr<net::testing::ChildProcess> process_;
};

// A certificate and its key as files, for servers that speak TLS only.
class TlsFiles {
 public:
  explicit TlsFiles(const net::testing::TestCertificates& certificates);
  [[nodiscard]] std::string authority() const { return (folder_.path() / "ca.pem").string(); }
  [[nodiscard]] Config config() const;

 private:
  net::testing::TemporaryFolder folder_;
};

struct SentinelSetOptions {
  std::string name = "mymaster";
  std::string password = {};           // of master and replica
  std::string sentinel_password = {};  // of the Sentinels
};

// A master, one replica and three Sentinels with a quorum of two that look for a new master after half a second.
class SentinelSet {
 public:
  // Waits until every Sentinel knows the replica and the other Sentinels.
  explicit SentinelSet(SentinelSetOptions options = {});

  [[nodiscard]] std::vector<net::Endpoint> sentinels() const;
  [[nodiscard]] RedisServer& sentinel(std::size_t i) { return *sentinels_.at(i); }
  // As they began.
  [[nodiscard]] RedisServer& master() { return *master_; }
  [[nodiscard]] RedisServer& replica() { return *replica_; }

 private:
  std::unique_ptr<RedisServer> master_;
  std::unique_ptr<RedisServer> replica_;
  std::vector<std::unique_ptr<RedisServer>> sentinels_;
};

}  // namespace ghstats::redis::testing
