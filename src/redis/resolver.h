// Which server to talk to.
#pragma once

#include <chrono>

#include "async/task.h"
#include "net/endpoint.h"
#include "redis/connection.h"

namespace ghstats::redis {

// Asked before every attempt to connect. All calls on the executor's thread; one resolve() at a time and one verify()
// at a time, which may overlap.
class Resolver {
 public:
  virtual ~Resolver() = default;

  // Within `timeout`. Errors say who was asked.
  virtual async::Task<Result<net::Endpoint>> resolve(std::chrono::nanoseconds timeout) = 0;

  // Whether this is the server that was meant, once it is connected.
  virtual async::Task<Status> verify(Connection& connection, std::chrono::nanoseconds timeout) = 0;

  // How often to ask again while connected, in case the place has changed; 0: never.
  [[nodiscard]] virtual std::chrono::nanoseconds recheck_interval() const = 0;
};

// One server, always the same. Its name is looked up again at each connect. Whether it takes writes shows when it is
// written to (READONLY).
class StandaloneResolver final : public Resolver {
 public:
  explicit StandaloneResolver(net::Endpoint server) : server_(std::move(server)) {}

  async::Task<Result<net::Endpoint>> resolve(std::chrono::nanoseconds timeout) override;
  async::Task<Status> verify(Connection& connection, std::chrono::nanoseconds timeout) override;
  [[nodiscard]] std::chrono::nanoseconds recheck_interval() const override { return std::chrono::nanoseconds{0}; }

 private:
  net::Endpoint server_;
};

}  // namespace ghstats::redis
