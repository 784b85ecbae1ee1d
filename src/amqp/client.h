// A connection that comes back.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "amqp/connection.h"
#include "async/reconnect_fsm.h"
#include "async/task_group.h"
#include "async/watch.h"

namespace ghstats::amqp {

// LinkState::error of a client whose first attempt has not ended.
inline constexpr std::string_view kNotConnectedYet = "not connected yet";

struct LinkState {
  bool connected = false;
  net::Endpoint broker = {};  // when connected
  std::string blocked = {};   // when connected: why the broker takes no messages now (an alarm); empty when it does
  Error error = {};           // when not connected: why, with the code of the reason
};

struct ClientOptions {
  std::vector<net::Endpoint> hosts = {};  // at least one; tried in turn, without a pause, before backoff begins
  ConnectionOptions connection = {};
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds{5};  // for each host, without `on_connect`
  std::chrono::nanoseconds close_timeout = std::chrono::seconds{1};    // for the goodbye
  async::RetryPolicy backoff{.max_attempts = 0, .initial_backoff = Duration{100}, .max_backoff = Duration{1000}};
  async::Random random = async::make_random();
  async::Sleeper sleep = async::sleep_for;  // between attempts
  // Runs after every (re)connect, before anybody else may use the connection: declares what must be there. An error
  // drops the connection, which is then tried again. Must put deadlines on what it asks.
  std::function<async::Task<Status>(Connection&)> on_connect = {};
  // Whenever state() says something else. Must not wait, nor destroy the client.
  std::function<void(const LinkState&)> on_state = {};
};

// What a URL says, for a client; `ca_file` as TlsContext::make, only with amqps. kInvalidArgument.
Result<ClientOptions> make_client_options(const Url& url, const std::string& ca_file = {});

// Connects in the background, for ever, whatever the errors. While there is no connection everything fails at once, so
// that nobody waits for a broker that is not there. All calls on the executor's thread.
//
// What belongs to a connection (channels, consumers, deliveries in hand) ends with it and is made anew by its owner:
// topology in on_connect; consumers by whoever consumes, when next() says kUnavailable and wait_connected() that there
// is a new connection. Only publish() bridges a loss.
class Client {
 public:
  Client(boost::asio::any_io_executor executor, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // As Channel::publish(), on a channel of the client's own. kUnavailable at once while there is no connection (not
  // sent). A message that was not confirmed when the connection was lost is published again on the next one, while
  // `timeout` lasts: it may then be in its queue twice, and is there at least once when this returns success. Where the
  // server closes the channel instead (no such exchange), every message not confirmed on it fails with that error
  // (where one was too large, only that one does, and the others with kUnavailable), and the connection is made anew,
  // so that on_connect may put right what is missing.
  async::Task<Status> publish(Publication publication, std::chrono::nanoseconds timeout);

  // A channel of the connection there is now. kUnavailable at once while there is none.
  async::Task<Result<std::shared_ptr<Channel>>> open_channel(std::chrono::nanoseconds timeout);

  // Returns once connected. Otherwise the reason, with its code: after `timeout`, or at once when only the operator can
  // remove it (kUnauthenticated, kPermissionDenied, kInvalidArgument, kNotFound, kConflict). kCancelled.
  async::Task<Status> wait_connected(std::chrono::nanoseconds timeout);

  [[nodiscard]] const LinkState& state() const { return state_; }
  // Bumped with every change of state() and every attempt.
  [[nodiscard]] async::Watch& changed() { return changed_; }
  // How often it has connected so far.
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

  // Drops the connection, as if it had been lost: for an owner who has seen that something is wrong with it.
  void reconnect(Error why);

  // Says goodbye, ends the connection and the attempts; what is in flight fails. Must be called before destruction.
  async::Task<> stop();

 private:
  async::Task<> run();
  async::Task<Result<std::shared_ptr<Connection>>> connect();
  async::Task<Result<std::shared_ptr<Connection>>> connect_to(net::Endpoint host);
  async::Task<Status> prepare(Connection& connection);
  async::Task<Status> wait_for_the_next(std::uint64_t connection, SteadyPoint end);
  void set_state(LinkState state);
  void show_blocked();

  const ClientOptions options_;
  async::ReconnectFsm reconnect_;
  std::size_t next_host_ = 0;
  std::shared_ptr<Connection> connection_;   // null while there is none to use
  std::shared_ptr<Channel> publisher_;       // of connection_
  std::shared_ptr<Channel> next_publisher_;  // of the connection that is being prepared
  bool stopped_ = false;
  LinkState state_;
  std::uint64_t connections_ = 0;
  async::Watch changed_;
  async::TaskGroup tasks_;
};

}  // namespace ghstats::amqp
