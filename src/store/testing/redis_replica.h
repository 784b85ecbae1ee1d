// Replicas of this program as far as a shared store sees them: each has its own connections and its own store object.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/endpoint.h"
#include "redis/client.h"
#include "redis/testing/redis_server.h"
#include "store/redis/redis_store.h"
#include "store/store.h"

namespace ghstats::store::testing {

// The server that the tests of a program share; started when it is first asked for.
redis::testing::RedisServer& shared_redis();

// A prefix that no other test of this program has.
std::string fresh_prefix();

// Connected when made; throws when that takes too long.
class RedisReplica {
 public:
  using MakeResolver = std::function<std::unique_ptr<redis::Resolver>()>;

  RedisReplica(boost::asio::io_context& io, const Clock& clock, const net::Endpoint& server, RedisStoreOptions options);
  RedisReplica(boost::asio::io_context& io, const Clock& clock, const MakeResolver& resolver,
               RedisStoreOptions options);
  ~RedisReplica();
  RedisReplica(const RedisReplica&) = delete;
  RedisReplica& operator=(const RedisReplica&) = delete;

  [[nodiscard]] MetricStore& store() { return *store_; }
  [[nodiscard]] redis::Client& client() { return client_; }
  void wait_connected();

 private:
  boost::asio::io_context& io_;
  redis::Client client_;
  redis::Client waiting_;
  std::unique_ptr<MetricStore> store_;
};

// The same as one object, for who wants a store only.
std::unique_ptr<MetricStore> make_owning_store(std::unique_ptr<RedisReplica> replica);

}  // namespace ghstats::store::testing
