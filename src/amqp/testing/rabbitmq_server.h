// A real RabbitMQ for tests, on free ports of 127.0.0.1 and in a folder of its own. Tests that use it must skip when
// there is none: GHSTATS_NEEDS_RABBITMQ().
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/endpoint.h"
#include "net/testing/child_process.h"

namespace ghstats::amqp::testing {

// RabbitMQ's own scripts (Debian: /usr/lib/rabbitmq/bin, or unpacked and on PATH), and Erlang.
bool rabbitmq_is_installed();

#define GHSTATS_NEEDS_RABBITMQ()                                                                                  \
  if (!::ghstats::amqp::testing::rabbitmq_is_installed()) {                                                       \
    GTEST_SKIP() << "no RabbitMQ: './dev setup' unpacks one, and './dev test' finds it (tools/rabbitmq_path.sh)"; \
  }                                                                                                               \
  static_assert(true, "a semicolon follows")

// Everything waits until it is done, and throws when it is not within a minute. A start takes about five seconds, so
// tests share one server and tell their queues apart, where they do not stop it.
class RabbitmqServer {
 public:
  // Starts it and waits until it takes connections. `config`: more lines of rabbitmq.conf.
  explicit RabbitmqServer(std::vector<std::string> config = {});
  ~RabbitmqServer();
  RabbitmqServer(const RabbitmqServer&) = delete;
  RabbitmqServer& operator=(const RabbitmqServer&) = delete;

  // The one of this program, started when first asked for. A test that stops it starts it again.
  static RabbitmqServer& shared();

  [[nodiscard]] net::Endpoint endpoint() const { return {"127.0.0.1", port_}; }
  [[nodiscard]] net::Endpoint tls_endpoint() const { return {"127.0.0.1", tls_port_}; }
  // Its certificate is for 127.0.0.1 and localhost; this is the authority's file.
  [[nodiscard]] std::string authority() const { return (folder_.path() / "ca.pem").string(); }
  [[nodiscard]] std::string log() const;
  [[nodiscard]] bool running() const { return process_ && process_->running(); }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

  // Again, on the same ports, with the data of the folder.
  void start();
  void stop();  // SIGTERM
  void kill();  // SIGKILL
  void wipe();  // while it is stopped: every queue, user and virtual host
  // SIGSTOP: the kernel still accepts connections, nothing answers.
  void pause();
  void resume();

  // While it is on, the broker takes no messages.
  void set_memory_alarm(bool on) const;

  // Runs rabbitmqctl; what it printed. Takes a second. Throws when it fails.
  std::string ctl(std::vector<std::string> arguments) const;  // NOLINT(modernize-use-nodiscard)

 private:
  void choose_ports();
  [[nodiscard]] std::map<std::string, std::string> environment() const;
  void signal_and_wait(int number);

  std::vector<std::string> config_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::uint16_t erlang_port_ = 0;
  std::uint16_t epmd_port_ = 0;
  net::testing::TemporaryFolder folder_;
  std::unique_ptr<net::testing::ChildProcess> epmd_;  // Erlang's name server; ours, because one that it starts stays
  std::unique_ptr<net::testing::ChildProcess> process_;
};

}  // namespace ghstats::amqp::testing
