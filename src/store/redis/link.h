// How the store talks to Redis: with its functions in place, and with errors that an operator understands.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "redis/client.h"
#include "store/redis/keys.h"

namespace ghstats::store {

// All calls on the client's thread.
class RedisLink {
 public:
  RedisLink(redis::Client& client, RedisKeys keys, std::chrono::nanoseconds timeout)
      : client_(client), keys_(std::move(keys)), timeout_(timeout) {}

  // FCALL of one of the store's functions: on the prefix, or on a key and the store's meta.
  static redis::Command function(std::string_view name, std::initializer_list<std::string> keys);

  // One round trip; every reply is what was wanted, or the first error is returned. A server without this version's
  // functions is given them and asked again: what it did not know it has not done.
  async::Task<Result<std::vector<redis::Reply>>> ask(std::vector<redis::Command> commands);
  async::Task<Result<redis::Reply>> ask(redis::Command command);

  // The same over this connection or none, and without bringing functions: for what must meet the data that an earlier
  // call has met. kUnavailable when the connection is another one by now.
  async::Task<Result<redis::Reply>> ask_over(std::uint64_t connection, redis::Command command);

  // One round trip; errors of the server stay replies. With this and all other calls, a connection that is forbidden
  // anything but INFO and TIME is given up: the next one begins with finding out what its user lacks (rights.h).
  async::Task<Result<std::vector<redis::Reply>>> execute(std::vector<redis::Command> commands);

  // Every field of a hash and its value, at least once each if it stays; in pages, so that no hash is too large.
  using Visitor = std::function<void(std::string& field, std::string& value)>;
  async::Task<Status> scan(std::string key, Visitor visit);

  // Which connection ask() uses: another number means another connection, maybe to another server. None: 0.
  [[nodiscard]] std::uint64_t connection() const { return client_.state().connected ? client_.connections() : 0; }
  [[nodiscard]] const redis::LinkState& state() const { return client_.state(); }
  [[nodiscard]] const RedisKeys& keys() const { return keys_; }

 private:
  async::Task<Status> load_functions();
  async::Task<Result<std::vector<redis::Reply>>> watch(std::shared_ptr<const std::vector<redis::Command>> commands);

  redis::Client& client_;
  RedisKeys keys_;
  std::chrono::nanoseconds timeout_;
};

// What begins an error about something in Redis that this program has not written like that.
inline constexpr std::string_view kDamaged = "what Redis holds is damaged";

// Says what to do about errors that are not of the network.
Error explain(const redis::ServerError& error);

// The only one, of a call that asked for one thing.
Result<redis::Reply> first_of(Result<std::vector<redis::Reply>> replies);

}  // namespace ghstats::store
