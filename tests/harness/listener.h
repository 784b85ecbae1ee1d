// A web site of the test's own that writes down who asked it what.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"

namespace ghstats::harness {

// On a free port of 127.0.0.1 and a thread of its own; answers everything with an empty JSON list.
class Listener {
 public:
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<http::ServerRequest> requests() const;

 private:
  boost::asio::io_context io_;
  mutable std::mutex mutex_;
  std::vector<http::ServerRequest> requests_;
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

}  // namespace ghstats::harness
