// Where this replica's series live: memory, or the Redis that replicas share.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "async/task.h"
#include "base/clock.h"
#include "config/config.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "redis/client.h"
#include "store/joining_store.h"
#include "store/store.h"

namespace ghstats::app {

// A Redis client as `store` describes it, not yet connecting. kInvalidArgument: an address or redis_ca_file.
struct RedisAccess {
  redis::ClientOptions options;
  std::function<std::unique_ptr<redis::Resolver>()> make_resolver;
};
Result<RedisAccess> redis_access(const config::Store& store, const std::string& replica);

// Whose events these are: "api.github.com: acme, globex". The order of the configuration does not matter, the spelling
// does.
std::string environment_of(const config::Github& github);

// Owns the stores and what connects them. All calls on the executor's thread.
class SharedStore {
 public:
  // Begins to connect when store.backend is redis; `on_redis_time` as RedisStoreOptions has it, `on_joined` as
  // JoiningOptions. What is too old to be kept is so by `clock`. Errors: those of redis_access(). `clock` and
  // `recorder` must outlive it.
  static Result<std::unique_ptr<SharedStore>> make(
      boost::asio::any_io_executor executor, const Clock& clock, const config::Config& config, std::string replica,
      metrics::Recorder& recorder, log::Logger logger,
      std::function<void(TimePoint, SteadyPoint, SteadyPoint)> on_redis_time = {},
      std::function<void()> on_joined = [] {});

  [[nodiscard]] store::MetricStore& store() { return joining_ ? *joining_ : *memory_; }
  // Whether replicas share it, once it was joined.
  [[nodiscard]] bool is_shared() const { return joining_ != nullptr; }

  // Decides between Redis and memory, and joins Redis later: store::JoiningStore. Lives until that is over.
  async::Task<> run();

  // Ends the connections. Must be awaited before destruction, after everything that uses the store.
  async::Task<> stop();

 private:
  SharedStore() = default;

  std::unique_ptr<store::MetricStore> memory_;
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<redis::Client> waiting_;  // for what waits at the server
  std::unique_ptr<store::MetricStore> redis_;
  std::unique_ptr<store::JoiningStore> joining_;  // null with store.backend memory
};

}  // namespace ghstats::app
